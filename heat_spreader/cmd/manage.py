# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage: the database, checks of clouds and witnesses."""

import argparse
import datetime
import re
import sys

import alembic.util
from oslo_config import cfg
from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import service
from heat_spreader.cmd import cloud_check
from heat_spreader.cmd import witness_check
from heat_spreader.db import events
from heat_spreader.db import migration
from heat_spreader.db import models
from heat_spreader.db import session

_UNITS = {'': 'days', 'h': 'hours', 'd': 'days', 'w': 'weeks'}
_OLDEST = datetime.timedelta(days=36500)
# Mistakes of the operator, which are reported in one line.
_ERRORS = (
    *session.ERRORS,
    alembic.util.CommandError,
    cfg.Error,
    exception.HeatSpreaderException,
)


def _sync(conf):
    before = migration.version()
    migration.sync(conf.command.revision)
    after = migration.version()
    if before == after:
        print(f'The database is already at revision {after}.')
    else:
        print(f'The database is now at revision {after}.')


def _version(conf):
    print(migration.version() or 'none: the database has no tables yet')


def _stamp(conf):
    migration.stamp(conf.command.revision)
    print(f'The database is now marked as revision {migration.version()}.')


def _purge_events(conf):
    service.check_tables(conf)
    before = models.utcnow() - conf.command.age
    with context.for_engine() as ctx:
        deleted = events.purge(ctx, before)
    print(f'Deleted {deleted} events from before {before:%Y-%m-%d %H:%M} UTC.')


def _age(text):
    """An age: 30 or 30d (days), 12h (hours), 2w (weeks)."""
    found = re.fullmatch(r'(\d{1,6})([hdw]?)', text, re.ASCII)
    if not found:
        raise argparse.ArgumentTypeError(
            f"'{text}' is not an age. Use a number of days, or a number with "
            'a unit: 30, 12h, 30d, 2w.'
        )
    age = datetime.timedelta(**{_UNITS[found[2]]: int(found[1])})
    if age > _OLDEST:
        raise argparse.ArgumentTypeError(f"'{text}' is more than 100 years.")
    return age


def add_commands(subparsers):
    """Add the commands to a parser of the command line."""
    _add_db(subparsers)
    _add_purge(subparsers)
    cloud_check.add_commands(subparsers)
    witness_check.add_commands(subparsers)


def _add_db(subparsers):
    db = subparsers.add_parser('db', help='Manage the tables of the database.')
    actions = db.add_subparsers(title='commands', dest='action', required=True)
    sync = actions.add_parser(
        'sync',
        help='Create the tables, or upgrade them. Tables that are up to date '
        'are not changed.',
    )
    sync.add_argument(
        '--version',
        dest='revision',
        metavar='REVISION',
        default='head',
        help='The revision to upgrade to (default: the newest).',
    )
    sync.set_defaults(run=_sync)
    version = actions.add_parser(
        'version', help='Print the revision of the tables.'
    )
    version.set_defaults(run=_version)
    stamp = actions.add_parser(
        'stamp',
        help='Mark the tables as being at a revision, without checking or '
        'changing them; for use after a manual repair.',
    )
    stamp.add_argument(
        'revision',
        metavar='REVISION',
        help='The revision to mark the tables with; head is the newest.',
    )
    stamp.set_defaults(run=_stamp)


def _add_purge(subparsers):
    purge = subparsers.add_parser('purge', help='Delete old rows.')
    actions = purge.add_subparsers(
        title='commands', dest='action', required=True
    )
    purge_events = actions.add_parser(
        'events',
        help='Delete old events, in batches; the service can keep running.',
    )
    purge_events.add_argument(
        '--older-than',
        dest='age',
        metavar='AGE',
        type=_age,
        required=True,
        help='Delete the events that are older: a number of days, or a number '
        'with a unit: 12h (hours), 30d (days), 2w (weeks).',
    )
    purge_events.set_defaults(run=_purge_events)


COMMAND = cfg.SubCommandOpt(
    'command',
    title='commands',
    description='Create and upgrade the tables of Heat Spreader, delete old '
    'rows, and check the clouds and the witnesses.',
    handler=add_commands,
)


def _explain(conf, exc):
    line = session.reason(exc)
    if isinstance(exc, session.ERRORS):
        line = f'The database {session.describe(conf)} cannot be used: {line}'
    return f'heat-spreader-manage: {line}'


def main(argv=None):
    """Run the command of the command line and return its exit code."""
    conf = service.make_conf()
    conf.register_cli_opt(COMMAND)
    # By default oslo.log writes to standard output.
    conf.set_default('use_stderr', True)
    logging.set_defaults(
        default_log_levels=[
            *service.LOG_LEVELS,
            # The command reports it itself.
            'heat_spreader.db.outages=CRITICAL',
        ]
    )
    try:
        service.prepare(conf, sys.argv[1:] if argv is None else argv)
        return conf.command.run(conf) or 0
    except _ERRORS as exc:
        print(_explain(conf, exc), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        # As a shell reports a program that SIGINT has ended.
        return 130


if __name__ == '__main__':
    sys.exit(main())
