# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'coordination'

OPTS = [
    cfg.StrOpt(
        'backend_url',
        secret=True,
        help='Where several engines find each other to share the clouds and '
        'the stacks: a tooz URL such as redis://host:6379, '
        'etcd3+http://host:2379 or file:///path (one host). Unset: this '
        'engine is the only one.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
