# SPDX-License-Identifier: Apache-2.0
"""The web server of heat-spreader-api, in this process."""

import http.client
import queue
import socket
import threading
from unittest import mock

import fixtures
from oslotest import base

from heat_spreader.api import webserver
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as our_fixtures


def _application(environ, start_response):
    start_response('200 OK', [('Content-Length', '2')])
    return [b'ok']


class WebServerTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        configuration = self.useFixture(our_fixtures.Configuration())
        configuration.override('api', host='127.0.0.1', port=0)
        self.server = webserver.Server(
            _application, configuration.conf.api, 2**20
        )


class TestStop(WebServerTestCase):
    def test_server_that_has_ended_may_be_stopped_again(self):
        self.server.stop()
        self.server.serve()
        self.server.stop()
        self.assertFalse(self.server.aborted)


class TestSmallPieces(WebServerTestCase):
    def setUp(self):
        super().setUp()
        self.read = queue.Queue()
        received = webserver.Channel.received

        def count(channel, data):
            taken = received(channel, data)
            self.read.put(data)
            return taken

        self.useFixture(
            fixtures.MonkeyPatch(
                'heat_spreader.api.webserver.Channel.received', count
            )
        )
        thread = threading.Thread(target=self.server.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(self.server.stop)

    def connect(self):
        port = self.server.effective_port
        client = socket.create_connection(('127.0.0.1', port), process.TIMEOUT)
        self.addCleanup(client.close)
        return client

    def send(self, client, text):
        """Send each byte when the one before was read."""
        for byte in text:
            client.sendall(bytes([byte]))
            self.assertEqual(
                bytes([byte]), self.read.get(timeout=process.TIMEOUT)
            )

    def answer(self, client):
        response = http.client.HTTPResponse(client)
        response.begin()
        self.assertEqual(b'ok', response.read())
        return response.status

    def test_request_in_pieces_is_answered(self):
        client = self.connect()
        self.send(client, b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
        self.assertEqual(200, self.answer(client))

    def test_client_that_sends_small_pieces_is_left_alone_for_a_moment(self):
        with mock.patch.object(webserver, '_REST', process.TIMEOUT):
            drips, other = self.connect(), self.connect()
            # The first rest ends at once, and the second one with the test.
            self.addCleanup(setattr, self.server, '_rest_ends', 0)
            self.send(drips, b'GET /')
            drips.sendall(b'a')
            for _ in range(5):
                other.sendall(b'GET / HTTP/1.1\r\nHost: x\r\n\r\n')
                self.assertEqual(200, self.answer(other))
            read = [self.read.get_nowait() for _ in range(self.read.qsize())]
        self.assertNotIn(b'a', read)
        self.assertEqual(5, len(read))
