# SPDX-License-Identifier: Apache-2.0
"""The API under gunicorn, started by the command of the documents."""

import http.client
import pathlib
import re
import shlex

from heat_spreader.tests import process
from heat_spreader.tests.functional.api import base

PAGE = pathlib.Path(__file__).parents[4] / 'doc/source/install/uwsgi.rst'
ADDRESS = '127.0.0.1:8784'


def command():
    """The words of the command on the page."""
    found = re.search(r'# (gunicorn (?:.*\\\n)*.*)\n', PAGE.read_text())
    return shlex.split(found[1].replace('\\\n', ' '))


class TestGunicorn(base.ServerTestCase):
    def setUp(self):
        super().setUp()
        self.port = self.useFixture(process.Port()).number
        program, *options = command()
        words = [o.replace(ADDRESS, f'127.0.0.1:{self.port}') for o in options]
        self.assertNotEqual(options, words)
        self.server = self.useFixture(
            process.Process(
                [process.SCRIPTS / program, *words],
                env=process.environ(
                    OS_HEAT_SPREADER_CONFIG_FILES=self.config_file()
                ),
            )
        )
        self.server.start()
        self.server.wait_for('Listening at')

    def status(self, **headers):
        connection = http.client.HTTPConnection(
            '127.0.0.1', self.port, timeout=process.TIMEOUT
        )
        self.addCleanup(connection.close)
        connection.request('GET', '/v1/clouds', headers=headers)
        return connection.getresponse().status

    def test_headers_are_limited_as_on_the_page(self):
        self.assertEqual(200, self.status())
        # A long token must pass.
        self.assertEqual(200, self.status(X_A='a' * 15_000))
        self.assertEqual(431, self.status(X_A='a' * 17_000))
        many = {f'X-{n}': 'a' for n in range(101)}
        self.assertEqual(431, self.status(**many))
