# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage: what an operator does to the database."""

import sys

import alembic.util
import sqlalchemy as sa
from oslo_config import cfg
from oslo_db import exception as db_exc
from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import service
from heat_spreader.db import migration
from heat_spreader.db import session

# A driver that is not installed is a ModuleNotFoundError.
_DATABASE_ERRORS = (
    ModuleNotFoundError,
    db_exc.DBError,
    sa.exc.SQLAlchemyError,
)
# What is said in a line instead of a traceback: it is about what the operator
# gave, not about this program.
_ERRORS = (
    *_DATABASE_ERRORS,
    alembic.util.CommandError,
    cfg.Error,
    exception.HeatSpreaderException,
)


def _sync(conf):
    before = migration.version()
    migration.sync(conf.command.revision)
    after = migration.version()
    if before == after:
        print(f'The database is at revision {after} already.')
    else:
        print(f'The database is now at revision {after}.')


def _version(conf):
    print(migration.version() or 'none: there are no tables yet')


def _add_commands(subparsers):
    db = subparsers.add_parser('db', help='Commands about the database.')
    actions = db.add_subparsers(title='commands', dest='action', required=True)
    sync = actions.add_parser(
        'sync',
        help='Make the tables, or bring them up to date. Nothing is done '
        'where they are.',
    )
    sync.add_argument(
        '--version',
        dest='revision',
        metavar='REVISION',
        default='head',
        help='Stop at this revision (default: the newest).',
    )
    sync.set_defaults(run=_sync)
    version = actions.add_parser(
        'version', help='Print the revision that the tables are at.'
    )
    version.set_defaults(run=_version)


COMMAND = cfg.SubCommandOpt(
    'command',
    title='commands',
    description='Make the tables of Heat Spreader and keep them up to date.',
    handler=_add_commands,
)


def _database(conf):
    """The database URL without its password, for a message."""
    try:
        return sa.make_url(conf.database.connection).render_as_string()
    except sa.exc.ArgumentError:
        return 'of the option connection in [database]'


def _explain(conf, exc):
    line = session.reason(exc)
    if isinstance(exc, _DATABASE_ERRORS):
        line = f'The database {_database(conf)} cannot be used: {line}'
    return f'heat-spreader-manage: {line}'


def main(argv=None):
    """Run the command of the command line and return its exit code."""
    conf = service.make_conf()
    conf.register_cli_opt(COMMAND)
    # The log is not for standard output, where oslo.log writes it.
    conf.set_default('use_stderr', True)
    logging.set_defaults(
        default_log_levels=[
            *logging.get_default_log_levels(),
            'alembic=WARNING',
        ]
    )
    try:
        service.prepare(conf, sys.argv[1:] if argv is None else argv)
        conf.command.run(conf)
    except _ERRORS as exc:
        print(_explain(conf, exc), file=sys.stderr)
        return 1
    return 0


if __name__ == '__main__':
    sys.exit(main())
