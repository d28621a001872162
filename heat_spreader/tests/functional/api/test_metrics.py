# SPDX-License-Identifier: Apache-2.0
"""The metrics of the API: in one process, and of several as one."""

import os
import re
import signal
import socket
import sys

import fixtures as testing_fixtures
from oslotest import base

from heat_spreader.api import metrics
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional import scrape
from heat_spreader.tests.functional.api import base as api_base

# What a web server does that loads the application, and may try it, before it
# forks: two workers, which answer requests and keep running.
FORKS = r"""
import os, signal, webob
# Only the workers wait for it.
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
from heat_spreader.wsgi import api
def ask(path):
    answer = webob.Request.blank(path).get_response(api.application)
    assert answer.status_int == 200
ask('/v1')
for count in (1, 2):
    if os.fork() == 0:
        for _ in range(count):
            ask('/v1/clouds')
        os.write(1, b'done\n')
        signal.sigwait([signal.SIGTERM])
        os._exit(0)
for _ in range(2):
    os.wait()
"""
STACK = {'name': 'my-secret', 'count': 1, 'count_parameter': 'size'}


class TestRequests(base.BaseTestCase):
    """The whole application, with every middleware that it has."""

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(testing_fixtures.FakeLogger())
        self.api = self.useFixture(
            fixtures.Api(metrics={'enabled': True, 'api_port': 0})
        )
        exposed = metrics.make_exposition(self.api.conf)
        self.addCleanup(exposed.stop)
        exposed.start()
        self.url = scrape.address(self.log.output)

    def check(self, code, method, path, route, **request):
        labels = {'method': method, 'route': route, 'code': str(code)}
        before = scrape.Scrape(self.url)('api_requests_total', **labels) or 0
        answer = self.api.request(method, path, **request)
        self.assertEqual(code, answer.status_int)
        self.assertEqual(
            before + 1, scrape.Scrape(self.url)('api_requests_total', **labels)
        )
        return answer

    def test_each_request_is_counted_by_its_route_and_status(self):
        made = self.check(201, 'POST', '/v1/stacks', '/v1/stacks', body=STACK)
        path = '/v1/stacks/' + made.json['id']
        route = '/v1/stacks/{stack_id}'
        self.check(200, 'GET', path, route)
        self.check(403, 'DELETE', path, route, token='reader')
        self.check(404, 'GET', path, route, token='other')
        self.check(400, 'PATCH', path, route, body=b'{')
        self.check(405, 'POST', path, route)
        self.check(401, 'GET', '/v1/clouds', '/v1/clouds', token=None)
        self.check(200, 'GET', '/healthcheck', '/healthcheck', token=None)
        self.check(404, 'GET', '/admin.php', 'other')

        shown = scrape.text(self.url)
        for word in (
            made.json['id'],
            fixtures.PROJECT,
            'my-secret',
            'admin.php',
        ):
            self.assertNotIn(word, shown)

    def test_scrapes_are_not_counted_as_requests(self):
        self.assertEqual(404, self.api.request('GET', '/metrics').status_int)
        first, second = (scrape.Scrape(self.url) for _ in range(2))

        self.assertEqual(first.samples, second.samples)


class TestProcesses(api_base.ServerTestCase):
    def setUp(self):
        super().setUp()
        self.port = self.useFixture(process.Port())
        self.url = f'http://127.0.0.1:{self.port.number}/metrics'

    def with_metrics(self, **options):
        return self.config_file({'metrics': options})

    def share(self):
        """Let the processes started from here on count together."""
        directory = self.directory / 'shared'
        directory.mkdir()
        self.useFixture(
            testing_fixtures.EnvironmentVariable(
                'PROMETHEUS_MULTIPROC_DIR', str(directory)
            )
        )

    def asked(self):
        """How many requests for the clouds there were, by a scrape."""
        return scrape.Scrape(self.url)(
            'api_requests_total', method='GET', route='/v1/clouds', code='200'
        )

    def test_a_process_exports_its_counts_until_it_stops(self):
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        server, port = self.start(path)
        server.wait_for(scrape.LISTENING)
        self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(1, self.asked())
        self.stop(server)
        self.assertFalse(self.port.is_open())

    def test_a_process_opens_no_port_by_default(self):
        server, port = self.start(self.with_metrics(api_port=self.port.number))
        answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(200, answer.status)
        self.assertFalse(self.port.is_open())
        self.stop(server)

    def test_a_process_serves_without_metrics_if_the_port_is_taken(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            server, port = self.start(
                self.with_metrics(
                    enabled=True, api_port=taken.getsockname()[1]
                )
            )
            server.wait_for('ERROR .*cannot be served .*Address already')
            answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(200, answer.status)
        self.stop(server)

    def test_a_process_serves_without_metrics_if_the_directory_is_missing(
        self,
    ):
        self.share()
        (self.directory / 'shared').rmdir()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        server, port = self.start(path)
        server.wait_for('ERROR .*cannot be served .*not a directory')
        self.assertFalse(self.port.is_open())
        answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(200, answer.status)
        self.stop(server)

    def test_processes_that_share_a_directory_export_their_sum_on_one_port(
        self,
    ):
        self.share()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        started = [self.start(path) for _ in range(2)]
        for count, (server, port) in enumerate(started, 1):
            server.wait_for(scrape.LISTENING)
            for _ in range(count):
                self.request(port, 'GET', '/v1/clouds')

        # Whichever process answers the scrape.
        self.assertEqual({3}, {self.asked() for _ in range(20)})
        # The counts stay when one of the processes ends.
        self.stop(started[1][0])
        self.assertEqual({3}, {self.asked() for _ in range(20)})
        self.stop(started[0][0])

    def test_workers_of_a_web_server_export_their_sum_on_one_port(self):
        self.share()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        workers = self.useFixture(
            process.Process(
                [sys.executable, '-c', FORKS],
                env=process.environ(OS_HEAT_SPREADER_CONFIG_FILES=str(path)),
            )
        )
        workers.start()
        for _ in range(2):
            workers.wait_for('done')
        shown = workers.text()
        self.assertEqual(3, len(re.findall(scrape.LISTENING, shown)), shown)
        self.assertEqual({3}, {self.asked() for _ in range(20)})
        os.killpg(workers.pid, signal.SIGTERM)
        self.assertEqual(0, workers.wait(), workers.text())
