# SPDX-License-Identifier: Apache-2.0
"""Would we survive the loss of a cloud? As people ask it."""

from heat_spreader.tests.functional.osc import base
from heat_spreader.tests.functional.osc import test_orders

WEIGHTS = ('--weight=east=0.6', '--weight=west=0.4', '--max=west=7')


class TestReadiness(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        test_orders.survey('east', 'north', 'west', 'vault')
        self.create('web', *WEIGHTS)

    def test_every_cloud_or_one_is_shown(self):
        rows = {row['Name']: row for row in self.ask('cloud', 'readiness')}
        self.assertEqual({'east', 'north', 'vault', 'west'}, set(rows))
        self.assertEqual(
            (6, {'west': 3}, 3),
            tuple(
                rows['east'][name]
                for name in ('Instances', 'Moves', 'Unplaced')
            ),
        )
        self.assertNotIn('Harmed', rows['east'])

        (row,) = self.ask('cloud', 'readiness', 'east')
        self.assertEqual(['web'], [each['name'] for each in row['Harmed']])
        self.assertIn(
            "There is no cloud 'nowhere'",
            self.fails('cloud', 'readiness', 'nowhere'),
        )

    def test_stack_that_no_pass_has_seen_is_not_known(self):
        self.assertIn(
            '| not known yet |',
            self.run_command('stack', 'show', 'web', '-c', 'readiness'),
        )
        for survives in ('yes', 'no'):
            self.assertEqual(
                [], self.ask('stack', 'list', f'--survives={survives}')
            )
        (row,) = self.ask('stack', 'list', '--long')
        self.assertIsNone(row['Readiness']['survives'])
