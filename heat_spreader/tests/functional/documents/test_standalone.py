# SPDX-License-Identifier: Apache-2.0
"""The page of standalone mode, typed as printed, with a real service."""

import os
import re

import yaml
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal
from heat_spreader.tests.functional.emulator import cloud as emulator

PAGE = 'install/standalone.rst'
# The blocks of the page with the content of a file.
YAML = re.compile(r'(?m)^ *\.\. code-block:: yaml\n\n((?: {3,}.+\n|\n)+)')
IN_A_HURRY = {
    'OS_ENGINE__SURVEY_INTERVAL': '0.5',
    'OS_ENGINE__SETTLE_INTERVAL': '0.1',
    'OS_ENGINE__RECONCILE_INTERVAL': '0.1',
}
# What the page shows of the log, in this order.
LOGGED = (
    r'Read .*',
    r'The database is now .*',
    r'Listening on .*',
    r'Clouds: .*',
    r'The cloud athens is UP.*',
)


class TestStandalone(base.BaseTestCase):
    """A user with a clouds.yaml, and with the files of the page."""

    def setUp(self):
        super().setUp()
        self.terminal = self.useFixture(terminal.Terminal())
        self.port = self.useFixture(process.Port()).number
        self.clouds = [emulator.EmulatedCloud(n) for n in terminal.NAMES]
        for each in self.clouds:
            self.addCleanup(each.stop)
            each.start()
        text = (pages.DOCUMENTS / PAGE).read_text()
        content, more = YAML.findall(text)[:2]
        # The port of the page may be in use on this machine.
        self.terminal.write_yaml(content, f'http://127.0.0.1:{self.port}')
        more = more.replace('8784', str(self.port))
        entries = {each.name: each.clouds_yaml_entry() for each in self.clouds}
        emulator.write_entries(
            self.terminal.clouds_yaml, entries | yaml.safe_load(more)['clouds']
        )

    def type(self, line):
        """Type a command of the page; return what it shows."""
        if line.startswith('python3 -m venv '):
            # The tests of packaging run this line of the README.
            self.assertEqual([[line]], pages.blocks('Install'))
            return ''
        if line.endswith(' &'):
            return self.start(line.removesuffix(' &').split())
        return self.terminal.type(line)

    def start(self, words):
        """Start the service; return the beginning of its log."""
        home = os.environ['HOME']
        self.service = self.useFixture(
            process.Process(
                [process.SCRIPTS / words[0], *words[1:]],
                env=process.environ(HOME=home, **IN_A_HURRY),
                cwd=home,
            )
        )
        self.service.start()
        lines = '\n'.join(f'... {self.logged(each)}' for each in LOGGED)
        return lines.replace(home, '/home/ann').replace(
            f':{self.port}', ':8784'
        )

    def logged(self, pattern):
        """Wait for a message of the log, and return it."""
        return process.wait_until(
            lambda: re.search(f'{pattern}\n', self.service.text()),
            self.service.log_tail,
        )[0].rstrip()

    def test_every_command_works_and_shows_what_the_page_says(self):
        compared = pages.play(PAGE, self)

        self.assertGreaterEqual(compared, 2)
        counts = [each.stack('workers').count for each in self.clouds]
        self.assertEqual([6, 2, 2], counts)
        self.assertEqual(0, self.service.stop())
