# SPDX-License-Identifier: Apache-2.0
"""What the web server of heat-spreader-api accepts as a request.

Everything is limited before the caller is known, and what two servers could
understand differently is refused. A refusal has the form of our errors.
"""

import json
import re

from oslo_context import context as oslo_context
from waitress import parser
from waitress import task
from waitress import utilities

from heat_spreader import exception
from heat_spreader.api import errors

# Bytes of the request line and of all headers; a Keystone token has 250 to
# 1,000, and other tokens up to 8,000.
MAX_HEAD = 16 * 1024
MAX_HEADERS = 100
# Bytes of the path with its query.
MAX_URL = 8 * 1024

_TWO_LENGTHS = (
    'The request has both Transfer-Encoding and Content-Length; send one of '
    'them.'
)
_TWO_HOSTS = 'The request needs exactly one header Host.'
_CODINGS = re.compile(rb'\r\ntransfer-encoding:([^\r]*)', re.IGNORECASE)
_BARE_LINE_FEED = re.compile(rb'(?<!\r)\n')
_PHRASES = {
    413: 'Request Entity Too Large',
    414: 'URI Too Long',
    431: 'Request Header Fields Too Large',
    505: 'HTTP Version Not Supported',
}


class _Refused(parser.ParsingError):
    """The server refuses the request with a status."""

    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Parser(parser.HTTPRequestParser):
    """A request that arrives."""

    def received(self, data):
        """Take what a client has sent, as waitress asks."""
        known = len(self.header_plus)
        consumed = super().received(data)
        found = _BARE_LINE_FEED.search(self.header_plus, known)
        if found and not self.headers_finished:
            # Where another server sees the end of the headers, this one would
            # wait for it.
            self.parse_header(b'GET / HTTP/1.0\r\n')
            self.error = utilities.BadRequest('A header ends with a bare LF.')
            self.completed = True
        return consumed

    def parse_header(self, header_plus):
        """Take the request line and the headers, as waitress asks.

        :raises ParsingError: if they are not valid
        """
        try:
            self._check_size(header_plus)
            self._check_codings(header_plus)
            super().parse_header(header_plus)
            self._check_meaning()
        except _Refused as exc:
            self._refusal = exc
            raise
        except ValueError as exc:
            # Python reads no number of thousands of digits.
            self._refusal = _Refused(413, str(exception.TooLarge()))
            raise self._refusal from exc

    _refusal = None

    def _check_size(self, header_plus):
        lines = header_plus.rstrip(b'\r\n').count(b'\r\n')
        if lines > MAX_HEADERS:
            raise _Refused(
                431, f'The request has more than {MAX_HEADERS} headers.'
            )
        line = header_plus.partition(b'\r\n')[0]
        if len(line.partition(b' ')[2].rpartition(b' ')[0]) > MAX_URL:
            raise _Refused(414, f'The URL is longer than {MAX_URL} bytes.')
        if b'\r\n ' in header_plus or b'\r\n\t' in header_plus:
            raise _Refused(400, 'A header must not continue on a new line.')

    @staticmethod
    def _check_codings(header_plus):
        # One of another name is refused by waitress.
        codings = b','.join(_CODINGS.findall(header_plus)).split(b',')
        if len(codings) > 1:
            raise _Refused(400, 'The request has several transfer codings.')

    def _check_meaning(self):
        if self.version not in {'1.0', '1.1'}:
            raise _Refused(505, 'The server knows HTTP/1.0 and HTTP/1.1.')
        if self.command == 'CONNECT':
            raise _Refused(405, 'The method is not allowed here.')
        if self.fragment:
            raise _Refused(400, 'The URL must have no fragment.')
        if self.version == '1.0' and 'TRANSFER_ENCODING' in self.headers:
            raise _Refused(400, 'HTTP/1.0 has no Transfer-Encoding.')
        if self.chunked and 'CONTENT_LENGTH' in self.headers:
            raise _Refused(400, _TWO_LENGTHS)
        host = self.headers.get('HOST', '' if self.version == '1.1' else 'x')
        if not host or ',' in host:
            raise _Refused(400, _TWO_HOSTS)

    def refusal(self):
        """The status and the message of a request that is refused."""
        if self._refusal:
            return self._refusal.status, str(self._refusal)
        if isinstance(self.error, utilities.RequestHeaderFieldsTooLarge):
            return 431, f'The headers are larger than {MAX_HEAD} bytes.'
        if isinstance(self.error, utilities.RequestEntityTooLarge):
            return 413, str(exception.TooLarge())
        return self.error.code, f'{self.error.body}'


class Refusal(task.ErrorTask):
    """The answer to a request that is refused: our document; then the end."""

    def execute(self):
        """Send the answer, as waitress asks."""
        status, message = self.request.refusal()
        phrase = _PHRASES.get(status, self.request.error.reason)
        body = _document(status, message)
        self.status = f'{status} {phrase}'
        self.response_headers.append(
            ('Content-Type', 'application/json; charset=UTF-8')
        )
        self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def _document(status, message):
    if status == exception.TooLarge.status:
        exc = exception.TooLarge()
    elif status in {405, 500, 501, 503}:
        exc = exception.HeatSpreaderException(message)
    else:
        exc = exception.Invalid(message)
    if status == exception.MethodNotAllowed.status:
        exc.error_code = exception.MethodNotAllowed.error_code
    exc.status = status
    environ = {'openstack.request_id': oslo_context.generate_request_id()}
    return json.dumps(errors.document(environ, exc)).encode()
