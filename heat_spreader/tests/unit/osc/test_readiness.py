# SPDX-License-Identifier: Apache-2.0
from heat_spreader.osc import readiness
from heat_spreader.osc import show
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

UNSAFE = {
    'survives': False,
    'unplaced': {'athens': 2, 'berlin': 4},
    'frozen': ['berlin'],
}
ATHENS = {
    'name': 'athens',
    'stacks': 3,
    'instances': 18,
    'moves': {'berlin': 9, 'cairo': 7},
    'estimates': {
        'berlin': {
            'limit': 'cores',
            'needed': 36,
            'free': 20,
            'lacking': 16,
            'unknown': 1,
            'read_at': '2026-11-23T08:00:00Z',
        },
        'cairo': {
            'limit': 'instances',
            'needed': 7,
            'free': 9,
            'lacking': 0,
            'unknown': 0,
            'read_at': '2026-11-23T08:00:00Z',
        },
    },
    'unplaced': 2,
    'frozen': False,
    'stacks_harmed': 1,
    'harmed': [{'id': 'i', 'name': 'web', 'unplaced': 2}],
}


class TestSentence(base.CommandTestCase):
    def test_sentence_names_each_cloud_that_must_not_be_lost(self):
        self.assertEqual(
            'survives the loss of any one cloud: no, without athens 2 would '
            'have no place, without berlin 4 would not be replaced',
            readiness.sentence(UNSAFE),
        )

    def test_safe_and_unknown_stacks_have_one_too(self):
        for survives, sentence in (
            (True, 'survives the loss of any one cloud: yes'),
            (None, 'not known yet'),
        ):
            found = {'survives': survives, 'unplaced': {}, 'frozen': []}
            self.assertEqual(sentence, readiness.sentence(found))


class TestStacks(base.CommandTestCase):
    def test_readiness_is_a_sentence_for_people_and_data_in_json(self):
        shown = fixtures.stack(readiness=UNSAFE)
        self.requests.get(fixtures.STACK, json=shown)

        found = self.take(show.ShowStack, fixtures.STACK_ID, '-f', 'json')[
            'readiness'
        ]

        self.assertEqual(readiness.sentence(UNSAFE), found.human_readable())
        self.assertEqual(UNSAFE, found.machine_readable())

    def test_list_is_filtered(self):
        for word, value in (('yes', 'true'), ('no', 'false')):
            self.take(show.ListStack, '--survives', word, '--long')
            query = self.requests.last_request.qs
            self.assertEqual([value], query['survives'])


class TestClouds(base.CommandTestCase):
    def test_every_cloud_has_a_row(self):
        url = f'{fixtures.CLOUDS}/readiness'
        self.requests.get(url, json={'clouds': [ATHENS]})

        (row,) = self.take(readiness.ShowReadiness)

        self.assertEqual(('athens', 3), (row['Lost'], row['Stacks']))
        self.assertEqual('berlin +9, cairo +7', row['Others Take'])
        self.assertEqual(
            (2, 'berlin 16 cores'), (row['No Place'], row['Lacking'])
        )
        self.assertNotIn('Harmed', row)

    def test_long_list_has_all_numbers_in_full(self):
        url = f'{fixtures.CLOUDS}/readiness'
        self.requests.get(url, json={'clouds': [ATHENS]})

        (row,) = self.take(readiness.ShowReadiness, '--long')

        self.assertEqual(('athens', 3, 2), _of(row, 'Name', 'Stacks'))
        self.assertEqual('berlin +9, cairo +7', row['Moves'].human_readable())

    def test_one_cloud_is_shown_with_the_stacks(self):
        url = f'{fixtures.CLOUDS}/athens/readiness'
        self.requests.get(url, json=ATHENS)

        (row,) = self.take(readiness.ShowReadiness, 'athens')

        self.assertEqual(('athens', 3, 2), _of(row, 'Name', 'Stacks'))
        self.assertEqual('web (i): 2', row['Harmed'].human_readable())
        self.assertEqual(ATHENS['moves'], row['Moves'].machine_readable())


def _of(row, *names):
    return (*(row[name] for name in names), row['Unplaced'])


class TestLimits(base.CommandTestCase):
    def test_estimates_are_lines_that_say_what_they_are(self):
        self.assertEqual(
            'berlin has room for 20 cores, 16 too few: estimated from the '
            'limits of Nova at 2026-11-23T08:00:00Z, stacks of unknown '
            'flavor: 1\n'
            'cairo has room for 9 instances: estimated from the limits of '
            'Nova at 2026-11-23T08:00:00Z',
            readiness.Estimates(ATHENS['estimates']).human_readable(),
        )

    def test_limits_are_lines_with_what_is_used(self):
        found = {
            'instances': {'used': 35, 'maximum': 40},
            'ram': {'used': 2048, 'maximum': None},
            'read_at': '2026-11-23T08:00:00Z',
        }
        self.assertEqual(
            'instances 35 of 40\nram 2048 of no limit\n'
            'read at 2026-11-23T08:00:00Z',
            readiness.Limits(found).human_readable(),
        )
        self.assertEqual('', readiness.Limits(None).human_readable())
