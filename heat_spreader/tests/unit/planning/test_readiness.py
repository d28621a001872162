# SPDX-License-Identifier: Apache-2.0
"""Which losses a stack survives."""

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import readiness
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, stack = stories.member, stories.stack


def ready(*members, freezing=frozenset(), **wanted):
    return readiness.of_stack(stack(*members, **wanted), NOW, freezing)


class TestReadiness(base.BaseTestCase):
    def check(self, expected, *members, **wanted):
        found = ready(*members, **wanted)
        self.assertEqual(expected, found.unplaced)
        self.assertEqual(not expected, found.survives)

    def test_stack_whose_others_carry_each_loss_survives(self):
        self.check(
            {},
            member('athens', '0.6', 6),
            member('berlin', '0.2', 2),
            member('cairo', '0.2', 2),
        )

    def test_what_exceeds_the_maxima_of_the_others_has_no_place(self):
        self.check(
            {'athens': 2},
            member('athens', '0.6', 6),
            member('berlin', '0.2', 2, limits=(0, 4)),
            member('cairo', '0.2', 2, limits=(0, 4)),
        )

    def test_stack_in_one_cloud_does_not_survive(self):
        self.check({'athens': 10}, member('athens', '1', 10))

    def test_standby_carries_the_loss(self):
        self.check({}, member('athens', '1', 10), member('berlin', '0', 0))
        self.check(
            {'athens': 7},
            member('athens', '1', 10),
            member('berlin', '0', 0, limits=(0, 3)),
        )

    def test_standby_with_proportional_failover_takes_nothing(self):
        self.check(
            {'berlin': 1},
            member('athens', '0.9', 9, limits=(0, 9)),
            member('berlin', '0.1', 1),
            member('cairo', '0', 0),
            failover='proportional',
        )

    def test_minimum_of_a_lost_cloud_needs_a_place_too(self):
        self.check(
            {},
            member('athens', '0.5', 5, limits=(5, None)),
            member('berlin', '0.5', 5, limits=(5, None)),
        )

    def test_failover_none_loses_what_is_in_the_cloud(self):
        self.check(
            {'athens': 6, 'berlin': 4},
            member('athens', '0.6', 6),
            member('berlin', '0.4', 4),
            failover='none',
        )

    def test_cloud_that_has_nothing_of_a_stack_does_not_matter(self):
        self.check(
            {'athens': 10},
            member('athens', '1', 10),
            member('berlin', '0', 0, limits=(0, 0)),
        )

    def test_clouds_that_can_take_nothing_carry_no_loss(self):
        for known in (
            {'cloud_state': 'DOWN'},
            {'cloud_state': 'RECOVERING'},
            {'declared': 'DOWN'},
            {'id': None},
        ):
            self.check(
                {'athens': 10},
                member('athens', '0.6', 10),
                member('berlin', '0.4', 0, **known),
            )

    def test_clouds_that_take_no_more_carry_no_loss(self):
        for known in (
            {'admin_state': 'CORDONED'},
            {'cloud_state': 'UNAUTHORIZED'},
            {'cloud_state': 'UNSEEN'},
            {'rejection': 'no'},
            {'order': {'admin_state': states.AdminState.CORDONED}},
        ):
            self.assertEqual(
                6,
                ready(
                    member('athens', '0.6', 6),
                    member('berlin', '0.4', 4, **known),
                ).unplaced['athens'],
                known,
            )

    def test_drained_cloud_takes_what_no_other_can(self):
        """The others come first, but a total is kept by any means."""
        self.assertNotIn(
            'athens',
            ready(
                member('athens', '0.6', 10),
                member('berlin', '0.4', 0, failed_over=True),
            ).unplaced,
        )

    def test_cloud_that_is_lost_already_does_no_further_harm(self):
        self.check(
            {'berlin': 10},
            member('athens', '0.6', 6, 'DOWN'),
            member('berlin', '0.4', 10),
        )

    def test_what_has_no_place_before_the_loss_does_not_count(self):
        self.check(
            {'athens': 4, 'berlin': 4},
            member('athens', '0.5', 4, limits=(0, 4)),
            member('berlin', '0.5', 4, limits=(0, 4)),
        )

    def test_cloud_that_is_declared_up_is_not_replaced(self):
        self.check(
            {'athens': 6},
            member('athens', '0.6', 6, declared='UP'),
            member('berlin', '0.4', 4),
        )

    def test_paused_stack_loses_what_is_in_each_cloud(self):
        found = ready(
            member('athens', '0.6', 7), member('berlin', '0.4', 3), paused=True
        )

        self.assertEqual({'athens': 7, 'berlin': 3}, found.unplaced)
        self.assertEqual({'athens', 'berlin'}, found.frozen)

    def test_loss_that_freezes_everything_is_not_survived(self):
        found = ready(
            member('athens', '0.6', 6),
            member('berlin', '0.4', 4),
            freezing={'athens'},
        )

        self.assertEqual({'athens': 6}, found.unplaced)
        self.assertEqual({'athens'}, found.frozen)
        self.assertFalse(found.survives)

    def test_total_of_zero_survives(self):
        self.check({}, member('athens', '1', 0), count=0)


class TestFreezing(base.BaseTestCase):
    def freezing(self, max_down_clouds=None, **found):
        clouds = [
            facts.Cloud(
                name,
                states.CloudState(state),
                NOW - stories.MINUTE,
                checked_at=NOW,
            )
            for name, state in found.items()
        ]
        return readiness.freezing(clouds, max_down_clouds)

    def test_one_loss_of_three_freezes_nothing(self):
        self.assertEqual(
            set(), self.freezing(athens='UP', berlin='UP', cairo='UP')
        )

    def test_second_loss_of_three_freezes(self):
        self.assertEqual(
            {'athens', 'cairo'},
            self.freezing(athens='UP', berlin='DOWN', cairo='UP'),
        )

    def test_second_loss_of_three_is_moved_where_the_limit_allows_it(self):
        self.assertEqual(
            set(),
            self.freezing(2, athens='UP', berlin='DOWN', cairo='UP'),
        )

    def test_loss_of_the_last_cloud_freezes(self):
        self.assertEqual({'athens'}, self.freezing(0, athens='UP'))
