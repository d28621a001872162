# SPDX-License-Identifier: Apache-2.0
"""What the engine plans for a stack while every cloud serves."""

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
member, stack = stories.member, stories.stack
updates, targets = stories.updates, stories.targets
member_states = stories.member_states
FAILED = 'UPDATE_FAILED'


class TestHappyPath(base.BaseTestCase):
    def test_every_member_goes_to_its_share_at_once(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 1),
                member('berlin', '0.2', 1),
                member('cairo', '0.2', 2),
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': (1, 6), 'berlin': (1, 2)}, updates(planned)
        )
        self.assertEqual('SCALING', planned.status)

    def test_stack_at_its_targets_is_active_and_gets_no_update(self):
        planned = plan.make(
            stack(member('athens', '0.6', 6), member('berlin', '0.4', 4)),
            NOW,
        )

        self.assertEqual(
            ('ACTIVE', '', (), None),
            (
                planned.status,
                planned.status_reason,
                planned.updates,
                planned.due_at,
            ),
        )

    def test_stack_without_weights_is_pending(self):
        planned = plan.make(stack(), NOW)

        self.assertEqual(
            ('PENDING', 'No cloud has a weight yet.'),
            (planned.status, planned.status_reason),
        )

    def test_unread_member_gets_no_update_and_the_others_grow(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 1),
                member('berlin', '0.4', None, read=False),
            ),
            NOW,
        )

        self.assertEqual({'athens': (1, 6)}, updates(planned))
        self.assertEqual('PENDING', planned.status)
        self.assertEqual('UNKNOWN', member_states(planned)['berlin'])

    def test_paused_stack_gets_no_update(self):
        planned = plan.make(stack(member('athens', '1', 1), paused=True), NOW)

        self.assertEqual(((), 'PAUSED'), (planned.updates, planned.status))
        self.assertEqual({'athens': 10}, targets(planned))

    def test_unplaced_instances_are_an_error_with_a_reason(self):
        planned = plan.make(
            stack(member('athens', '1', 4, limits=(0, 4))), NOW
        )

        self.assertEqual((6, 'ERROR'), (planned.unplaced, planned.status))
        self.assertIn('6 of 10 do not fit in any cloud', planned.status_reason)


