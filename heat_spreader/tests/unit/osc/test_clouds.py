# SPDX-License-Identifier: Apache-2.0
from osc_lib import exceptions

from heat_spreader.osc import clouds
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ATHENS = {
    'name': 'athens',
    'state': 'UP',
    'reason': '',
    'since': '2026-11-22T10:00:00Z',
    'checked_at': None,
    'failures': 0,
    'successes': 3,
    'stacks': 2,
}


class TestClouds(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(fixtures.CLOUDS, json={'clouds': [ATHENS]})

    def test_lists_the_health_of_each(self):
        (row,) = self.take(clouds.ListCloud)

        self.assertEqual(('athens', 'UP'), (row['Name'], row['State']))
        self.assertEqual(2, row['Stacks'])

    def test_shows_one(self):
        shown = self.take(clouds.ShowCloud, 'athens')

        self.assertEqual(ATHENS.keys(), shown.keys())
        self.assertIsNone(shown['checked_at'].machine_readable())

    def test_unknown_cloud_is_reported(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            "There is no cloud 'sparta'",
            self.run_command,
            clouds.ShowCloud,
            'sparta',
        )
