# SPDX-License-Identifier: Apache-2.0
"""What holds a member where it is."""

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.planning import waits
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
member, stack = stories.member, stories.stack


class TestWaits(base.BaseTestCase):
    def waits(self, *members, frozen=None, **wanted):
        planned = plan.make(stack(*members, **wanted), NOW, frozen)
        return waits.of_member(planned, 'athens')

    def test_nothing_holds_a_member_at_its_target(self):
        self.assertEqual([], self.waits(member('athens', '1', 10)))

    def test_next_update_is_named_with_its_reason(self):
        self.assertEqual(
            ['4 -> 10 is the next update, because its share has grown.'],
            self.waits(member('athens', '1', 4)),
        )

    def test_member_waits_until_others_are_ready(self):
        self.assertEqual(
            [
                'athens will shrink from 8 to 4 when the others are ready.',
                'Make before break: it waits for berlin (2 of 6 ready).',
            ],
            self.waits(member('athens', '0.4', 8), member('berlin', '0.6', 2)),
        )

    def test_member_waits_for_heat(self):
        [found] = self.waits(
            member('athens', '1', 4, status='UPDATE_IN_PROGRESS')
        )

        self.assertIn('Heat is still working on the stack', found)

    def test_member_waits_for_its_next_attempt(self):
        [found] = self.waits(
            member(
                'athens',
                '1',
                4,
                last_error='No route.',
                failures=1,
                retry_at=NOW + MINUTE,
            )
        )

        self.assertIn('The next attempt is at 2026-01-01 12:01:00', found)

    def test_rejected_member_is_held_with_the_words_of_heat(self):
        [found] = self.waits(
            member(
                'athens',
                '1',
                4,
                rejection='No such flavor.',
                retry_at=NOW + MINUTE,
            )
        )

        self.assertIn('No such flavor.', found)

    def test_paused_stack_and_frozen_engine_hold_every_member(self):
        athens = member('athens', '1', 4)

        self.assertEqual(
            'The user paused the stack.', self.waits(athens, paused=True)[-1]
        )
        self.assertEqual(
            'Too many are down.',
            self.waits(athens, frozen='Too many are down.')[-1],
        )

    def test_cloud_in_doubt_is_named(self):
        self.assertEqual(
            'athens is SUSPECT: nothing is sent until a survey finds it UP.',
            self.waits(member('athens', '1', 4, 'SUSPECT'))[-1],
        )

    def test_stack_that_cannot_be_read_is_named(self):
        self.assertEqual(
            'The stack cannot be read: Heat answers 500.',
            self.waits(
                member('athens', '1', 4, read_error='Heat answers 500.')
            )[-1],
        )

    def test_member_of_a_lost_cloud_waits_for_no_other_member(self):
        [found] = self.waits(
            member('athens', '0.5', 5, 'DOWN'), member('berlin', '0.5', 5)
        )

        self.assertIn('athens has been unreachable', found)
