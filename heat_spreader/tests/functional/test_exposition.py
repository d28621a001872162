# SPDX-License-Identifier: Apache-2.0
"""The port of the metrics, with clients that are idle or slow."""

import socket
import threading
import urllib.parse

import fixtures
import prometheus_client
from oslo_config import cfg
from oslotest import base

from heat_spreader import exposition
from heat_spreader.conf import metrics
from heat_spreader.tests.functional import scrape

SLOW = b'GET /metrics HTTP/1.1\r\nHost: '
TOO_MUCH = b'GET /metrics HTTP/1.1\r\n' + b'A: ' + b'a' * 100_000


class TestExposition(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.expose()

    def expose(self):
        """Serve a count of 3."""
        log = self.useFixture(fixtures.FakeLogger())
        conf = cfg.ConfigOpts()
        metrics.register_opts(conf)
        conf.set_override('enabled', True, 'metrics')
        registry = prometheus_client.CollectorRegistry()
        counted = prometheus_client.Counter('counted', '', registry=registry)
        counted.inc(3)
        exposed = exposition.Exposition(conf.metrics, 0, registry)
        exposed.start()
        self.addCleanup(exposed.stop)
        self.exposed = exposed
        self.url = scrape.address(log.output)
        parts = urllib.parse.urlsplit(self.url)
        self.address = (parts.hostname, parts.port)

    def connect(self, sent=b''):
        """Connect as a client that sends this and no more."""
        client = socket.create_connection(self.address, timeout=60)
        self.addCleanup(client.close)
        client.sendall(sent)
        return client

    def check_answered(self):
        self.assertIn('counted_total 3.0', scrape.text(self.url))

    def test_idle_and_slow_clients_keep_no_scrape_from_its_answer(self):
        self.check_answered()
        before = threading.active_count()
        for _ in range(exposition.CONNECTIONS):
            self.connect()
            self.connect(SLOW)

        self.check_answered()

        self.assertEqual(before, threading.active_count())

    def test_client_that_has_waited_longest_gives_way_to_a_new_one(self):
        first, *_ = [self.connect() for _ in range(exposition.CONNECTIONS + 1)]
        self.assertEqual(b'', first.recv(1))

    def test_slow_client_is_disconnected_in_the_end(self):
        self.useFixture(
            fixtures.MonkeyPatch('heat_spreader.exposition.TIMEOUT', 0)
        )
        self.expose()
        client = self.connect(SLOW)

        self.assertEqual(b'', client.recv(1))

    def test_head_of_a_request_has_a_limit(self):
        client = self.connect()
        try:
            client.sendall(TOO_MUCH)
            answer = client.recv(1000)
        except ConnectionError:
            answer = b''
        self.assertNotIn(b' 200 ', answer)
        self.check_answered()

    def test_port_and_connections_are_closed_at_the_stop(self):
        client = self.connect()
        self.check_answered()

        self.exposed.stop()

        self.assertEqual(b'', client.recv(1))
        self.assertRaises(ConnectionError, self.connect)
