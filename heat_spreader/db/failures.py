# SPDX-License-Identifier: Apache-2.0
"""Which errors of a database mean that it cannot be used now.

oslo.db knows connections that are lost, deadlocks and constraints. What else
a server may answer that is no fault of the caller is in the tables here, and
only here: everything above catches UNAVAILABLE.
"""

import re

import sqlalchemy as sa
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import exc_filters


class Unavailable(db_exc.DBError):
    """The database cannot be used now; a retry at once changes nothing.

    ``detail`` is a sentence for users: it names no host and no account, as
    the texts of the drivers do.
    """

    detail = 'The database cannot be used now.'


class CannotConnect(Unavailable, db_exc.DBConnectionError):
    """No connection could be made, for whatever reason."""

    detail = 'The database cannot be reached.'


class NoAnswer(Unavailable):
    """It took longer than a timeout allows."""

    detail = 'The database does not answer in time.'


class NotReady(Unavailable):
    """A node of a Galera cluster that is not part of the cluster."""

    detail = 'The node of the database cluster is not ready.'


class WritesRefused(Unavailable):
    """It can be read, and cannot be written."""

    detail = 'The database is read-only.'


class DiskFull(WritesRefused):
    detail = 'The disk of the database is full.'


class Locked(Unavailable):
    """Another client has locked what the statement needs, for too long."""

    detail = (
        'Another client of the database has locked what the request needs.'
    )


class Contended(Locked):
    """Each repetition of a transaction ended in a deadlock again."""

    detail = 'Too many clients change the same at the same time.'


class WrongSchema(Unavailable):
    """The tables are not those of this code."""

    detail = 'The tables of the database are not those of this version.'


# The database cannot be used now, and it is not the caller's fault.
UNAVAILABLE = (Unavailable, db_exc.DBConnectionError, sa.exc.TimeoutError)
# Whatever a database may raise; a driver that is not installed is one too.
ERRORS = (ModuleNotFoundError, db_exc.DBError, sa.exc.SQLAlchemyError)

# What watchdog.py adds to an error.
_SILENT = 'no answer within'

# By the number of the error; the text where the number has several meanings.
_MYSQL = (
    (3, 'No space|Errcode: 28|errno: 28', DiskFull),
    (1021, '', DiskFull),
    (1026, 'No space|Errcode: 28|errno: 28', DiskFull),
    (1030, '28', DiskFull),
    (1036, '', WritesRefused),
    (1047, '', NotReady),
    # A server that stops in the middle of a transaction.
    (1053, '', Unavailable),
    (1114, '', DiskFull),
    # COMMIT failed; Galera does so when it loses its quorum.
    (1180, '28', DiskFull),
    (1180, '', NotReady),
    (1205, '', Locked),
    (1290, 'read.only', WritesRefused),
    (1317, '', Unavailable),
    (1792, '', WritesRefused),
    (1836, '', WritesRefused),
    (1874, '', WritesRefused),
    (1969, '', NoAnswer),
    (2006, 'timed out|TimeoutError', NoAnswer),
    (2013, 'timed out', NoAnswer),
    (3024, '', NoAnswer),
    (3572, '', Locked),
)
_POSTGRESQL = {
    '25006': WritesRefused,
    '53100': DiskFull,
    '53200': Unavailable,
    '55P03': Locked,
    '57014': NoAnswer,
    '58030': Unavailable,
}
# By the primary result code of SQLite.
_SQLITE = {
    5: Locked,
    6: Locked,
    8: WritesRefused,
    10: Unavailable,
    13: DiskFull,
    14: CannotConnect,
}


def classify(dialect, error):
    """The class for the error of a driver, None where it is not of these.

    :param dialect: the name of the dialect of SQLAlchemy
    """
    if _SILENT in str(error):
        return NoAnswer
    if dialect == 'mysql':
        number, text = (*error.args, None, None)[:2]
        for known, pattern, kind in _MYSQL:
            if number == known and re.search(pattern, str(text)):
                return kind
    elif dialect == 'postgresql':
        return _POSTGRESQL.get(getattr(error, 'pgcode', None))
    elif dialect == 'sqlite':
        return _SQLITE.get(getattr(error, 'sqlite_errorcode', -1) & 0xFF)
    return None


def listen(engine):
    """Have an engine classify its errors here before oslo.db does."""
    # SQLAlchemy cannot insert a listener before another one.
    sa.event.remove(engine, 'handle_error', exc_filters.handler)
    sa.event.listen(engine, 'handle_error', _handle, retval=True)


def _handle(context):
    error = context.original_exception
    kind = classify(context.dialect.name, error)
    if kind is None or context.is_pre_ping:
        return exc_filters.handler(context)
    if context.dialect.name != 'sqlite' and issubclass(
        kind, (WritesRefused, NotReady)
    ):
        # A new connection may lead to another server, which is well.
        context.is_disconnect = True
    raise kind(error) from error


def detail(exc):
    """What one of UNAVAILABLE says to a user."""
    if isinstance(exc, Unavailable):
        text = exc.detail
    elif isinstance(exc, sa.exc.TimeoutError):
        text = 'All connections to the database are in use.'
    else:
        text = CannotConnect.detail
    return f'{text} Try again later.'


def reason(exc):
    """What an error says, in a line; libraries add their SQL and links."""
    cause = getattr(exc, 'inner_exception', None) or exc
    cause = getattr(cause, 'orig', None) or cause
    return (str(cause) or type(cause).__name__).splitlines()[0]
