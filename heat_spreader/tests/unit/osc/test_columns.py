# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.osc import columns
from heat_spreader.tests.unit.sdk import fixtures


class TestColumns(base.BaseTestCase):
    def test_weights_are_short_for_people_and_an_object_for_programs(self):
        weights = {'berlin': 0.2, 'athens': 0.6}
        column = columns.Weights(weights)

        self.assertEqual('athens=0.6, berlin=0.2', str(column))
        self.assertEqual(weights, column.machine_readable())

    def test_no_weights_are_an_empty_object(self):
        for nothing in ({}, None):
            column = columns.Weights(nothing)

            self.assertEqual('', str(column))
            self.assertEqual({}, column.machine_readable())

    def test_a_weight_has_no_exponent_and_no_trailing_zeros(self):
        for weight, text in (
            (0.000001, '0.000001'),
            (0.5, '0.5'),
            (1, '1'),
            (1.0, '1'),
            (0, '0'),
            (None, ''),
        ):
            self.assertEqual(text, str(columns.Weight(weight)))
            self.assertEqual(weight, columns.Weight(weight).machine_readable())

    def test_members_are_a_line_each_and_a_list_for_programs(self):
        members = [
            fixtures.member(),
            fixtures.member(
                'berlin',
                weight=0.2,
                effective_weight=0.4,
                since='2026-11-22T10:00:00Z',
                min_count=1,
                max_count=5,
                target=4,
                count=2,
                ready=1,
                state='FAILED',
                reason='No valid host.',
            ),
        ]
        column = columns.Members(members)

        self.assertEqual(
            'athens 6/6, 6 ready, weight 0.6, OK since 2026-11-22T09:00:00Z\n'
            'berlin 2/4, 1 ready, weight 0.2 (now 0.4), FAILED since '
            '2026-11-22T10:00:00Z, min 1, max 5: No valid host.',
            str(column),
        )
        self.assertEqual(members, column.machine_readable())

    def test_unknown_values_of_a_member_show_as_a_question_mark(self):
        member = fixtures.member(
            effective_weight=None,
            target=None,
            count=None,
            ready=None,
            state='UNKNOWN',
        )

        self.assertEqual(
            'athens ?/?, ready unknown, weight 0.6, '
            'UNKNOWN since 2026-11-22T09:00:00Z',
            str(columns.Members([member])),
        )

    def test_an_unknown_value_is_empty_for_people_and_null_for_programs(self):
        name, missing = columns.known(('athens', None))

        self.assertEqual('athens', name)
        self.assertEqual('', str(missing))
        self.assertIsNone(missing.machine_readable())
