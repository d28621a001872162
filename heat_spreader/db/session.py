# SPDX-License-Identifier: Apache-2.0
"""Transactions: one context for the process, configured at start-up.

What is run again, and what is not:

* What the database ends before COMMIT is sent has changed nothing, be it a
  deadlock or a connection that is lost: it is run again.
* A deadlock that COMMIT itself reports has changed nothing either.
* A connection that is lost during COMMIT leaves open whether the change was
  made. Run again it could be made twice, with a generation too many and an
  event told twice: whoever asked for it is told, and looks first.
* A database that lets nobody in is said at once. Whoever asked knows best how
  long to wait: a user sees 503, the engine comes again by its timers.
"""

import contextlib
import functools
import threading

import sqlalchemy as sa
from oslo_db import api as oslo_db_api
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
from oslo_log import log as logging

LOG = logging.getLogger(__name__)
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
# Seconds that a host which does not answer may cost; libpq has no limit.
_CONNECT_TIMEOUT = '10'

# The database cannot be used now, and it is not the caller's fault.
UNAVAILABLE = (db_exc.DBConnectionError, sa.exc.TimeoutError)
# Whatever a database may raise; a driver that is not installed is one too.
ERRORS = (ModuleNotFoundError, db_exc.DBError, sa.exc.SQLAlchemyError)
_away = threading.Event()


class CannotConnect(db_exc.DBConnectionError):
    """No connection could be made, for whatever reason."""


def _is_locked(exc):
    # SQLite gives up at once, and with an exception that oslo.db does not
    # know, when a lock cannot be had without risking a deadlock.
    return isinstance(exc, sa.exc.OperationalError) and 'locked' in str(exc)


_run_again = oslo_db_api.wrap_db_retry(
    max_retries=5,
    retry_interval=0.1,
    inc_retry_interval=True,
    max_retry_interval=2,
    retry_on_deadlock=True,
    exception_checker=_is_locked,
)


# For what must be written in the end: about two minutes.
with_long_retry = oslo_db_api.wrap_db_retry(
    max_retries=60,
    retry_interval=0.2,
    inc_retry_interval=True,
    max_retry_interval=2,
    retry_on_disconnect=True,
)


@contextlib.contextmanager
def _ask_again_if_lost():
    """Let what is within be run again where its connection is lost."""
    try:
        yield
    except CannotConnect:
        raise
    except db_exc.DBConnectionError as exc:
        raise db_exc.RetryRequest(exc) from exc


@contextlib.contextmanager
def _watch():
    """Log in one line that the database went away, and that it is back."""
    try:
        yield
    except UNAVAILABLE as exc:
        if not _away.is_set():
            _away.set()
            LOG.error('The database cannot be used: %s', reason(exc))
        raise
    if _away.is_set():
        _away.clear()
        LOG.warning('The database can be used again.')


def reader(function):
    """Run a function of a context in one transaction that only reads."""
    reading = _ask_again_if_lost()(_CONTEXT.reader(function))
    return functools.wraps(function)(_watch()(_run_again(reading)))


def writer(function):
    """Run a function of a context in one write transaction.

    It may be run again, so it must not be called within another transaction.
    """

    @_CONTEXT.writer
    def write(ctx, *args, **kwargs):
        with _ask_again_if_lost():
            result = function(ctx, *args, **kwargs)
            # Else it is done at COMMIT, where a loss is another matter.
            ctx.session.flush()
            return result

    return functools.wraps(function)(_watch()(_run_again(write)))


@_watch()
def ping():
    """Ask the database for nothing but an answer."""
    with get_engine().connect() as connection:
        connection.execute(sa.text('SELECT 1'))


def configure(conf):
    """Take the database of the [database] group; connects at first use."""
    options = {option: conf.database[option] for option in _OPTIONS}
    for option in ('connection', 'slave_connection'):
        options[option] = _complete(options[option])
    _CONTEXT.configure(sqlite_fk=True, **options)


def _complete(text):
    """Add to a database URL what no installation can do without."""
    if text is None:
        return None
    try:
        url = sa.make_url(text)
    except sa.exc.ArgumentError:
        # Said at first use, without the text: it may hold a password.
        return text
    if url.get_backend_name() == 'mariadb':
        # Another dialect to SQLAlchemy, of which oslo.db knows nothing.
        url = url.set(drivername=url.drivername.replace('mariadb', 'mysql'))
    if url.get_backend_name() == 'mysql':
        # oslo.db asks for utf8, and URLs of old do: of three bytes at most.
        url = url.update_query_dict({'charset': 'utf8mb4'})
    if url.get_backend_name() == 'postgresql':
        url = url.set(query={'connect_timeout': _CONNECT_TIMEOUT, **url.query})
    return url


def get_engine():
    """The SQLAlchemy engine, for migrations and tests."""
    return _CONTEXT.writer.get_engine()


@_CONTEXT.append_on_engine_create
def _prepare(engine):
    sa.event.listen(engine, 'do_connect', _connect)
    if engine.dialect.name == 'sqlite':
        sa.event.listen(engine, 'connect', _set_pragmas)
        sa.event.listen(
            engine, 'before_cursor_execute', _begin_immediate, retval=True
        )


def _connect(dialect, record, args, options):
    """Connect, and give every failure one name; oslo.db knows some only."""
    try:
        return dialect.connect(*args, **options)
    except dialect.loaded_dbapi.Error as exc:
        raise CannotConnect(exc) from exc


def _set_pragmas(connection, record):
    # The first, for the second takes a lock.
    connection.execute('PRAGMA busy_timeout=20000')
    connection.execute('PRAGMA journal_mode=WAL')


def _begin_immediate(conn, cursor, statement, parameters, context, many):
    # A transaction that reads and then writes fails at once when another
    # one wrote in between; taking the write lock first makes it wait.
    if statement == 'BEGIN':
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters


def describe(conf):
    """The URL of the database without its password, for a message."""
    try:
        return sa.make_url(conf.database.connection).render_as_string()
    except sa.exc.ArgumentError:
        return 'of the option connection in [database]'


def reason(exc):
    """What an error says, in a line; libraries add their SQL and links."""
    cause = getattr(exc, 'inner_exception', None) or exc
    cause = getattr(cause, 'orig', None) or cause
    return (str(cause) or type(cause).__name__).splitlines()[0]
