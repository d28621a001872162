# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'metrics'

OPTS = [
    cfg.BoolOpt(
        'enabled',
        default=False,
        help='Whether the API and the engine each listen on a port of their '
        'own for Prometheus. Off, they open no port and ask the database '
        'nothing for it.',
    ),
    cfg.HostAddressOpt(
        'host',
        default='127.0.0.1',
        help='Address that the metrics are read at. Nobody is asked who they '
        'are: whoever reaches it learns the names of the clouds and how '
        'many stacks there are. Other than a loopback address, let it be one '
        'of a management network.',
    ),
    cfg.PortOpt(
        'api_port',
        default=9784,
        help='Port of the metrics of the API. 0 takes any free port and logs '
        'it. With one that is taken the API goes on without metrics, and '
        'logs an error.',
    ),
    cfg.PortOpt(
        'engine_port',
        default=9785,
        help='Port of the metrics of the engine. 0 takes any free port and '
        'logs it. With one that is taken the engine goes on without metrics, '
        'and logs an error: several engines on one host need one each.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
