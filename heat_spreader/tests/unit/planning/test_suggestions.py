# SPDX-License-Identifier: Apache-2.0
"""What is suggested where instances have no place, and that it helps."""

import dataclasses

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.planning import suggestions
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, stack = stories.member, stories.stack


def suggest(*members, **wanted):
    planned = plan.make(stack(*members, **wanted), NOW)
    return suggestions.of_plan(planned, NOW)


class TestSuggestions(base.BaseTestCase):
    def sentences(self, *members, **wanted):
        return [found.sentence for found in suggest(*members, **wanted)]

    def test_nothing_is_suggested_where_all_is_placed(self):
        self.assertEqual([], suggest(member('athens', '1', 10)))

    def test_each_maximum_that_would_place_more_is_suggested(self):
        self.assertEqual(
            [
                'Raise the max_count of athens from 4 to 6: 2 more have a '
                'place.',
                'Raise the max_count of berlin from 4 to 6: 2 more have a '
                'place.',
            ],
            self.sentences(
                member('athens', '0.5', 4, limits=(0, 4)),
                member('berlin', '0.5', 4, limits=(0, 4)),
            ),
        )

    def test_raised_maximum_places_what_was_suggested(self):
        members = [
            member('athens', '0.5', 4, limits=(0, 4)),
            member('berlin', '0.5', 4, limits=(0, 4)),
        ]
        [first, _] = suggest(*members)
        raised = dataclasses.replace(members[0].part, max_count=first.value)
        members[0] = dataclasses.replace(members[0], part=raised)

        self.assertEqual(0, plan.make(stack(*members), NOW).unplaced)

    def test_orders_and_outages_that_leave_no_place_are_named(self):
        self.assertEqual(
            [
                'End the cordon of athens: 3 more have a place.',
                'End the drain of berlin: 3 more have a place.',
                'When cairo is back: 3 more have a place.',
            ],
            self.sentences(
                member('athens', '0.5', 3, admin_state='CORDONED'),
                member('berlin', '0.3', 3, admin_state='DRAINED'),
                member('cairo', '0.2', 1, 'DOWN'),
                count=9,
            ),
        )

    def test_order_of_the_owner_is_named_as_well(self):
        self.assertEqual(
            ['End the cordon of athens: 4 more have a place.'],
            self.sentences(
                member('athens', '1', 6, order={'admin_state': 'CORDONED'}),
            ),
        )

    def test_failover_is_suggested_where_there_is_none(self):
        self.assertEqual(
            [],
            self.sentences(
                member('athens', '0.5', 5),
                member('berlin', '0.5', 5, 'DOWN'),
                failover='none',
            ),
        )

    def test_weights_below_one_are_named_with_what_they_leave_out(self):
        [found] = suggest(member('athens', '0.75', 8))

        self.assertEqual(
            ('weights', None, 2),
            (found.change, found.cloud, found.places),
        )
        self.assertEqual(
            'Raise the weights, which add up to 0.75, to 1: 2 more have a '
            'place.',
            found.sentence,
        )
