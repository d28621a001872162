# SPDX-License-Identifier: Apache-2.0
"""Clients that want to occupy heat-spreader-api, or to confuse it."""

import contextlib
import http.client
import json
import re
import socket

from heat_spreader.api import webrequest
from heat_spreader.tests import process
from heat_spreader.tests.functional.api import base

THREADS = 2
MANY = 40
HEAD = b'GET /v1/clouds HTTP/1.1\r\nHost: x\r\n'
# Its response repeats the name: 4 KB.
LARGE = b'GET /v1/clouds/%b HTTP/1.1\r\nHost: x\r\n\r\n' % (b'a' * 4096)
POST = b'POST /v1/stacks HTTP/1.1\r\nHost: x\r\n'
CHUNKED = b'Transfer-Encoding: chunked\r\n'
# Two servers could find different ends of such a request.
AMBIGUOUS = {
    'two lengths': b'Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}',
    'the same length twice': b'Content-Length: 2\r\nContent-Length: 2\r\n\r\n',
    'a length and chunks': CHUNKED + b'Content-Length: 2\r\n\r\n0\r\n\r\n',
    'chunks and a length': b'Content-Length: 5\r\n'
    + CHUNKED
    + b'\r\n0\r\n\r\n',
    'a blank before the colon': b'Transfer-Encoding : chunked\r\n\r\n',
    'a tab before the colon': b'Content-Length\t: 2\r\n\r\n{}',
    'a signed length': b'Content-Length: +2\r\n\r\n{}',
    'a length in hexadecimal': b'Content-Length: 0x2\r\n\r\n{}',
    'a list of lengths': b'Content-Length: 2, 2\r\n\r\n{}',
    'a bare line feed': b'X: y\nContent-Length: 2\r\n\r\n{}',
    'a bare carriage return': b'X: y\rContent-Length: 2\r\n\r\n{}',
    'a continued header': b' Content-Length: 2\r\n\r\n{}',
    'a NUL': b'X: \x00\r\n\r\n',
    'a second host': b'Host: y\r\n\r\n',
    'a chunk size with a sign': CHUNKED + b'\r\n+2\r\n{}\r\n0\r\n\r\n',
    'a chunk size with a prefix': CHUNKED + b'\r\n0x2\r\n{}\r\n0\r\n\r\n',
    'chunked twice': b'Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n',
    'two headers with chunked': CHUNKED + CHUNKED + b'\r\n0\r\n\r\n',
    'bare line feeds only': b'X: y\n\n',
    'a chunk that is too long': CHUNKED + b'\r\n1\r\n{}\r\n0\r\n\r\n',
}


class HostileTestCase(base.ServerTestCase):
    def serve(self, **options):
        """Start a server; ``port`` is where it listens."""
        options = {'threads': THREADS, **options}
        self.server, self.port = self.start(self.config_file(**options))

    def connect(self, data=b'', address='127.0.0.1'):
        """Open a connection and send something; it is closed by the test."""
        client = socket.create_connection(
            ('127.0.0.1', self.port), process.TIMEOUT, (address, 0)
        )
        self.addCleanup(client.close)
        client.sendall(data)
        return client

    def answer(self, data):
        """Send bytes; return the connection, the response and its body."""
        client = self.connect()
        # What is refused is not read to its end.
        with contextlib.suppress(ConnectionError):
            client.sendall(data)
        response = http.client.HTTPResponse(client)
        response.begin()
        return client, response, response.read()

    def assert_served(self):
        """Check that a client that does nothing wrong gets its answer."""
        answer, _ = self.request(self.port, 'GET', '/v1/clouds')
        self.assertEqual(200, answer.status)

    def assert_cut_off(self, client):
        """Wait until the server has closed a connection."""
        with contextlib.suppress(ConnectionError):
            while client.recv(65536):
                pass


