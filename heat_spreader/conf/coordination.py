# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'coordination'

OPTS = [
    cfg.StrOpt(
        'backend_url',
        secret=True,
        help='The backend through which several engines share the clouds and '
        'the stacks: a tooz URL such as redis://host:6379, '
        'etcd3+http://host:2379 or file:///path (engines on one host). Unset: '
        'the engine does not expect another one.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
