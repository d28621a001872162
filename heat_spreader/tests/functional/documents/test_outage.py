# SPDX-License-Identifier: Apache-2.0
"""The outage of the user guide happens as its page says."""

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal
from heat_spreader.tests.functional.emulator import faults


class TestOutage(terminal.TerminalTestCase):
    def setUp(self):
        super().setUp()
        self.cairo = self.clouds['cairo']
        for each in self.clouds.values():
            each.add_stack('workers', 0, 'size')
        self.terminal.type('export OS_CLOUD=home')
        self.terminal.type(
            'openstack multicloud stack create workers --count 10 '
            '--parameter size --weight athens=0.6 --weight berlin=0.2 '
            '--weight cairo=0.2 --wait'
        )

    def type(self, line):
        return pages.with_cairo(self.terminal.type(line))

    def lost(self):
        """Heat has not ended the updates yet."""
        self.cairo.fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey()
        self.engine.reconcile()
        self.engine.survey('athens', 'berlin')
        self.engine.reconcile()

    def back(self):
        self.cairo.fault = None
        self.everything()

    def outage(self):
        self.lost()
        self.everything()
        self.back()

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('user/outage.rst', self)

        self.assertGreater(compared, 5)
        self.assertEqual((6, 2, 2), self.workers())
