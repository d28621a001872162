# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a target, as people read it."""

from oslotest import base

from heat_spreader.planning import explain
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, stack = stories.member, stories.stack


def explained(of, cloud='athens'):
    return explain.Explanation(plan.make(of, NOW)).target(cloud)


def lines(*members, **wanted):
    return explained(stack(*members, **wanted))


class TestArithmetic(base.BaseTestCase):
    def test_whole_product_has_no_remainder(self):
        self.assertEqual(
            ['10 x 0.6 = 6.0: 6 whole seats; no remainder.', 'Target: 6.'],
            lines(member('athens', '0.6', 6), member('berlin', '0.4', 4)),
        )

    def test_remainder_goes_to_the_highest_priority(self):
        self.assertEqual(
            [
                '9 x 0.75 = 6.75: 6 whole seats; a remainder of 0.75.',
                '1 seat remained, and 1 came here: 6 + 1 = 7. Its priority '
                'is 0.75 / (2 x 6 + 1) = 0.0577, higher than 0.05 of berlin.',
                'Target: 7.',
            ],
            lines(
                member('athens', '0.75', 7),
                member('berlin', '0.25', 2),
                count=9,
            ),
        )

    def test_fewer_seats_win_where_the_priorities_are_equal(self):
        self.assertEqual(
            '1 seat remained, and none came here. Its priority is 0.55 / '
            '(2 x 5 + 1) = 0.05, equal to that of berlin; berlin has fewer '
            'seats.',
            lines(member('athens', '0.55', 5), member('berlin', '0.45', 5))[1],
        )

    def test_cloud_with_the_lower_priority_gets_no_remainder(self):
        self.assertEqual(
            '1 seat remained, and none came here. Its priority is 0.25 / '
            '(2 x 2 + 1) = 0.05, lower than 0.0577 of berlin.',
            lines(
                member('athens', '0.25', 2),
                member('berlin', '0.75', 8),
                count=9,
            )[1],
        )

    def test_tie_is_named_with_what_decides_it(self):
        third = '0.333333'
        found = lines(
            member('athens', third, 4),
            member('berlin', third, 3),
            member('cairo', third, 3),
        )

        self.assertIn('which has as many seats; a hash of the', found[1])

    def test_limits_are_named(self):
        self.assertIn(
            'The maximum is 4.',
            lines(
                member('athens', '0.6', 4, limits=(0, 4)),
                member('berlin', '0.4', 6),
            ),
        )
        self.assertIn(
            'The minimum is 7.',
            lines(
                member('athens', '0.6', 7, limits=(7, None)),
                member('berlin', '0.4', 3),
            ),
        )

    def test_lost_weight_is_divided_equally(self):
        self.assertEqual(
            [
                '10 x 0.6 = 6.0: 6 whole seats; no remainder.',
                '0.2 of cairo, which is DOWN, is divided equally among '
                'athens and berlin: + 0.1. Its weight is 0.7 now.',
                '6 + 1 of the 2 that cairo cannot take = 7. Each goes to the '
                'cloud with the highest weight / (2 x seats + 1).',
                'Target: 7.',
            ],
            lines(
                member('athens', '0.6', 6),
                member('berlin', '0.2', 2),
                member('cairo', '0.2', 2, 'DOWN'),
            ),
        )

    def test_lost_weight_is_divided_by_weight(self):
        self.assertIn(
            '0.2 of cairo, which is DOWN, is divided by weight among athens '
            'and berlin: + 0.15. Its weight is 0.75 now.',
            lines(
                member('athens', '0.6', 6),
                member('berlin', '0.2', 2),
                member('cairo', '0.2', 2, 'DOWN'),
                failover='proportional',
            ),
        )

    def test_lost_cloud_gives_its_weight_away(self):
        self.assertEqual(
            'athens is DOWN: its weight 0.5 goes to berlin.',
            lines(
                member('athens', '0.5', 5, 'DOWN'), member('berlin', '0.5', 5)
            )[1],
        )

    def test_share_of_a_lost_cloud_stays_without_failover(self):
        self.assertIn(
            'Its share of 5 stays there, and nothing elsewhere replaces it: '
            'failover is none.',
            lines(
                member('athens', '0.5', 5, 'DOWN'),
                member('berlin', '0.5', 5),
                failover='none',
            ),
        )

    def test_held_member_keeps_its_count_and_others_give_way(self):
        athens = member('athens', '0.5', 8, 'UNAUTHORIZED')
        berlin = member('berlin', '0.5', 5)

        self.assertIn(
            'It is held at the last count, 8.', lines(athens, berlin)[1]
        )
        self.assertIn(
            '5 - 3 = 2: athens keeps 3 more than its share.',
            explained(stack(athens, berlin), 'berlin'),
        )

    def test_cordoned_member_gets_nothing_more(self):
        self.assertIn(
            'athens gets nothing more: it keeps 2 of its share of 5.',
            lines(
                member('athens', '0.5', 2, admin_state='CORDONED'),
                member('berlin', '0.5', 5),
            ),
        )

    def test_what_stays_in_a_drained_cloud_is_named(self):
        self.assertIn(
            'What stays: 1 by the minimum and 2 that no other cloud can take.',
            lines(
                member(
                    'athens',
                    '0.5',
                    5,
                    limits=(1, None),
                    admin_state='DRAINING',
                ),
                member('berlin', '0.5', 5, limits=(0, 7)),
            ),
        )

    def test_member_keeps_what_it_has_until_the_weights_are_complete(self):
        one = stack(member('athens', '0.5', 8))
        adopted = facts.Stack(one.id, one.specification, one.members, False)

        self.assertEqual(
            [
                'It keeps 8: nothing shrinks until the weights have added up '
                'to 1.',
                'Target: 8.',
            ],
            explained(adopted)[-2:],
        )
