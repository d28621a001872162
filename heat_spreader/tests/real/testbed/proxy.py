# SPDX-License-Identifier: Apache-2.0
"""A proxy before a real service, for faults that the service cannot have."""

import contextlib
import http.client
import http.server
import socket
import struct
import threading
import urllib.parse

from heat_spreader.tests.real.testbed import machine

# What is between two hosts is not passed on.
_HOP_BY_HOP = {'connection', 'transfer-encoding', 'content-length'}


class Proxy:
    """Passes requests on, unless ``fault`` is 'reset' or an HTTP status."""

    def __init__(self, url):
        self.target = urllib.parse.urlsplit(url)
        self.fault = None
        self._server = http.server.ThreadingHTTPServer(
            (machine.ADDRESS, 0), _Handler
        )
        self._server.daemon_threads = True
        self._server.proxy = self
        self.url = f'http://{machine.ADDRESS}:{self._server.server_port}'

    def start(self):
        threading.Thread(
            target=self._server.serve_forever, daemon=True
        ).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'

    def handle(self):
        # Who asks may give up at any time: an engine that is killed does.
        with contextlib.suppress(ConnectionError):
            super().handle()

    def _answer(self):
        proxy = self.server.proxy
        length = int(self.headers.get('Content-Length', 0))
        body = self.rfile.read(length)
        if isinstance(proxy.fault, int):
            self._send(proxy.fault, [], b'The service is not available.')
            return
        status, headers, content = self._ask(proxy.target, body)
        if proxy.fault == 'reset':
            self._reset(status, content)
        else:
            self._send(status, headers, content)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _answer

    def _ask(self, target, body):
        connection = http.client.HTTPConnection(target.netloc, timeout=60)
        try:
            headers = {
                name: value
                for name, value in self.headers.items()
                if name.lower() not in _HOP_BY_HOP
            }
            connection.request(self.command, self.path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.getheaders(), answer.read()
        except OSError:
            return 502, [], b'The service does not answer.'
        finally:
            connection.close()

    def _send(self, status, headers, content):
        self.send_response(status)
        for name, value in headers:
            if name.lower() not in {*_HOP_BY_HOP, 'server', 'date'}:
                self.send_header(name, value)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def _reset(self, status, content):
        self.send_response(status)
        self.send_header('Content-Length', str(len(content)))
        self.end_headers()
        self.wfile.write(content[: len(content) // 2])
        self.wfile.flush()
        # No lingering: what is not sent yet becomes a reset.
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)
        )
        self.connection.close()
        self.close_connection = True

    def log_message(self, *arguments):
        """Say nothing: the service logs its requests."""
