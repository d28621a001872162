# SPDX-License-Identifier: Apache-2.0
"""The page of the user commands shows what they print."""

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal

SAMPLE = pages.DOCUMENTS / 'user' / 'samples' / 'stacks.yaml'


class TestCli(terminal.TerminalTestCase):
    """The stacks of the sample file, with other weights of one of them."""

    def setUp(self):
        super().setUp()
        for each in self.clouds.values():
            each.add_stack('workers', 0, 'size')
            each.add_stack('gateways', 0, 'size')
        self.file = self.terminal.home / 'stacks.yaml'
        self.file.write_text(SAMPLE.read_text())
        self.type('export OS_CLOUD=home')
        self.type('openstack multicloud stack apply -f stacks.yaml')
        self.everything()

    def type(self, line):
        if line.startswith(('git ', 'echo ')):
            return ''
        return self.terminal.type(line.partition(' >')[0])

    def edited(self):
        """Someone has edited the file."""
        text = SAMPLE.read_text()
        for old, new in (
            ('count: 10', 'count: 30'),
            ('athens: 0.6', 'athens: 0.5'),
            ('berlin: 0.2', 'berlin: 0.3'),
        ):
            text = text.replace(old, new, 1)
        self.file.write_text(text)

    def mistyped(self):
        self.file.write_text(
            SAMPLE.read_text().replace('athens: 0.5', 'athens: 5')
        )

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('user/cli.rst', self)

        self.assertEqual(6, compared)
