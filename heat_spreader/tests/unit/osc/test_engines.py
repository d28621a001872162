# SPDX-License-Identifier: Apache-2.0
from heat_spreader.osc import engines
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ENGINE = {
    'id': '0c4a1d6e-8f0b-4f6f-9f1a-6f3f4a5f2b11',
    'host': 'controller-1',
    'version': '1.0.0',
    'started_at': '2026-11-23T07:58:12Z',
    'heartbeat_at': '2026-11-23T08:30:03Z',
    'alive': False,
    'clouds': 2,
    'stacks': 0,
}


class TestEngines(base.CommandTestCase):
    def test_lists_what_each_holds_and_whether_it_is_alive(self):
        url = fixtures.CLOUDS.replace('/clouds', '/engines')
        self.requests.get(url, json={'engines': [ENGINE]})

        (row,) = self.take(engines.ListEngine)

        self.assertRegex(row['Heartbeat'], r'^\d+d ago$')
        self.assertNotIn('ID', row)
        self.assertEqual(
            ('controller-1', False, 2, 0),
            tuple(row[key] for key in ('Host', 'Alive', 'Clouds', 'Stacks')),
        )

        (row,) = self.take(engines.ListEngine, '--long')

        self.assertEqual(ENGINE['id'], row['ID'])
        self.assertEqual(ENGINE['heartbeat_at'], row['Heartbeat At'])
