# SPDX-License-Identifier: Apache-2.0
"""Transactions: one context for the process, configured at start-up."""

import functools

import sqlalchemy as sa
from oslo_db import api as oslo_db_api
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade

_CONTEXT = enginefacade.transaction_context()

# What enginefacade takes out of the [database] group of oslo.db.
_OPTIONS = (
    'connection',
    'slave_connection',
    'sqlite_synchronous',
    'mysql_sql_mode',
    'connection_recycle_time',
    'max_pool_size',
    'max_overflow',
    'max_retries',
    'retry_interval',
    'connection_debug',
    'connection_trace',
    'connection_parameters',
    'pool_timeout',
)

reader = _CONTEXT.reader


def _is_locked(exc):
    # SQLite gives up at once, and with an exception that oslo.db does not
    # know, when a lock cannot be had without risking a deadlock.
    return isinstance(exc, sa.exc.OperationalError) and 'locked' in str(exc)


def writer(function):
    """Run a function of a context in one write transaction.

    It is run again where the database asks for that (a deadlock, a lost
    connection), so it must not be called within another transaction.
    """
    retried = oslo_db_api.wrap_db_retry(
        max_retries=5,
        retry_interval=0.1,
        inc_retry_interval=True,
        max_retry_interval=2,
        retry_on_deadlock=True,
        exception_checker=_is_locked,
    )(_CONTEXT.writer(function))
    return functools.wraps(function)(retried)


def configure(conf):
    """Take the database of the [database] group; connects at first use."""
    _CONTEXT.configure(
        sqlite_fk=True,
        **{option: conf.database[option] for option in _OPTIONS},
    )


def get_engine():
    """The SQLAlchemy engine, for migrations and tests."""
    return _CONTEXT.writer.get_engine()


def patch_engine(engine):
    """Use another engine until the returned function is called: for tests."""
    return _CONTEXT.patch_engine(engine)


@_CONTEXT.append_on_engine_create
def _prepare_sqlite(engine):
    if engine.dialect.name == 'sqlite':
        sa.event.listen(engine, 'connect', _set_pragmas)
        sa.event.listen(
            engine, 'before_cursor_execute', _begin_immediate, retval=True
        )


def _set_pragmas(connection, record):
    connection.execute('PRAGMA journal_mode=WAL')
    connection.execute('PRAGMA busy_timeout=20000')


def _begin_immediate(conn, cursor, statement, parameters, context, many):
    # A transaction that reads and then writes fails at once when another
    # one wrote in between; taking the write lock first makes it wait.
    if statement == 'BEGIN':
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters


def is_unavailable(exc):
    """Whether an exception says that the database cannot be reached now."""
    return isinstance(exc, db_exc.DBConnectionError)


def reason(exc):
    """What an error says, in a line; libraries add their SQL and links."""
    cause = getattr(exc, 'inner_exception', None) or exc
    cause = getattr(cause, 'orig', None) or cause
    return (str(cause) or type(cause).__name__).splitlines()[0]
