# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage engine: whether an engine of a host is alive."""

import datetime
import socket

from heat_spreader import context
from heat_spreader import service
from heat_spreader.db import engines

_HELP = (
    'Show whether an engine of this host has written a heartbeat recently: '
    'the exit code is 0 if there is one and 1 if not. Use it as the health '
    'check of a container or of a host. It reads only the database.'
)


def add_commands(subparsers):
    """Add the commands to a parser of the command line."""
    engine = subparsers.add_parser('engine', help='Check the engines.')
    actions = engine.add_subparsers(
        title='commands', dest='action', required=True
    )
    parser = actions.add_parser('check', help=_HELP, description=_HELP)
    parser.add_argument(
        '--host',
        metavar='HOST',
        default=socket.gethostname(),
        help='Another host, by the name that "engine list" shows.',
    )
    parser.set_defaults(run=_check)


def _check(conf):
    service.check_tables(conf)
    with context.for_engine() as ctx:
        running, now = engines.get_all(ctx)
    host = conf.command.host
    ages = [now - row.heartbeat_at for row, *_ in running if row.host == host]
    timeout = conf.engine.heartbeat_timeout
    if not ages:
        print(f'No engine runs on {host}.')
        return 1
    youngest = min(ages)
    print(
        f'The last heartbeat of an engine on {host} was '
        f'{youngest.total_seconds():.0f} s ago.'
    )
    if youngest < datetime.timedelta(seconds=timeout):
        return 0
    print(f'It is taken for dead after {timeout} s.')
    return 1
