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
    cfg.FloatOpt(
        'heartbeat_interval',
        default=3.0,
        min=0.1,
        help='Seconds between two heartbeats of an engine. Each is one small '
        'write to the database.',
    ),
    cfg.FloatOpt(
        'heartbeat_timeout',
        default=15.0,
        min=0.3,
        help='Seconds without a heartbeat after which the other engines take '
        'over the clouds and the stacks of an engine. At least three times '
        'heartbeat_interval. An engine that cannot write its heartbeat sends '
        'nothing to any cloud one interval earlier, so a small value makes a '
        'slow database stop the work. All engines must have the same value.',
    ),
    cfg.IntOpt(
        'workers',
        default=1,
        min=1,
        help='Engine processes in one service, each an engine of its own that '
        'is started again when it dies. They share the clouds and the stacks '
        'as engines on different hosts do.',
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
