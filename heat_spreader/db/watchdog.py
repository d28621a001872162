# SPDX-License-Identifier: Apache-2.0
"""Connections of psycopg2 that end when their server is silent.

libpq limits the time for a connection, but waits indefinitely for the answer
to a statement: a server that is stopped, or that a firewall has cut off,
enforces no statement_timeout. One thread for all connections shuts the socket
of such a statement down, which libpq reports as a lost connection.
"""

import contextlib
import os
import socket
import threading
import time

PERIOD = 0.5


class Watchdog:
    """Shuts down the sockets whose time is over, once each ``PERIOD``."""

    def __init__(self):
        self.lock = threading.Lock()
        self.deadlines = {}
        self.thread = None

    def add(self, descriptor, seconds):
        """Watch the socket with a descriptor until it is removed."""
        with self.lock:
            self.deadlines[descriptor] = time.monotonic() + seconds
            # After a fork there is none.
            if self.thread is None or not self.thread.is_alive():
                self.thread = threading.Thread(
                    target=self._run, name='database-watchdog', daemon=True
                )
                self.thread.start()

    def remove(self, descriptor):
        """Watch it no longer; return whether it was shut down."""
        with self.lock:
            return self.deadlines.pop(descriptor, None) is None

    def _run(self):
        pause = threading.Event()
        while not pause.wait(PERIOD):
            now = time.monotonic()
            with self.lock:
                over = [d for d, end in self.deadlines.items() if end < now]
                for descriptor in over:
                    del self.deadlines[descriptor]
                    _shut_down(descriptor)


def _shut_down(descriptor):
    # A copy: closing the descriptor itself is for libpq.
    with (
        contextlib.suppress(OSError),
        socket.socket(fileno=os.dup(descriptor)) as copy,
    ):
        copy.shutdown(socket.SHUT_RDWR)


_WATCHDOG = Watchdog()


class _Connection:
    """A connection each call of which ends after ``seconds``."""

    seconds = None
    error = None

    @contextlib.contextmanager
    def watched(self):
        if self.closed:
            yield
            return
        descriptor = self.fileno()
        _WATCHDOG.add(descriptor, self.seconds)
        try:
            yield
        except self.error as exc:
            if not _WATCHDOG.remove(descriptor):
                raise
            raise self.error(
                f'no answer within {self.seconds} seconds'
            ) from exc
        finally:
            _WATCHDOG.remove(descriptor)

    def commit(self):
        with self.watched():
            super().commit()

    def rollback(self):
        with self.watched():
            super().rollback()


class _Cursor:
    def execute(self, *args):
        with self.connection.watched():
            super().execute(*args)

    def executemany(self, *args):
        with self.connection.watched():
            super().executemany(*args)


def factories(driver, seconds):
    """Keyword arguments for the connect() of psycopg2.

    :param driver: the module psycopg2, which need not be installed
    :param seconds: what each call of a connection may take
    """
    extensions = driver.extensions
    connection = type(
        'WatchedConnection',
        (_Connection, extensions.connection),
        {'seconds': seconds, 'error': driver.OperationalError},
    )
    cursor = type('WatchedCursor', (_Cursor, extensions.cursor), {})
    return {'connection_factory': connection, 'cursor_factory': cursor}
