# SPDX-License-Identifier: Apache-2.0
"""The page about stacks that run already does what it says."""

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal


class TestAdopt(terminal.TerminalTestCase):
    """Five instances in athens, three in berlin, and no stack in cairo."""

    def setUp(self):
        super().setUp()
        self.clouds['athens'].add_stack('workers', 5, 'size')
        self.clouds['berlin'].add_stack('workers', 3, 'size')
        self.type('export OS_CLOUD=home')

    def adopted(self):
        """The engine goes on, and changes nothing."""
        self.everything()
        self.assertEqual(0, self.patches())

    def again(self):
        """The reader had chosen another command."""
        self.type('openstack multicloud stack delete workers --yes')

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('user/adopt.rst', self)

        self.assertGreater(compared, 2)
        self.assertEqual(0, self.patches())
