# SPDX-License-Identifier: Apache-2.0
"""The floor of the API: its web server with an application that does nothing.

python -m benchmarks.constant PORT
"""

import sys

from cheroot import wsgi

from heat_spreader.conf import api

_BODY = b'{}'


def _application(environ, start_response):
    start_response(
        '200 OK',
        [
            ('Content-Type', 'application/json'),
            ('Content-Length', str(len(_BODY))),
        ],
    )
    return [_BODY]


def main(port):
    """Serve with as many threads as the API has by default."""
    (threads,) = (o.default for o in api.OPTS if o.name == 'threads')
    server = wsgi.Server(('127.0.0.1', port), _application, numthreads=threads)
    try:
        server.start()
    finally:
        server.stop()


if __name__ == '__main__':
    main(int(sys.argv[1]))
