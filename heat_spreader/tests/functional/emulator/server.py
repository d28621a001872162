# SPDX-License-Identifier: Apache-2.0
"""A small HTTP server on a loopback port that can die in several ways.

Stock servers cannot refuse, hang and reset on demand and come back on the
same port, so this one keeps its socket bound and handles it itself.
"""

import contextlib
import dataclasses
import http.server
import json
import socket
import struct
import threading
import urllib.parse

# Seconds between two bytes of an answer that drips.
DRIP_INTERVAL = 0.05


@dataclasses.dataclass
class Request:
    """A request as it came; ``status`` is None while it has no answer.

    The target is the path with its query, as it was sent.
    """

    service: str
    method: str
    target: str
    path: str
    query: dict
    headers: dict
    body: object
    status: int | None = None


class Server:
    """One service of a cloud: requests go to ``app(request)``, to an Answer.

    :param record: called with each request that comes, fault or not
    """

    def __init__(self, service, app, record):
        self.service = service
        self.app = app
        self.record = record
        self._fault = None
        self._released = threading.Event()
        self._connections = set()
        self._fillers = []
        self._acceptor = None
        self._socket = _bound_socket()

    @property
    def url(self):
        return f'http://127.0.0.1:{self._socket.getsockname()[1]}'

    @property
    def fault(self):
        return self._fault

    @fault.setter
    def fault(self, fault):
        """Fail in this way from now on; hanging requests end."""
        self._let_go()
        self._fault = fault
        kind = fault.kind if fault else ''
        if kind in ('refuse', 'unanswered'):
            self._close()
        if kind == 'unanswered':
            self._fill()
        elif kind != 'refuse' and not self._acceptor:
            self._open()

    def start(self):
        """Listen; before this, connections are refused."""
        self.fault = None

    def stop(self):
        """End permanently; hanging requests end too."""
        self._let_go()
        self._close()
        self._socket.close()

    def hang(self, seconds=None):
        """Wait until the fault is taken away; return whether it was."""
        return self._released.wait(seconds)

    def _let_go(self):
        self._released.set()
        self._released = threading.Event()

    def _open(self):
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        self._socket.listen(128)
        self._acceptor = threading.Thread(target=self._accept, daemon=True)
        self._acceptor.start()

    def _close(self):
        for filler in self._fillers:
            filler.close()
        self._fillers = []
        acceptor, self._acceptor = self._acceptor, None
        if acceptor:
            # Bound but no longer listening: the port stays ours.
            self._socket.shutdown(socket.SHUT_RDWR)
            acceptor.join()
        for connection in tuple(self._connections):
            _cut(connection)

    def _fill(self):
        # With a full queue the kernel does not answer new connections.
        self._socket.listen(0)
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(self._socket.getsockname())
            self._fillers.append(filler)

    def _accept(self):
        while True:
            try:
                connection, address = self._socket.accept()
            except OSError:
                return
            self._connections.add(connection)
            threading.Thread(
                target=self._talk, args=(connection, address), daemon=True
            ).start()

    def _talk(self, connection, address):
        # The other side may go away at any time.
        with connection, contextlib.suppress(OSError):
            _Handler(connection, address, self)
        self._connections.discard(connection)


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def _handle(self):
        request = self._request()
        self.server.record(request)
        fault = self.server.fault
        if not fault or not fault.hits(request):
            self._say(request, self.server.app(request))
        elif fault.kind == 'answer':
            self._say(request, fault.answer)
        elif fault.kind == 'hang':
            self._hang()
        elif fault.kind in ('refuse', 'unanswered'):
            # It was accepted just before, and is cut like any other.
            self.close_connection = True
        else:
            self._act_and_fail(fault, request)

    def _act_and_fail(self, fault, request):
        answer = self.server.app(request)
        if fault.kind == 'lost':
            self._hang()
        elif fault.kind == 'drip':
            self._drip(self._content(answer))
        elif fault.kind == 'reset':
            self._reset(self._content(answer))
        else:
            self._say(request, fault.change(answer))

    def _say(self, request, answer):
        request.status = answer.status
        self.wfile.write(self._content(answer))
        if answer.headers.get('Connection') == 'close':
            self.close_connection = True

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _handle

    def _request(self):
        url = urllib.parse.urlsplit(self.path)
        size = int(self.headers.get('Content-Length') or 0)
        body = self.rfile.read(size)
        return Request(
            self.server.service,
            self.command,
            self.path,
            urllib.parse.unquote(url.path),
            urllib.parse.parse_qs(url.query),
            dict(self.headers),
            json.loads(body) if body else None,
        )

    def _hang(self):
        self.close_connection = True
        self.server.hang()

    def _drip(self, content):
        self.close_connection = True
        half = len(content) // 2
        self.wfile.write(content[:half])
        for position in range(half, len(content)):
            if self.server.hang(DRIP_INTERVAL):
                return
            self.wfile.write(content[position : position + 1])

    def _reset(self, content):
        self.close_connection = True
        self.wfile.write(content[: len(content) // 2])
        linger = struct.pack('ii', 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)

    def _content(self, answer):
        headers = {
            'Content-Type': answer.content_type,
            'Content-Length': str(len(answer.content)),
            **answer.headers,
        }
        lines = [f'HTTP/1.1 {answer.status} -']
        lines += [f'{key}: {value}' for key, value in headers.items()]
        return '\r\n'.join([*lines, '', '']).encode() + answer.content

    def log_message(self, *args):
        pass


def _bound_socket():
    # A socket that was given port 0 loses its port when it stops listening;
    # one that asked for the very port keeps it.
    with socket.socket() as probe, contextlib.ExitStack() as stack:
        bound = stack.enter_context(socket.socket())
        for each in (probe, bound):
            each.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        probe.bind(('127.0.0.1', 0))
        bound.bind(probe.getsockname())
        stack.pop_all()
        return bound


def _cut(connection):
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
