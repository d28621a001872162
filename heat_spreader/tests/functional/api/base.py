# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-api as a process."""

import contextlib
import http.client
import json
import pathlib
import signal
import sys

import fixtures as testing_fixtures
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures

MAIN = 'import sys; from heat_spreader.cmd import api; sys.exit(api.main())'
STACK = json.dumps({'name': 'a', 'count': 1, 'count_parameter': 'size'})


class ServerTestCase(base.BaseTestCase):
    """A process of heat-spreader-api over a database of its own."""

    def setUp(self):
        super().setUp()
        self.database = self.useFixture(fixtures.Database())
        directory = self.useFixture(testing_fixtures.TempDir()).path
        self.directory = pathlib.Path(directory)

    def config_file(self, groups=None, **api):
        """Write a configuration file; return its path.

        :param groups: options by group, besides those of the group api
        """
        api = {
            **fixtures.http_basic(self.directory / 'htpasswd'),
            'host': '127.0.0.1',
            'port': 0,
            'threads': 2,
            'auth_strategy': 'noauth',
            **api,
        }
        return process.write_config(
            self.directory / 'heat-spreader.conf',
            {
                'api': api,
                'clouds': {'enabled': 'east'},
                'database': {'connection': self.database.url},
                **(groups or {}),
            },
        )

    def start(self, config_file, main=MAIN):
        """Start a process; return it and the port that it listens on."""
        server = self.useFixture(
            process.Process(
                [sys.executable, '-c', main, '--config-file', config_file]
            )
        )
        server.start()
        listening = server.wait_for(r'Listening on http://\S*:(\d+)')
        return server, int(listening[1])

    def stop(self, server, number=signal.SIGTERM):
        self.assertEqual(0, server.stop(number), server.text())

    def request(self, port, method, path, body=None, **headers):
        with contextlib.closing(
            http.client.HTTPConnection(
                '127.0.0.1', port, timeout=process.TIMEOUT
            )
        ) as connection:
            headers = {'Content-Type': 'application/json', **headers}
            # What is too large is answered before all of it is sent.
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer, answer.read()
