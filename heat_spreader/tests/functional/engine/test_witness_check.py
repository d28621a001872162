# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage witness check, as a process of its own."""

import pathlib

import fixtures

from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import exporter
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestCheck(base.ProcessTestCase):
    def setUp(self):
        super().setUp()
        self.exporters = []
        for name in ('lab', 'office', 'valencia'):
            each = exporter.EmulatedExporter(name)
            self.addCleanup(each.stop)
            each.start()
            self.exporters.append(each)
        self.lab, self.office, self.valencia = self.exporters
        self.more = {}

    def check(self):
        """Return the exit code, the cells by row, and the other lines."""
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        names = [each.name for each in self.exporters]
        groups = self.groups(
            health={'witnesses': ','.join(names), 'probe_timeout': 1}
        )
        for each in self.exporters:
            groups[f'witness_{each.name}'] = each.options() | self.more
        config = process.write_config(directory / 'hs.conf', groups)
        done = process.run(
            process.SCRIPTS / 'heat-spreader-manage',
            *('--config-file', config, 'witness', 'check'),
        )
        lines = done.stdout.splitlines()
        rows = [
            [cell.strip() for cell in line.strip('|').split('|')]
            for line in lines
            if line.startswith('|')
        ]
        rest = [line for line in lines if line[:1] not in '|+']
        return done.returncode, {row[0]: row[1:] for row in rows}, rest

    def test_witnesses_that_reach_every_cloud_pass(self):
        self.more = {'reference': f'{self.clouds["athens"].heat.url}/'}

        code, rows, rest = self.check()

        self.assertEqual((0, []), (code, rest))
        self.assertEqual(
            ['athens', 'berlin', 'cairo', 'Reference'], rows['Witness']
        )
        for each in self.exporters:
            self.assertEqual(['yes'] * 4, rows[each.name])

    def test_each_witness_that_could_not_vote_is_reported(self):
        self.office.cut_off(self.clouds['berlin'])
        self.valencia.fault = faults.REFUSE
        self.more = {'near': 'athens'}

        code, rows, rest = self.check()

        self.assertEqual(1, code)
        self.assertEqual(['yes, near', 'yes', 'yes', 'not set'], rows['lab'])
        self.assertEqual(['yes, near', 'no', 'yes', 'not set'], rows['office'])
        self.assertEqual('silent, near', rows['valencia'][0])
        text = '\n'.join(rest)
        self.assertIn('0 of the witnesses vote about the cloud athens', text)
        self.assertIn('office does not reach the cloud berlin at http', text)
        self.assertIn('valencia is silent: no connection to it', text)
