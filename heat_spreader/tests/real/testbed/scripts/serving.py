# SPDX-License-Identifier: Apache-2.0
"""What both services of a cloud need to be served on loopback."""

import signal
import sys

import sqlalchemy
from cheroot import wsgi

# Begins a line of the log for each request that comes.
REQUEST = 'REQUEST'


def serve(application, port):
    """Serve a WSGI application until SIGTERM."""

    def logged(environ, start_response):
        method, path = environ['REQUEST_METHOD'], environ['PATH_INFO']
        print(f'{REQUEST} {method} {path}', flush=True)
        return application(environ, start_response)

    server = wsgi.Server(
        ('127.0.0.1', port),
        logged,
        # As deep as real servers': a suspended one still gets connected to.
        request_queue_size=128,
    )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())
    server.safe_start()


@sqlalchemy.event.listens_for(
    sqlalchemy.Engine, 'before_cursor_execute', retval=True
)
def lock_early(connection, cursor, statement, parameters, context, many):
    """Begin every transaction as a writer's.

    A transaction that reads first fails at once if another one writes;
    one that begins as a writer waits.
    """
    if statement == 'BEGIN':
        statement = 'BEGIN IMMEDIATE'
    return statement, parameters