class TestMakeBeforeBreak(base.BaseTestCase):
    def test_members_grow_before_others_shrink(self):
        planned = plan.make(
            stack(member('athens', '0.4', 6), member('berlin', '0.6', 4)),
            NOW,
        )

        self.assertEqual({'berlin': (4, 6)}, updates(planned))
        self.assertIn('when the others are ready', planned.members[0].reason)

    def test_shrinking_waits_until_new_instances_are_ready(self):
        planned = plan.make(
            stack(
                member('athens', '0.4', 6),
                member(
                    'berlin',
                    '0.6',
                    6,
                    ready=4,
                    status='UPDATE_IN_PROGRESS',
                ),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual('SCALING', planned.status)

    def test_shrinking_follows_when_new_instances_are_ready(self):
        planned = plan.make(
            stack(member('athens', '0.4', 6), member('berlin', '0.6', 6)),
            NOW,
        )

        self.assertEqual({'athens': (6, 4)}, updates(planned))

    def test_failed_growth_stops_the_shrinking(self):
        planned = plan.make(
            stack(
                member('athens', '0.4', 6),
                member(
                    'berlin',
                    '0.6',
                    6,
                    ready=4,
                    status='UPDATE_FAILED',
                    status_reason='The image is damaged',
                ),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual('DEGRADED', planned.status)
        self.assertIn('The image is damaged', planned.status_reason)

    def test_half_failed_growth_lets_half_of_it_shrink(self):
        planned = plan.make(
            stack(
                member('athens', '0.4', 6),
                member(
                    'berlin',
                    '0.6',
                    6,
                    ready=5,
                    status='UPDATE_FAILED',
                ),
            ),
            NOW,
        )

        self.assertEqual({'athens': (6, 5)}, updates(planned))

    def test_instances_that_never_became_ready_may_be_removed(
        self,
    ):
        planned = plan.make(
            stack(
                member('athens', '0.5', 6, ready=0, status='UPDATE_FAILED'),
                member('berlin', '0.5', 2),
                count=6,
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': (6, 3), 'berlin': (2, 3)}, updates(planned)
        )

    def test_unknown_instances_let_no_other_member_shrink(self):
        for ready, expected in ((4, {'athens': (8, 6)}), (None, {})):
            planned = plan.make(
                stack(
                    member('athens', '0.6', 8),
                    member('berlin', '0.4', 4, ready=ready, status=FAILED),
                ),
                NOW,
            )

            self.assertEqual(expected, updates(planned), ready)
        self.assertEqual('ERROR', planned.status)

    def test_unknown_instances_are_all_taken_for_ready_when_they_shrink(self):
        for ready, expected in ((2, {'berlin': (4, 2)}), (None, {})):
            planned = plan.make(
                stack(
                    member('athens', '0.8', 8),
                    member('berlin', '0.2', 4, ready=ready, status=FAILED),
                ),
                NOW,
            )

            self.assertEqual(expected, updates(planned), ready)

    def test_lower_total_shrinks_at_once(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 6),
                member('berlin', '0.4', 4),
                count=5,
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': (6, 3), 'berlin': (4, 2)}, updates(planned)
        )

    def test_capacity_in_a_suspect_cloud_does_not_count(self):
        planned = plan.make(
            stack(
                member('athens', '0.4', 6),
                member('berlin', '0.6', 6, cloud_state='SUSPECT'),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))


class TestBusy(base.BaseTestCase):
    def test_busy_stack_gets_no_second_update(self):
        planned = plan.make(
            stack(member('athens', '1', 4, status='CHECK_IN_PROGRESS')),
            NOW,
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual({'athens': 'BUSY'}, member_states(planned))

    def test_own_update_in_progress_is_scaling(self):
        planned = plan.make(
            stack(member('athens', '1', 10, status='UPDATE_IN_PROGRESS')),
            NOW,
        )

        self.assertEqual({'athens': 'SCALING'}, member_states(planned))


class TestRetry(base.BaseTestCase):
    def failed(self, **known):
        return stack(
            member(
                'athens',
                '1',
                10,
                ready=8,
                status='UPDATE_FAILED',
                status_reason='quota',
                **known,
            )
        )

    def test_failed_update_waits_before_it_is_tried_again(self):
        planned = plan.make(self.failed(), NOW)

        self.assertEqual(({}, 'ERROR'), (updates(planned), planned.status))
        self.assertEqual(1, planned.members[0].back_off.failures)
        self.assertEqual(planned.members[0].back_off.retry_at, planned.due_at)
        self.assertIn('8 of 10 instances ready', planned.status_reason)

    def test_failed_update_is_tried_again_after_the_delay(self):
        planned = plan.make(self.failed(failures=1, retry_at=NOW), NOW)

        self.assertEqual({'athens': (10, 10)}, updates(planned))

    def test_delay_doubles_up_to_a_cap(self):
        delays = [
            (plan.back_off(n, NOW).retry_at - NOW).total_seconds()
            for n in range(29)
        ]

        self.assertEqual([5, 10, 20, 40], delays[:4])
        self.assertEqual(600, delays[-1])
        self.assertEqual(sorted(delays), delays)

    def test_delay_is_not_shorter_than_the_cloud_asks_for(self):
        for failures, wait in ((0, MINUTE), (29, 20 * MINUTE)):
            self.assertEqual(
                plan.BackOff(failures + 1, NOW + wait),
                plan.back_off(failures, NOW, wait),
            )

    def test_success_ends_the_back_off(self):
        planned = plan.make(
            stack(member('athens', '1', 10, failures=3, retry_at=NOW)), NOW
        )

        self.assertEqual(
            (0, None),
            (
                planned.members[0].back_off.failures,
                planned.members[0].back_off.retry_at,
            ),
        )
