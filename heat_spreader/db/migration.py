# SPDX-License-Identifier: Apache-2.0
"""The schema: brought up to date and asked for its revision by alembic."""

import pathlib

import alembic.command
import alembic.config
import alembic.migration
import alembic.script

from heat_spreader.db import session

_DIRECTORY = pathlib.Path(__file__).parent / 'alembic'


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


def version(engine=None):
    """The revision of the database, None for an empty one."""
    with (engine or session.get_engine()).connect() as connection:
        return alembic.migration.MigrationContext.configure(
            connection
        ).get_current_revision()


def sync(revision='head', engine=None):
    """Bring the database up to a revision; nothing is done where it is."""
    with (engine or session.get_engine()).begin() as connection:
        alembic.command.upgrade(_config(connection), revision)
