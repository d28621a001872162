# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'health'

OPTS = [
    cfg.IntOpt(
        'failure_threshold',
        default=3,
        min=1,
        help='Surveys that must fail in a row before a cloud is DOWN. With 1 '
        'a single lost answer moves workload.',
    ),
    cfg.IntOpt(
        'success_threshold',
        default=2,
        min=1,
        help='Surveys that must succeed in a row before a cloud that was '
        'DOWN is UP. With 1 a cloud that flaps is trusted at once.',
    ),
    cfg.FloatOpt(
        'failover_delay',
        default=0.0,
        min=0.0,
        help='Seconds that a cloud must have been SUSPECT before it is DOWN '
        'and its weight is spread over the others. 0: after '
        'failure_threshold surveys. Meanwhile the stacks with a member there '
        'have less than their total.',
    ),
    cfg.FloatOpt(
        'failback_delay',
        default=0.0,
        min=0.0,
        help='Seconds that a cloud must have been answering again before it '
        'is UP and takes its weight back. 0: after success_threshold '
        'surveys.',
    ),
    cfg.IntOpt(
        'max_down_clouds',
        default=0,
        min=0,
        help='With more clouds DOWN at once than this, nothing is changed '
        'anywhere and the stacks are FROZEN: the likelier culprit is '
        'then the network of the engine. 0: no limit. When no cloud can be '
        'reached at all, nothing is changed whatever this says.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
