# SPDX-License-Identifier: Apache-2.0
"""The runbooks show what an operator sees when the alert is active."""

import fixtures

from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.emulator import exporter
from heat_spreader.tests.functional.emulator import faults


class TestRunbooks(terminal.TerminalTestCase):
    """Ten instances at 6/2/2, and the witness of the page."""

    health = {'max_down_clouds': 1, 'witnesses': ['office']}

    def setUp(self):
        self.office = exporter.EmulatedExporter('office')
        self.addCleanup(self.office.stop)
        self.office.start()
        self.useFixture(
            fixtures.MonkeyPatch('socket.gethostname', lambda: 'control1')
        )
        super().setUp()
        for each in self.clouds.values():
            each.add_stack('web', 0, 'size')
        self.type('export OS_CLOUD=home')
        self.type(
            'openstack multicloud stack create web --count 10 '
            '--parameter size --weight athens=0.6 --weight berlin=0.2 '
            '--weight cairo=0.2 --wait'
        )

    def more_options(self):
        return {
            **super().more_options(),
            'witness_office': self.office.options(),
        }

    def type(self, line):
        """A host has a name on the page."""
        if line.startswith('curl '):
            return ''
        shown = self.terminal.type(line)
        for name, each in self.clouds.items():
            # As long as the address, so that lines stay as they are.
            for url in (each.keystone.url, each.heat.url):
                host = f'https://{name}.example'.ljust(len(url), '/')
                shown = shown.replace(url, host)
        return shown.replace(self.clouds_yaml, '/etc/openstack/clouds.yaml')

    def lose(self, *names):
        for name in names:
            self.clouds[name].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey()
        self.everything()

    def restore(self):
        emulator.write_clouds_yaml(self.clouds_yaml, *self.clouds.values())
        for each in self.clouds.values():
            each.fault = None
        self.everything()

    def down(self):
        self.lose('cairo')

    def unauthorized(self):
        self.restore()
        self.clouds['cairo'].fault = faults.answer(401)
        self.engine.survey()

    def misconfigured(self):
        self.restore()
        names = ('athens', 'berlin')
        emulator.write_clouds_yaml(
            self.clouds_yaml, *(self.clouds[name] for name in names)
        )
        # One that has read the entry still has its session.
        self.engine = self.start_engine()
        self.engine.survey()

    def unseen(self):
        self.restore()
        self.office.lie = True
        self.lose('cairo')

    def full(self):
        self.type('openstack multicloud cloud unset cairo --declare')
        self.office.lie = None
        self.restore()
        self.type(
            'openstack multicloud stack set web --max berlin=2 --max cairo=2'
        )
        self.lose('athens')

    def frozen(self):
        self.lose('berlin')

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('admin/runbooks.rst', self)

        self.assertGreater(compared, 5)
