# SPDX-License-Identifier: Apache-2.0
"""The metrics of the API: in one process, and of several as one."""

import os
import re
import socket
import subprocess
import sys

import fixtures as testing_fixtures
from oslotest import base

from heat_spreader.api import metrics
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional import scrape
from heat_spreader.tests.functional.api import test_server

# What a web server does that loads the application, and may try it, before it
# forks: two workers, which answer requests and go on.
FORKS = r"""
import os, webob
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
        os.read(0, 1)
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

    def test_each_is_counted_by_its_route_and_whatever_became_of_it(self):
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

        said = scrape.text(self.url)
        for word in (
            made.json['id'],
            fixtures.PROJECT,
            'my-secret',
            'admin.php',
        ):
            self.assertNotIn(word, said)

    def test_scrapes_are_no_requests(self):
        self.assertEqual(404, self.api.request('GET', '/metrics').status_int)
        first, second = (scrape.Scrape(self.url) for _ in range(2))

        self.assertEqual(first.samples, second.samples)


class TestProcesses(test_server.ServerTestCase):
    def setUp(self):
        super().setUp()
        self.port = self.useFixture(fixtures.Port())
        self.url = f'http://127.0.0.1:{self.port.number}/metrics'

    def with_metrics(self, **options):
        path = self.config_file()
        lines = [f'{name} = {value}' for name, value in options.items()]
        with path.open('a') as file:
            file.write('\n'.join(['[metrics]', *lines]))
        return path

    def share(self):
        """Let the processes started from here on count together."""
        directory = self.directory / 'shared'
        directory.mkdir()
        self.useFixture(
            testing_fixtures.EnvironmentVariable(
                'PROMETHEUS_MULTIPROC_DIR', str(directory)
            )
        )

    def wait_for(self, process, pattern):
        for line in process.stdout:
            if re.search(pattern, line):
                return line
        self.fail(f'It never said {pattern}.')

    def asked(self):
        """How many requests for the clouds there were, by a scrape."""
        return scrape.Scrape(self.url)(
            'api_requests_total', method='GET', route='/v1/clouds', code='200'
        )

    def test_one_tells_what_it_answered_until_it_stops(self):
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        process, port = self.start(path)
        self.wait_for(process, scrape.LISTENING)
        self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(1, self.asked())
        self.stop(process)
        self.assertFalse(self.port.is_open())

    def test_one_opens_no_port_unless_it_is_told_to(self):
        process, port = self.start(
            self.with_metrics(api_port=self.port.number)
        )
        answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(200, answer.status)
        self.assertFalse(self.port.is_open())
        self.stop(process)

    def test_one_serves_without_metrics_where_the_port_is_taken(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            process, port = self.start(
                self.with_metrics(
                    enabled=True, api_port=taken.getsockname()[1]
                )
            )
            line = self.wait_for(process, 'ERROR')
            answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertRegex(
            line, 'metrics .* cannot be served .*Address already in use'
        )
        self.assertEqual(200, answer.status)
        self.stop(process)

    def test_one_serves_without_metrics_where_there_is_no_directory(self):
        self.share()
        (self.directory / 'shared').rmdir()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        process, port = self.start(path)
        self.wait_for(
            process, 'ERROR .*metrics .* cannot be served .*not a directory'
        )
        self.assertFalse(self.port.is_open())
        answer, _ = self.request(port, 'GET', '/v1/clouds')

        self.assertEqual(200, answer.status)
        self.stop(process)

    def test_two_that_share_a_directory_tell_their_sum_on_one_port(self):
        self.share()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        started = [self.start(path) for _ in range(2)]
        for count, (process, port) in enumerate(started, 1):
            self.wait_for(process, scrape.LISTENING)
            for _ in range(count):
                self.request(port, 'GET', '/v1/clouds')

        # Whichever of them a scrape comes to.
        self.assertEqual({3}, {self.asked() for _ in range(20)})
        # What was counted stays so when one of them ends.
        self.stop(started[1][0])
        self.assertEqual({3}, {self.asked() for _ in range(20)})
        self.stop(started[0][0])

    def test_workers_of_a_web_server_tell_their_sum_on_one_port(self):
        self.share()
        path = self.with_metrics(enabled=True, api_port=self.port.number)
        with subprocess.Popen(
            [sys.executable, '-c', FORKS],
            env={**os.environ, 'OS_HEAT_SPREADER_CONFIG_FILES': str(path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            self.addCleanup(process.kill)
            said = ''
            while said.count('done\n') < 2:
                line = process.stdout.readline()
                self.assertTrue(line, said)
                said += line
            self.assertEqual(3, len(re.findall(scrape.LISTENING, said)), said)
            self.assertEqual({3}, {self.asked() for _ in range(20)})
            process.communicate()
        self.assertEqual(0, process.returncode)
