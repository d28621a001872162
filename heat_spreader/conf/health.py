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
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
