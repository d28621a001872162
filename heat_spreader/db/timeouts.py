# SPDX-License-Identifier: Apache-2.0
"""How long a database may take: the timeouts of each driver.

What the URL of the database sets itself is left as it is.
"""

import pathlib

from heat_spreader.conf import database_timeouts
from heat_spreader.db import watchdog

# Seconds by which the server is to give up before its client does.
_GRACE = 2
# Seconds that db sync waits for a connection, and for a lock of SQLite.
_PATIENCE = 60
# The parameter of a URL in which an operator may set the same.
_SETTINGS = {
    'mysql': 'init_command',
    'postgresql': 'options',
    'sqlite': None,
}


# A process that is suspended, or whose host is gone, in a transaction holds
# its locks. The others wait for a lock no longer than that.
_IDLE = 'idle_transaction_timeout'


def _statement(name, value):
    if name == _IDLE:
        # MySQL has no such variable, and takes this for a comment.
        return f'/*M! SET SESSION {name} = {value} */'
    return f'SET SESSION {name} = {value}'


class Timeouts:
    """The options of the [database_timeouts] group, for every driver."""

    def __init__(self, conf):
        database_timeouts.register_opts(conf)
        options = conf.database_timeouts
        self.connect = options.connect
        self.statement = options.statement
        self.lock = options.lock

    def arguments(self, dialect, args, options):
        """The arguments of the connect() of a driver.

        :param args: the positional ones that SQLAlchemy has made of the URL
        :param options: the keyword arguments, likewise
        """
        if dialect.name == 'sqlite':
            return _existing_file(args, {'timeout': self.lock, **options})
        if dialect.driver in {'pymysql', 'mysqldb'}:
            defaults = {
                'connect_timeout': self.connect,
                'read_timeout': self.statement,
                'write_timeout': self.statement,
            }
        elif dialect.driver == 'psycopg2':
            seconds = self.statement + _GRACE
            defaults = {
                'connect_timeout': self.connect,
                # What is sent and not received: a host that is gone.
                'tcp_user_timeout': seconds * 1000,
                'keepalives_idle': seconds,
                'keepalives_interval': 1,
                'keepalives_count': 3,
                **watchdog.factories(dialect.loaded_dbapi, seconds),
            }
        else:
            defaults = {}
        return args, {**defaults, **options}

    def prepare(self, dialect, connection, options):
        """Set the timeouts that the server enforces, on a new connection."""
        cursor = connection.cursor()
        for name, value in self._settings(dialect).items():
            if name not in options.get(_SETTINGS[dialect.name], ''):
                cursor.execute(_statement(name, value))
        cursor.close()
        connection.commit()

    def _settings(self, dialect):
        if dialect.name == 'mysql':
            # Of rows, and of tables that are backed up or altered.
            names = ('innodb_lock_wait_timeout', 'lock_wait_timeout', _IDLE)
            return dict.fromkeys(names, self.lock)
        if dialect.name == 'postgresql':
            return {
                'lock_timeout': self.lock * 1000,
                'statement_timeout': self.statement * 1000,
                # As _IDLE of MariaDB.
                'idle_in_transaction_session_timeout': self.lock * 1000,
            }
        return {}


class Unlimited:
    """Only what cannot be without a timeout, for changes of the tables."""

    def arguments(self, dialect, args, options):
        """The arguments of the connect() of a driver."""
        names = {'sqlite': 'timeout', 'postgresql': 'connect_timeout'}
        name = names.get(dialect.name)
        return args, {name: _PATIENCE, **options} if name else options

    def prepare(self, dialect, connection, options):
        """Set nothing."""


def _existing_file(args, options):
    """Let SQLite open the file, and not create it where it is missing."""
    (path,) = args
    if path in {'', ':memory:'} or options.get('uri'):
        return args, options
    uri = f'{pathlib.Path(path).as_uri()}?mode=rw'
    return (uri,), {**options, 'uri': True}
