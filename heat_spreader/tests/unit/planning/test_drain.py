# SPDX-License-Identifier: Apache-2.0
"""Which drains would do harm."""

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import drain
from heat_spreader.planning import facts
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, stack = stories.member, stories.stack


class TestDrain(base.BaseTestCase):
    def effect(self, *members, **wanted):
        return drain.of_member(stack(*members, **wanted), 'athens', NOW)

    def test_drain_that_the_others_carry_does_no_harm(self):
        one = stack(member('athens', '0.6', 6), member('berlin', '0.4', 4))

        self.assertEqual([], drain.of_cloud([one], 'athens', NOW))

    def test_what_the_others_cannot_take_is_unplaced(self):
        self.assertEqual(
            drain.Effect('id', 'web', 3, last=False),
            self.effect(
                member('athens', '0.6', 6),
                member('berlin', '0.4', 4, limits=(0, 7)),
            ),
        )

    def test_what_was_unplaced_before_does_not_count(self):
        full = {'limits': (0, 2)}
        self.assertIsNone(
            self.effect(
                member('athens', '0', 0), member('berlin', '1', 2, **full)
            )
        )
        self.assertEqual(
            2,
            self.effect(
                member('athens', '0.5', 2, **full),
                member('berlin', '0.5', 2, **full),
            ).unplaced,
        )

    def test_minimum_stays_and_is_not_unplaced(self):
        self.assertEqual(
            1,
            self.effect(
                member('athens', '0.6', 6, limits=(2, None)),
                member('berlin', '0.4', 4, limits=(0, 7)),
            ).unplaced,
        )

    def test_last_cloud_is_the_last_whatever_the_others_could_have(self):
        others = [
            {'cloud_state': 'DOWN'},
            {'admin_state': 'DRAINED'},
            {'declared': 'DOWN'},
            {'id': None},
        ]
        for known in others:
            self.assertEqual(
                drain.Effect('id', 'web', 10, last=True),
                self.effect(
                    member('athens', '0.6', 10),
                    member('berlin', '0.4', 0, **known),
                ),
            )

    def test_cordoned_clouds_take_nothing(self):
        self.assertEqual(
            drain.Effect('id', 'web', 6, last=False),
            self.effect(
                member('athens', '0.6', 6),
                member('berlin', '0.4', 4, admin_state='CORDONED'),
            ),
        )

    def test_member_without_instances_does_no_harm(self):
        self.assertIsNone(self.effect(member('athens', '1', None, id=None)))
        self.assertIsNone(
            self.effect(member('athens', '0', 0), member('berlin', '1', 10))
        )

    def test_other_clouds_that_are_down_are_named(self):
        clouds = [
            facts.Cloud('athens', states.CloudState.DOWN),
            facts.Cloud('berlin', states.CloudState.RECOVERING),
            facts.Cloud('cairo', states.CloudState.UP),
            facts.Cloud(
                'delos', states.CloudState.UP, declared=states.Declared.DOWN
            ),
            facts.Cloud(
                'essen', states.CloudState.DOWN, declared=states.Declared.UP
            ),
        ]

        self.assertEqual(
            ['berlin', 'delos'],
            [cloud.name for cloud in drain.down(clouds, 'athens')],
        )
