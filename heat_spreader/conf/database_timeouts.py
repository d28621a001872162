# SPDX-License-Identifier: Apache-2.0
from oslo_config import cfg

GROUP = 'database_timeouts'

OPTS = [
    cfg.IntOpt(
        'connect',
        default=5,
        min=1,
        help='Seconds that a new connection to the database may take. Too few '
        'refuse a slow server or a slow name lookup; with too many, each '
        'request waits that long before it gets 503 while the host is away. '
        'PostgreSQL waits for at least 2. Not used with SQLite.',
    ),
    cfg.IntOpt(
        'statement',
        default=10,
        min=1,
        help='Seconds that the database may take to answer a statement, '
        'before the request gets 503 and the engine tries again later. A '
        'database that hangs holds each request, and the end of the API, for '
        'up to twice this. Too few abort long lists of a slow server. Not '
        'used with SQLite, nor by heat-spreader-manage db sync.',
    ),
    cfg.IntOpt(
        'lock',
        default=5,
        min=1,
        help='Seconds that a statement may wait for a row that another client '
        'of the database has locked, and with SQLite for any other writer. '
        'Then the request gets 503, and the engine tries again later. MariaDB '
        'and PostgreSQL also end a transaction that is idle for so long, as '
        'one of a process that is suspended. Too few '
        'refuse changes that would have succeeded on a busy server; with too '
        'many, a few requests for one locked stack occupy every thread of the '
        'API. Keep it less than the statement timeout. Not used by '
        'heat-spreader-manage db sync.',
    ),
]


def register_opts(conf):
    conf.register_opts(OPTS, group=GROUP)
