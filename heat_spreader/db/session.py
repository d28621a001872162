# SPDX-License-Identifier: Apache-2.0
"""Transactions: one context for the process, configured at start-up.

What is run again, and what is not:

* What the database ends before COMMIT is sent has changed nothing, be it a
  deadlock or a connection that is lost: it is run again.
* A deadlock that COMMIT itself reports has changed nothing either.
* A connection that is lost during COMMIT leaves open whether the change was
  made. Run again it could be made twice, with a generation too many and two
  events for it: the caller gets the error, and reads before it repeats.
* A database that refuses connections is reported at once. The caller knows
  best how long to wait: a user gets 503, the engine retries by its timers.
"""

import contextlib
import contextvars
import functools
import time

import sqlalchemy as sa
from oslo_db import api as oslo_db_api
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import enginefacade
from oslo_db.sqlalchemy import engines

from heat_spreader.db import failures
from heat_spreader.db import models
from heat_spreader.db import outages
from heat_spreader.db import timeouts

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
# Seconds within which a lock that is refused was not waited for.
_AT_ONCE = 1
# Seconds for which the results of updates in clouds are kept to be written.
_LONG = 120

# What a ping writes: nothing, or a row that it deletes again.
_NO_CHANGE = (
    sa.update(models.Cloud).where(sa.false()).values(name=models.Cloud.name)
)
_PROBE = sa.insert(models.Event).values(
    kind='PROBE', message='', details={}, created_at=models.utcnow()
)
_outage = outages.Outage()
# What is checked before the first transaction, until it has succeeded.
_first = []
_reads = contextvars.ContextVar('reads', default=False)
_timeouts = None

UNAVAILABLE = failures.UNAVAILABLE
ERRORS = failures.ERRORS
detail = failures.detail
reason = failures.reason


def _run_again(function):
    """Run a function again after a deadlock or a lost connection.

    SQLite refuses a lock at once where waiting for it could be a deadlock. A
    lock that was waited for in vain is reported, and so is a deadlock after
    many repetitions, which takes a few seconds.
    """

    @functools.wraps(function)
    def run(*args, **kwargs):
        begun = time.monotonic()

        def is_refused(exc):
            waited = time.monotonic() - begun
            return isinstance(exc, failures.Locked) and waited < _AT_ONCE

        again = oslo_db_api.wrap_db_retry(
            max_retries=10,
            retry_interval=0.1,
            inc_retry_interval=True,
            max_retry_interval=1,
            retry_on_deadlock=True,
            exception_checker=is_refused,
        )(function)
        try:
            return again(*args, **kwargs)
        except db_exc.DBDeadlock as exc:
            raise failures.Contended(exc) from exc

    return run


def with_long_retry(function):
    """Run what must be written again for two minutes, whatever is wrong."""

    @functools.wraps(function)
    def run(*args, **kwargs):
        deadline = time.monotonic() + _LONG

        def has_time(exc):
            return isinstance(exc, UNAVAILABLE) and time.monotonic() < deadline

        return oslo_db_api.wrap_db_retry(
            max_retries=_LONG,
            retry_interval=0.2,
            inc_retry_interval=True,
            max_retry_interval=2,
            exception_checker=has_time,
        )(function)(*args, **kwargs)

    return run


@contextlib.contextmanager
def _ask_again_if_lost():
    """Let what is within be run again where its connection is lost."""
    try:
        yield
    except failures.Unavailable:
        raise
    except db_exc.DBConnectionError as exc:
        raise db_exc.RetryRequest(exc) from exc


def check_first(find_problem):
    """Let no transaction begin before a function finds no problem."""
    _first.append(find_problem)


@contextlib.contextmanager
def _watch(writes=False):
    with _outage.watch(writes):
        for find_problem in [*_first]:
            problem = find_problem()
            if problem:
                raise failures.WrongSchema(ValueError(problem))
        _first.clear()
        yield