class TestOccupied(HostileTestCase):
    def test_clients_that_send_nothing_keep_no_one_waiting(self):
        self.serve()
        for _ in range(MANY):
            self.connect()

        self.assert_served()

    def test_clients_that_stop_in_a_request_keep_no_one_waiting(self):
        self.serve()
        length = b'Content-Length: 100\r\n\r\n{'
        for part in (
            b'G',
            HEAD,
            POST + length,
            POST + CHUNKED + b'\r\n9\r\n{',
        ):
            for _ in range(MANY // 4):
                self.connect(part)

        self.assert_served()

    def test_clients_that_do_not_read_keep_no_one_waiting(self):
        self.serve()
        for _ in range(2 * THREADS):
            self.connect(LARGE * 500)

        self.assert_served()

    def test_a_client_is_cut_off_after_client_timeout(self):
        self.serve(client_timeout=1)

        for part in (b'', HEAD, POST + b'Content-Length: 9\r\n\r\n{'):
            self.assert_cut_off(self.connect(part))

    def test_a_client_that_sends_byte_by_byte_is_cut_off(self):
        self.serve(client_timeout=1)
        client = self.connect(HEAD + b'X: ')
        client.settimeout(0.1)

        with self.assertRaises(ConnectionError):
            while True:
                client.sendall(b'a')
                with contextlib.suppress(TimeoutError):
                    if not client.recv(1):
                        raise ConnectionAbortedError

    def test_a_client_that_never_reads_is_cut_off(self):
        self.serve(client_timeout=1)
        client = self.connect()
        client.settimeout(0.1)

        with self.assertRaises(ConnectionError):
            while True:
                with contextlib.suppress(TimeoutError):
                    client.sendall(LARGE)

    def test_the_connection_that_waited_longest_is_closed_for_a_new_one(self):
        for options in (
            {'connections': 3},
            {'connections_per_address': 3},
        ):
            self.serve(**options)
            first, *others = (self.connect(HEAD) for _ in range(3))

            self.assert_served()
            self.assert_cut_off(first)
            for client in others:
                client.sendall(b'\r\n')
                self.assertEqual(b'HTTP/1.1 200', client.recv(12))
            self.stop(self.server)

    def test_one_address_does_not_take_the_connections_of_others(self):
        self.serve(connections_per_address=2)
        good = self.connect(HEAD)
        for _ in range(5):
            self.connect(address='127.0.0.2')

        self.assert_served()
        good.sendall(b'\r\n')
        self.assertEqual(b'HTTP/1.1 200', good.recv(12))


class TestLimits(HostileTestCase):
    def test_each_limit_is_kept_and_one_more_is_refused(self):
        self.serve()
        url = b'GET /v1/clouds/%b HTTP/1.1\r\nHost: x\r\n\r\n'
        longest = webrequest.MAX_URL - len('/v1/clouds/')
        fill = webrequest.MAX_HEAD - len(HEAD + b'X: \r\n\r\n') - 1
        for data, status in (
            (HEAD + b'X: y\r\n' * (webrequest.MAX_HEADERS - 1) + b'\r\n', 200),
            (HEAD + b'X: y\r\n' * webrequest.MAX_HEADERS + b'\r\n', 431),
            (url % (b'a' * longest), 404),
            (url % (b'a' * (longest + 1)), 414),
            (HEAD + b'X: ' + b'y' * fill + b'\r\n\r\n', 200),
            (HEAD + b'X: ' + b'y' * (fill + 1) + b'\r\n\r\n', 431),
        ):
            _, response, body = self.answer(data)
            self.assertEqual(status, response.status, body)
            if status not in (200, 404):
                (error,) = json.loads(body)['errors']
                self.assertEqual('multicloud.invalid', error['code'])

    def test_a_body_is_limited_before_the_caller_is_known(self):
        self.serve(auth_strategy='http_basic')
        size = 114688
        for length, status in ((size, 401), (size + 1, 413)):
            _, response, body = self.answer(
                POST + b'Content-Length: %d\r\n\r\n' % length + b' ' * length
            )
            self.assertEqual(status, response.status, body)

    def test_a_length_that_is_no_number_for_python_is_too_large(self):
        self.serve()
        _, response, body = self.answer(
            POST + b'Content-Length: ' + b'9' * 5000 + b'\r\n\r\n{}' + HEAD
        )

        self.assertEqual(413, response.status, body)
        self.assertEqual('close', response.headers['Connection'])

    def test_headers_without_an_end_are_not_kept(self):
        self.serve()
        before = self.memory()
        client = self.connect(HEAD + b'X: ')

        with self.assertRaises(ConnectionError):
            for _ in range(1000):
                client.sendall(b'y' * 100_000)
        self.assertLess(self.memory() - before, 8 * 1024)

    def memory(self):
        """The most memory that the server has had, in KiB."""
        with open(f'/proc/{self.server.pid}/status') as status:
            return int(re.search(r'VmHWM:\s+(\d+)', status.read())[1])


class TestAmbiguous(HostileTestCase):
    def test_an_ambiguous_request_is_refused_and_nothing_after_it_read(self):
        self.serve()
        for name, rest in AMBIGUOUS.items():
            client, response, body = self.answer(
                POST + b'Content-Type: application/json\r\n' + rest + HEAD
            )
            self.assertEqual(400, response.status, (name, body))
            self.assertEqual('close', response.headers['Connection'], name)
            with contextlib.suppress(ConnectionError):
                self.assertEqual(b'', client.recv(1), name)

    def test_chunks_are_not_for_http_1_0(self):
        self.serve()
        _, response, _ = self.answer(
            b'POST /v1/stacks HTTP/1.0\r\n' + CHUNKED + b'\r\n0\r\n\r\n'
        )

        self.assertEqual(400, response.status)
