# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'metrics'

OPTS = [
    cfg.BoolOpt(
        'enabled',
        default=False,
        help='Whether the API and the engine each serve metrics to '
        'Prometheus, on separate ports. If not, no port is opened and no '
        'queries for metrics are sent to the database.',
    ),
    cfg.HostAddressOpt(
        'host',
        default='127.0.0.1',
        help='The address that the metrics are served on. There is no '
        'authentication: everyone who can reach the address can read the '
        'names of the clouds and the number of stacks, and with projects the '
        'names of stacks. Use a loopback address or one of a management '
        'network.',
    ),
    cfg.ListOpt(
        'projects',
        default=[],
        help='The IDs of the projects whose stacks have metrics of their own, '
        'with the name of the stack, or * for all projects. Each stack adds a '
        'time series, and two for each of its clouds, so with many stacks a '
        'scrape becomes large. Empty: no project and no stack is named.',
    ),
    cfg.PortOpt(
        'api_port',
        default=9784,
        help='The port of the metrics of the API. With 0 it is any free port, '
        'which is logged. If the port is in use, the API logs an error and '
        'serves no metrics.',
    ),
    cfg.PortOpt(
        'engine_port',
        default=9785,
        help='The port of the metrics of the engine. With 0 it is any free '
        'port, which is logged. If the port is in use, the engine logs an '
        'error and serves no metrics: each of several engines on one host '
        'needs its own port.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
