# SPDX-License-Identifier: Apache-2.0
"""What the web server of heat-spreader-api itself refuses, as our errors.

Only the 503 of a full queue of connections is text: cheroot has no hook for
it.
"""

import json

from cheroot import server
from oslo_context import context as oslo_context

from heat_spreader import exception
from heat_spreader.api import errors


class Request(server.HTTPRequest):
    """A request of cheroot."""

    def simple_response(self, status, msg=''):
        """Refuse the request with a JSON document."""
        if str(status).startswith('413'):
            # cheroot says so of the headers.
            status = '431 Request Header Fields Too Large'
        body = _document(int(str(status)[:3]), msg)
        self.close_connection = True
        head = (
            f'{self.server.protocol} {status}\r\n'
            'Content-Type: application/json; charset=UTF-8\r\n'
            f'Content-Length: {len(body)}\r\nConnection: close\r\n\r\n'
        )
        try:
            self.conn.wfile.write(head.encode('latin-1') + body)
        except OSError as exc:
            if exc.args[0] not in server.errors.socket_errors_to_ignore:
                raise

    def send_headers(self):
        """Send the headers, and trust no chunks after an error."""
        if self.chunked_read and self.status[:1] in b'45':
            # What follows may be the rest of a body that was not read.
            self.close_connection = True
        super().send_headers()


class Connection(server.HTTPConnection):
    """A connection of cheroot with requests as above."""

    RequestHandlerClass = Request


def _document(status, message):
    detail = message or 'The web server refuses the request.'
    if status in {405, 500, 501, 503}:
        exc = exception.HeatSpreaderException(detail)
    else:
        exc = exception.Invalid(detail)
    if status == 405:
        exc.error_code = exception.MethodNotAllowed.error_code
    exc.status = status
    environ = {'openstack.request_id': oslo_context.generate_request_id()}
    return json.dumps(errors.document(environ, exc)).encode()
