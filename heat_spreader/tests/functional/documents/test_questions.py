# SPDX-License-Identifier: Apache-2.0
"""The output on the page of questions is what the commands really show.

With HEAT_SPREADER_WRITE_DOCUMENTS in the environment the page gets the output.
"""

import os
import pathlib
import re
import shlex

import fixtures

import heat_spreader
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.osc import test_pages

PAGE = (
    pathlib.Path(heat_spreader.__file__).parents[1]
    / 'doc/source/user/questions.rst'
)
WRITES = 'HEAT_SPREADER_WRITE_DOCUMENTS' in os.environ
# A comment that names what has happened; commands that show what comes of it.
PART = re.compile(
    r'(?m)^\.\. after (\w+)\n|'
    r'^   \$ openstack multicloud ((?:.+\\\n)*.+)\n((?:(?:   .+)?\n)*?)'
    r'(?=^\S|^   \$|\Z)'
)
# As long as the text that takes its place, so that lines stay as they are.
HOST = re.compile(r'http://127\.0\.0\.1:\d{5}|http://127\.0\.0\.1:\d{4}')
FILE = re.compile(r'/\S+/clouds\.yaml')
# What differs each time, in texts of the same length.
VARIES = {
    r'\d{4}-\d\d-\d\d \d\d:\d\d:\d\d': '2026-12-01 12:00:00',
    r'\b\d\d:\d\d(:\d\d)?\b': '12:00',
    r'\w{8}(-\w{4}){3}-\w{12}': '0a1c5f3e-5cbe-4a8e-8f0e-6d1f1d3a7c11',
    r'\b\d+ ?s\b': '1s',
    r'\b(4|5)m( \d+s)?\b': '5m',
}


class TestQuestions(test_pages.PageTestCase):
    """Ten instances at 6/2/2."""

    def setUp(self):
        self.useFixture(
            fixtures.MockPatch('socket.gethostname', return_value='control1')
        )
        super().setUp()

    def everything(self):
        """Let the engine do all that it wants to do."""
        self.settle(self.stack_id)

    def quota(self):
        """Athens has room for 4, when 10 are asked for again."""
        self.set('--count', '5')
        self.clouds['athens'].room = 4
        self.set('--count', '10')

    def outage(self):
        self.lose('cairo')
        self.everything()

    def end(self):
        """Cairo is back; then athens has room again."""
        self.restore('cairo')
        self.everything()
        self.everything()
        self.clouds['athens'].room = None
        self.set('--retry-capacity')
        self.everything()

    def password(self):
        """Cairo rejects the credentials, and more are asked for."""
        self.clouds['cairo'].fault = faults.answer(401)
        self.set('--count', '15')

    def set(self, *words):
        self.page('stack', 'set', 'web', *words)
        self.everything()
        self.everything()

    def test_every_command_shows_what_the_page_says(self):
        text, shown = PAGE.read_text(), []

        def show(match):
            if match[1]:
                getattr(self, match[1])()
                return match[0]
            command, block = match[2], match[3]
            words = shlex.split(command.replace('\\\n', ' '))
            output = ''.join(
                f'   {line}'.rstrip() + '\n'
                for line in neutral(self.page(*words)).splitlines()
            )
            shown.append((command, block, output))
            return f'   $ openstack multicloud {command}\n{output}\n'

        written = PART.sub(show, text)
        if WRITES:
            PAGE.write_text(written)
        self.assertGreater(len(shown), 4)
        for command, block, output in shown:
            self.assertEqual(plain(output), plain(block), command)


def neutral(output):
    """The output without the addresses and files of this machine."""
    output = HOST.sub('https://cairo.example/', output)
    return FILE.sub('/etc/openstack/heat-spreader/clouds.yaml', output)


def plain(output):
    """What must be the same each time.

    Lines and columns may end elsewhere, also between a date and its time.
    """
    output = re.sub(r'[|\s]+', ' ', output)
    for pattern, text in VARIES.items():
        output = re.sub(pattern, text, output)
    return re.sub(r'[-+ ]+', ' ', output).strip()