def reader(function):
    """Run a function of a context in one transaction that only reads."""
    reading = _run_again(_ask_again_if_lost()(_CONTEXT.reader(function)))

    @functools.wraps(function)
    def read(*args, **kwargs):
        token = _reads.set(True)
        try:
            with _watch():
                return reading(*args, **kwargs)
        finally:
            _reads.reset(token)

    return read


def writer(function):
    """Run a function of a context in one write transaction.

    It may be run again, so it must not be called within another transaction.
    """

    @_run_again
    @_CONTEXT.writer
    def writing(ctx, *args, **kwargs):
        with _ask_again_if_lost():
            result = function(ctx, *args, **kwargs)
            # Else it is done at COMMIT, where a loss is another matter.
            ctx.session.flush()
            return result

    @functools.wraps(function)
    def write(*args, **kwargs):
        with _watch(writes=True):
            return writing(*args, **kwargs)

    return write


def ping():
    """Have the database change nothing, which it refuses if it can only read.

    Only where the last change was refused, one is made: a row that is deleted
    again. No server refuses anything else because its disk is full.
    """
    with _watch(writes=True), get_engine().begin() as connection:
        if _outage.refuses_writes:
            event = connection.execute(_PROBE)
            (key,) = event.inserted_primary_key
            connection.execute(
                sa.delete(models.Event).where(models.Event.number == key)
            )
        connection.execute(_NO_CHANGE)


def configure(conf):
    """Take the database of the [database] group; connects at first use."""
    global _timeouts  # noqa: PLW0603
    _timeouts = timeouts.Timeouts(conf)
    options = {option: conf.database[option] for option in _OPTIONS}
    for option in ('connection', 'slave_connection'):
        options[option] = _complete(options[option])
    # The sleep at each return of a connection is for eventlet.
    _CONTEXT.configure(sqlite_fk=True, thread_checkin=False, **options)


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
    return url


def get_engine():
    """The SQLAlchemy engine, for migrations and tests."""
    return _CONTEXT.writer.get_engine()


@contextlib.contextmanager
def engine_for_migrations():
    """An engine without timeouts, for changes that may take an hour."""
    engine = engines.create_engine(
        get_engine().url,
        sqlite_fk=True,
        mysql_sql_mode='TRADITIONAL',
        max_retries=0,
    )
    _prepare(engine, timeouts.Unlimited())
    try:
        yield engine
    finally:
        engine.dispose()


@_CONTEXT.append_on_engine_create
def _prepare_limited(engine):
    # With max_retries oslo.db has connected already, without timeouts.
    engine.dispose()
    _prepare(engine, _timeouts)


def _prepare(engine, limits):
    connect = functools.partial(_connect, limits)
    sa.event.listen(engine, 'do_connect', connect)
    failures.listen(engine)
    if engine.dialect.name == 'sqlite':
        sa.event.listen(engine, 'connect', _set_pragmas)
        sa.event.listen(
            engine, 'before_cursor_execute', _begin_immediate, retval=True
        )


def _connect(limits, dialect, record, args, options):
    """Connect, and give every failure one name; oslo.db knows some only."""
    args, options = limits.arguments(dialect, args, options)
    try:
        connection = dialect.connect(*args, **options)
        limits.prepare(dialect, connection, options)
    except dialect.loaded_dbapi.Error as exc:
        kind = failures.classify(dialect.name, exc) or failures.CannotConnect
        raise kind(exc) from exc
    return connection


def _set_pragmas(connection, record):
    connection.execute('PRAGMA journal_mode=WAL')


def _begin_immediate(conn, cursor, statement, parameters, context, many):
    # A transaction that reads and then writes fails at once when another
    # one wrote in between; taking the write lock first makes it wait. What
    # only reads waits for nothing.
    if statement == 'BEGIN' and not _reads.get():
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters


def describe(conf):
    """The URL of the database without its password, for a message."""
    try:
        return sa.make_url(conf.database.connection).render_as_string()
    except sa.exc.ArgumentError:
        return 'of the option connection in [database]'
