# SPDX-License-Identifier: Apache-2.0
"""The schema: brought up to date and asked for its revision by alembic."""

import contextlib
import os
import pathlib

import alembic.command
import alembic.config
import alembic.migration
import alembic.script
import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader.db import session

_DIRECTORY = pathlib.Path(__file__).parent / 'alembic'
# Any number will do that no other program takes for its lock.
_LOCK = 8784
_LONGEST_WAIT = 3600
_SYNC = 'Run: heat-spreader-manage db sync'


def _config(connection=None):
    config = alembic.config.Config()
    config.set_main_option('script_location', str(_DIRECTORY))
    config.attributes['connection'] = connection
    return config


def head():
    """The newest revision that this code knows."""
    return alembic.script.ScriptDirectory.from_config(
        _config()
    ).get_current_head()


def revisions():
    """Every revision that this code knows, from the first to the newest."""
    script = alembic.script.ScriptDirectory.from_config(_config())
    return [each.revision for each in script.walk_revisions()][::-1]


def version(engine=None):
    """The revision of the database, None for an empty one."""
    engine = engine or session.get_engine()
    database = engine.url.database
    if engine.dialect.name == 'sqlite' and not os.path.exists(database or ''):
        return None
    with engine.connect() as connection:
        return alembic.migration.MigrationContext.configure(
            connection
        ).get_current_revision()


def find_problem():
    """Why this code cannot use the tables, and what to do; None if it can."""
    revision = version()
    if revision == head():
        return None
    if revision is None:
        return f'The database has no tables yet. {_SYNC}'
    if revision in revisions():
        return (
            f'The tables are at revision {revision}; the code needs {head()}. '
            f'{_SYNC}'
        )
    return (
        f'The tables are at revision {revision}, which is newer than this '
        f'code; it needs {head()}. Install the release of Heat Spreader that '
        'made them.'
    )


def is_newer(revision):
    """Whether the tables are of a version that this code does not know."""
    return revision is not None and revision not in revisions()


def sync(revision='head', engine=None):
    """Bring the database up to a revision; nothing is done where it is.

    :raises CommandError: of alembic, if there is no such revision
    """
    with contextlib.ExitStack() as stack:
        if engine is None:
            engine = stack.enter_context(session.engine_for_migrations())
        connection = stack.enter_context(_alone(engine))
        alembic.command.upgrade(_config(connection), revision)


def stamp(revision):
    """Write down that the tables are at a revision, and touch none of them.

    :raises CommandError: of alembic, if there is no such revision
    """
    with (
        session.engine_for_migrations() as engine,
        _alone(engine) as connection,
    ):
        alembic.command.stamp(_config(connection), revision)


@contextlib.contextmanager
def _alone(engine):
    """A transaction that no other process has at the same time.

    SQLite needs nothing for it: BEGIN has taken its one write lock.
    """
    with engine.connect() as connection, _lock(connection), connection.begin():
        if engine.dialect.name == 'postgresql':
            # It ends with the transaction.
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
        yield connection


@contextlib.contextmanager
def _lock(connection):
    """The lock of MySQL, which is around the transaction and its COMMIT."""
    if connection.dialect.name != 'mysql':
        yield
        return
    # Its names are of the server, not of the database.
    name = sa.func.concat('heat-spreader.', sa.func.crc32(sa.func.database()))
    taken = connection.scalar(sa.select(sa.func.get_lock(name, _LONGEST_WAIT)))
    connection.commit()
    if not taken:
        raise exception.Unavailable(
            'Another process has been changing the tables for an hour. Try '
            'again when it has ended.'
        )
    try:
        yield
    finally:
        connection.execute(sa.select(sa.func.release_lock(name)))
