# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'api'

OPTS = [
    cfg.HostAddressOpt(
        'host',
        default='127.0.0.1',
        help='Address that heat-spreader-api listens on. Under uWSGI or '
        'mod_wsgi the web server decides and this is not used.',
    ),
    cfg.PortOpt(
        'port',
        default=8784,
        help='Port that heat-spreader-api listens on. 0 takes any free port '
        'and logs it.',
    ),
    cfg.IntOpt(
        'threads',
        default=8,
        min=1,
        help='Requests that heat-spreader-api serves at the same time. More '
        'wait in a queue.',
    ),
    cfg.IntOpt(
        'shutdown_timeout',
        default=60,
        min=1,
        help='Seconds that the requests in flight have to finish after '
        'SIGTERM. 5 seconds later the process ends, whatever a request waits '
        'for. Too few end requests that a slow database would have answered.',
    ),
    cfg.StrOpt(
        'auth_strategy',
        default='keystone',
        choices=[
            ('keystone', 'Keystone tokens, checked by keystonemiddleware'),
            ('http_basic', 'names and passwords of an htpasswd file'),
            ('noauth', 'nobody is asked; on a loopback address only'),
        ],
        help='How a caller is known. With http_basic and noauth every caller '
        'is an administrator of one project named "default".',
    ),
    cfg.StrOpt(
        'http_basic_auth_user_file',
        default='/etc/heat-spreader/htpasswd',
        help='The htpasswd file of auth_strategy = http_basic: a name and a '
        'bcrypt hash a line, as htpasswd -nbB makes them. Read again '
        'when it changes.',
    ),
    cfg.IntOpt(
        'max_limit',
        default=1000,
        min=1,
        help='The most rows that one answer lists, and what is listed where '
        'a request names no limit. Larger answers cost memory in the API.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
