# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'engine'

OPTS = [
    cfg.FloatOpt(
        'survey_interval',
        default=10.0,
        min=0.1,
        help='Seconds between two looks at a cloud where all is settled. An '
        'outage is noticed after failure_threshold of them.',
    ),
    cfg.FloatOpt(
        'settle_interval',
        default=2.0,
        min=0.1,
        help='Seconds between two looks at a cloud while Heat is at work '
        'there. Scale-downs that wait for new capacity go on this much '
        'after it is ready.',
    ),
    cfg.FloatOpt(
        'resync_interval',
        default=600.0,
        min=1.0,
        help='Seconds after which every stack is read again although '
        'nothing seemed to move. It finds changes that leave no trace in '
        'the list of stacks.',
    ),
    cfg.FloatOpt(
        'reconcile_interval',
        default=1.0,
        min=0.1,
        help='Seconds between two looks for stacks that want something '
        'done. Each look is one query.',
    ),
    cfg.IntOpt(
        'threads',
        default=16,
        min=1,
        help='Stacks that are worked on at the same time.',
    ),
    cfg.IntOpt(
        'max_updates_per_cloud',
        default=8,
        min=1,
        help='Requests about single stacks that one cloud gets at the same '
        'time. Too many make a small Heat slow; too few make a failover of '
        'many stacks long.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
