# SPDX-License-Identifier: Apache-2.0
"""What the API shows of the witnesses."""

import datetime

from oslotest import base

from heat_spreader import context
from heat_spreader.db import witnesses
from heat_spreader.tests.functional import fixtures

FIRST = datetime.datetime(2026, 11, 23, 8, 30, 3, tzinfo=datetime.UTC)
LATER = FIRST + datetime.timedelta(seconds=10)
URL = 'https://mon.example.org:9115/probe'


class TestWitnesses(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(
            fixtures.Api(
                health={'witnesses': ['office', 'lab']},
                witness_office={
                    'url': f'{URL}?token=hidden',
                    'near': ['east'],
                    'username': 'ann',
                    'password': 'secret',
                },
                witness_lab={'url': 'https://lab.example.org/probe'},
            )
        )

    def save(self, cloud, asked_at, **answers):
        with context.for_engine() as ctx:
            witnesses.save(ctx, cloud, answers, asked_at)

    def list(self):
        response = self.api.request('GET', '/v1/witnesses', token='admin')
        self.assertEqual(200, response.status_code)
        self.assertNotIn('secret', response.text)
        self.assertNotIn('hidden', response.text)
        return response.json['witnesses']

    def test_witness_that_was_never_asked_is_listed(self):
        office, lab = self.list()

        self.assertEqual(
            {
                'name': 'office',
                'url': URL,
                'near': ['east'],
                'answered_at': None,
                'latency': None,
                'answers': [],
            },
            office,
        )
        self.assertEqual('lab', lab['name'])

    def test_last_answer_about_each_cloud_is_shown(self):
        self.save('west', FIRST, office=('REACHES', '', 0.5))
        self.save('west', LATER, office=('SILENT', 'it is away', None))
        self.save('north', FIRST, office=('CANNOT_REACH', '', 0.25))
        self.save('gone', LATER, office=('REACHES', '', 0.75))

        office, lab = self.list()

        self.assertEqual([], lab['answers'])
        self.assertEqual(
            [
                ('north', 'CANNOT_REACH', '', '2026-11-23T08:30:03Z'),
                ('west', 'SILENT', 'it is away', '2026-11-23T08:30:13Z'),
            ],
            [tuple(answer.values()) for answer in office['answers']],
        )
        self.assertEqual('2026-11-23T08:30:03Z', office['answered_at'])
