# SPDX-License-Identifier: Apache-2.0
from heat_spreader.osc import events
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

EVENT = {
    'id': 7,
    'kind': 'CLOUD_STATE',
    'cloud': None,
    'message': 'It rained.',
    'details': {'changes': {'state': ['UP', 'DOWN']}},
    'created_at': '2026-11-22T10:00:00Z',
    'request_id': 'req-1',
}


class TestEvents(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(f'{fixtures.STACK}/events', json={'events': [EVENT]})

    def test_lists_what_happened(self):
        (row,) = self.take(events.ListEvent, 'web')

        self.assertEqual((7, 'It rained.'), (row['ID'], row['Message']))
        self.assertIsNone(row['Cloud'].machine_readable())

    def test_long_lists_the_requests_too(self):
        (row,) = self.take(events.ListEvent, 'web')
        self.assertNotIn('Request ID', row)

        (row,) = self.take(events.ListEvent, 'web', '--long')
        self.assertEqual('req-1', row['Request ID'])

    def test_limit_and_marker_are_sent(self):
        self.take(events.ListEvent, 'web', '--limit=1', '--marker=6')

        self.assertEqual(
            {'limit': ['1'], 'marker': ['6']}, self.service.last.qs
        )
