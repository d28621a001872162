# SPDX-License-Identifier: Apache-2.0
"""Every command of the README and of the quick start is typed as printed."""

import fixtures

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal


class TestReadme(terminal.TerminalTestCase):
    def setUp(self):
        super().setUp()
        self.create_what_must_exist()

    def create_what_must_exist(self):
        self.useFixture(fixtures.EnvironmentVariable('OS_CLOUD', 'home'))
        for name in self.clouds:
            self.type(
                f'openstack --os-cloud {name} stack create '
                '-t workers.yaml workers'
            )

    def test_quick_look(self):
        (lines,) = pages.blocks('Quick look')

        _, listed, *_ = [self.type(line) for line in lines]

        for row in (
            'athens | 0.6 | 6 | 6 | 6 | OK',
            'berlin | 0.2 | 2 | 2 | 2 | OK',
            'cairo | 0.2 | 2 | 2 | 2 | OK',
        ):
            self.assertIn(row, ' '.join(listed.split()))
        self.everything()
        self.assertEqual((12, 4, 2), self.workers())

    def test_standalone(self):
        """The API and the engine run in this process instead."""
        (content, (start, *lines)) = pages.blocks('Standalone')
        self.terminal.write_yaml('\n'.join(content), self.url)

        self.assertEqual('heat-spreader run &', start)
        shown = [self.type(line) for line in lines][-1]

        self.assertIn('workers: ACTIVE, 10 of 10 instances', shown)
        self.assertEqual((6, 2, 2), self.workers())


class TestQuickStart(terminal.TerminalTestCase):
    def test_every_command_works_and_shows_what_the_page_says(self):
        compared = pages.play('user/quickstart.rst', self)

        self.assertGreaterEqual(compared, 4)
        self.assertEqual((12, 4, 2), self.workers())
