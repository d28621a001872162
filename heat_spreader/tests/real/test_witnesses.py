# SPDX-License-Identifier: Apache-2.0
"""Real exporters see real clouds that the engine does not reach."""

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.real import test_faults
from heat_spreader.tests.real.testbed import exporter

NAMES = ('lab', 'office', 'valencia')
ROUNDS = 3


class TestWitnesses(test_faults.FaultTestCase):
    """The engine's way to the Heat of cairo leads through a proxy."""

    def setUp(self):
        if not exporter.is_installed():
            self.skipTest(f'{exporter.PROGRAM} is not installed')
        super().setUp()
        self.exporters = [exporter.Exporter(n, self.bed) for n in NAMES]
        for each in self.exporters:
            self.addCleanup(each.process.stop)
            each.process.start()
        self.configure_witnesses()

    def configure_witnesses(self):
        path = self.spreader.config_file
        before = path.read_text()
        self.addCleanup(self.restart, before)
        sections = [each.section() for each in self.exporters]
        named = f'[health]\nwitnesses = {",".join(NAMES)}\n'
        self.restart('\n'.join([before, named, *sections]))

    def restart(self, configuration):
        """Restart API and engine with a configuration."""
        self.spreader.config_file.write_text(configuration)
        self.spreader.close()
        self.spreader.engine.launch()
        self.spreader.api.start()

    def answers(self):
        """The last answer of each witness about cairo."""
        listed = self.openstack('witness', 'list', '-f', 'json', user='admin')
        return {
            row['Name']: answer
            for row in listed
            for answer in row['Answers']
            if answer['cloud'] == 'cairo'
        }

    def votes_of_event(self, state):
        stack = self.client.find_stack(self.name)
        (event,) = (
            event
            for event in self.client.events(stack)
            if event.cloud == 'cairo' and f'to {state}' in event.message
        )
        return event.details['votes']

    def wait_for_rounds(self):
        """Wait until the witnesses were asked several times."""
        asked = set()

        def is_done():
            asked.update(each['asked_at'] for each in self.answers().values())
            return len(asked) > ROUNDS

        self.wait_until(is_done, 'asked again')

    def test_cut_link_moves_nothing_and_a_killed_cloud_does(self):
        self.site.proxy.fault = faults.REFUSE
        self.wait_until(
            lambda: self.member('cairo')['state'] == 'UNSEEN', 'unseen'
        )
        self.wait_for_rounds()

        self.assertEqual('UNSEEN', self.cloud_states()['cairo'])
        self.assert_in_heat(6, 2, 2)
        self.assertEqual([0, 0, 0], self.patches_in_heat())
        self.assertEqual(
            {'engine': 'CANNOT_REACH', **dict.fromkeys(NAMES, 'REACHES')},
            self.votes_of_event('UNSEEN'),
        )

        self.cairo.keystone.kill()
        self.cairo.heat.kill()
        self.wait_until(
            lambda: self.member('cairo')['state'] == 'UNREACHABLE', 'down'
        )
        self.wait_until(lambda: self.living() == [7, 3], '7/3/0')
        self.assertEqual(
            dict.fromkeys(['engine', *NAMES], 'CANNOT_REACH'),
            self.votes_of_event('DOWN'),
        )
