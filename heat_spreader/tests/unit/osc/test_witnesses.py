# SPDX-License-Identifier: Apache-2.0
from heat_spreader.osc import columns
from heat_spreader.osc import witnesses
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ANSWERS = [
    {
        'cloud': 'cairo',
        'vote': 'REACHES',
        'problem': '',
        'asked_at': '2026-11-23T08:30:03Z',
    },
    {
        'cloud': 'berlin',
        'vote': 'SILENT',
        'problem': 'it does not answer within 5 s',
        'asked_at': '2026-11-23T08:31:03Z',
    },
]
WITNESS = {
    'name': 'office',
    'url': 'https://mon.office.example.org:9115/probe',
    'near': ['athens'],
    'answered_at': '2026-11-23T08:30:03Z',
    'latency': 0.21,
    'answers': ANSWERS,
}


class TestWitnesses(base.CommandTestCase):
    def test_lists_what_each_said_about_each_cloud(self):
        url = fixtures.CLOUDS.replace('/clouds', '/witnesses')
        self.requests.get(url, json={'witnesses': [WITNESS]})

        (row,) = self.take(witnesses.ListWitness, '--long')

        self.assertEqual('office', row['Name'])
        self.assertEqual('0.210', row['Latency'].human_readable())
        self.assertEqual(['athens'], row['Near'].machine_readable())
        self.assertEqual(ANSWERS, row['Answers'].machine_readable())

    def test_list_for_people_is_short(self):
        url = fixtures.CLOUDS.replace('/clouds', '/witnesses')
        silent = WITNESS | {'answered_at': None, 'latency': None}
        self.requests.get(url, json={'witnesses': [WITNESS, silent]})

        row, never = self.take(witnesses.ListWitness)

        self.assertNotIn('Url', row)
        self.assertEqual('athens', row['Near'])
        self.assertRegex(row['Answered'], r'^\d+d ago$')
        self.assertEqual('0.210', str(row['Latency'].human_readable()))
        self.assertRegex(
            row['Answers'],
            r'^cairo REACHES \d+d ago\nberlin SILENT \d+d ago: it does not',
        )
        self.assertEqual('never', never['Answered'])

    def test_answers_are_lines_for_people(self):
        self.assertEqual(
            'cairo REACHES at 2026-11-23T08:30:03Z\n'
            'berlin SILENT at 2026-11-23T08:31:03Z: it does not answer within '
            '5 s',
            columns.Answers(ANSWERS).human_readable(),
        )
