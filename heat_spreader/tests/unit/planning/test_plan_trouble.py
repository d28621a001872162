# SPDX-License-Identifier: Apache-2.0
"""What the engine plans for a stack when a cloud cannot serve."""

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
member, stack = stories.member, stories.stack
updates, targets = stories.updates, stories.targets
member_states = stories.member_states


class TestCannotServe(base.BaseTestCase):
    def test_weight_of_a_missing_stack_is_spread(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 6),
                member('berlin', '0.2', 2),
                member('cairo', '0.2', None, id=None, status=''),
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': (6, 7), 'berlin': (2, 3)}, updates(planned)
        )
        self.assertEqual('MISSING', member_states(planned)['cairo'])
        self.assertIn("no stack named 'web'", planned.members[2].reason)
        self.assertIn(
            'weight 0.2 is spread over athens and berlin',
            planned.members[2].reason,
        )

    def test_missing_parameter_is_reported_and_nothing_is_sent_there(self):
        planned = plan.make(stack(member('athens', '1', None)), NOW)

        self.assertEqual({}, updates(planned))
        self.assertEqual('PARAMETER_MISSING', member_states(planned)['athens'])
        self.assertIn("'size'", planned.members[0].reason)
        self.assertEqual('ERROR', planned.status)

    def test_stack_that_is_being_deleted_is_missing(self):
        planned = plan.make(
            stack(member('athens', '1', 3, status='DELETE_IN_PROGRESS')),
            NOW,
        )

        self.assertEqual({'athens': 'MISSING'}, member_states(planned))

    def test_nothing_shrinks_for_a_cloud_that_rejects_the_credentials(self):
        planned = plan.make(
            stack(
                member('athens', '1', 0, cloud_state='UNAUTHORIZED'),
                member('cairo', '0', 10),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))

    def test_weight_of_a_down_cloud_is_spread(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 2, cloud_state='DOWN'),
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': 7, 'berlin': 3, 'cairo': 0}, targets(planned)
        )
        self.assertEqual(({}, 'DEGRADED'), (updates(planned), planned.status))
        self.assertIn(
            'cairo has been unreachable since 2026-01-01 11:59:00 UTC',
            planned.status_reason,
        )

    def test_recovering_cloud_gets_no_update(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 10),
                member('berlin', '0.5', 5, cloud_state='RECOVERING'),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))

    def test_returned_cloud_is_counted_before_the_others_shrink(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 2),
            ),
            NOW,
        )

        self.assertEqual(
            {'athens': (7, 6), 'berlin': (3, 2)}, updates(planned)
        )

    def test_cloud_that_returns_empty_grows_first(self):
        planned = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 0),
            ),
            NOW,
        )

        self.assertEqual({'cairo': (0, 2)}, updates(planned))

    def test_suspect_and_unknown_clouds_move_nothing(self):
        for state in ('SUSPECT', 'UNKNOWN'):
            planned = plan.make(
                stack(
                    member('athens', '0.6', 6),
                    member('berlin', '0.4', 4, cloud_state=state),
                ),
                NOW,
            )

            self.assertEqual(
                ({}, 'ACTIVE'), (updates(planned), planned.status)
            )

    def test_frozen_plan_gives_the_reason_and_sends_nothing(self):
        planned = plan.make(
            stack(member('athens', '1', 1)), NOW, frozen='Too many are down.'
        )

        self.assertEqual(
            ((), 'FROZEN', 'Too many are down.'),
            (planned.updates, planned.status, planned.status_reason),
        )


class TestHeld(base.BaseTestCase):
    def test_count_of_a_held_cloud_is_held(self):
        for state in ('UNAUTHORIZED', 'MISCONFIGURED', 'UNSEEN'):
            planned = plan.make(
                stack(
                    member('athens', '0.6', 6),
                    member('berlin', '0.4', 4, cloud_state=state),
                    count=8,
                ),
                NOW,
            )

            self.assertEqual({'athens': (6, 4)}, updates(planned))
            self.assertEqual({'athens': 4, 'berlin': 4}, targets(planned))
            self.assertEqual(state, member_states(planned)['berlin'])

    def test_cloud_that_the_project_may_not_use_is_left_unchanged(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 5),
                member('berlin', '0.5', 3, allowed=False),
            ),
            NOW,
        )

        self.assertEqual({'athens': (5, 7)}, updates(planned))
        self.assertEqual('UNAUTHORIZED', member_states(planned)['berlin'])

    def test_rejected_member_is_held_with_the_message_of_heat(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 5),
                member(
                    'berlin',
                    '0.5',
                    2,
                    rejection='Value must be at most 4.',
                    failures=1,
                    retry_at=NOW + MINUTE,
                ),
            ),
            NOW,
        )

        self.assertEqual({'athens': (5, 8)}, updates(planned))
        self.assertEqual('REJECTED', member_states(planned)['berlin'])
        self.assertIn('at most 4', planned.members[1].reason)
        self.assertEqual(NOW + MINUTE, planned.due_at)

    def test_member_out_of_its_range_has_the_limit_and_the_next_attempt(self):
        later = 'The next attempt is at 2026'
        for rejection, said, is_retried in (
            (
                'count: 5 is out of range (min: 0, max: 3)',
                'Set --max berlin=3, and the other clouds get the rest',
                True,
            ),
            (
                'count: 1 is out of range (min: 2, max: None)',
                'Set --min berlin=2, or correct the range',
                False,
            ),
            (
                'count: 5 is not an allowed value',
                'The count 2 is held.',
                False,
            ),
        ):
            berlin = member(
                'berlin',
                '0.5',
                2,
                rejection=rejection,
                failures=1,
                retry_at=NOW + MINUTE,
            )
            planned = plan.make(stack(member('athens', '0.5', 5), berlin), NOW)
            reason = planned.members[1].reason

            self.assertIn(said, reason)
            self.assertEqual(is_retried, later in reason, reason)

    def test_rejected_growth_is_tried_again_after_a_delay(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 8),
                member(
                    'berlin',
                    '0.5',
                    2,
                    rejection='no',
                    failures=1,
                    retry_at=NOW,
                ),
            ),
            NOW,
        )

        self.assertEqual({'berlin': (2, 5)}, updates(planned))

    def test_rejected_shrinking_does_not_make_the_others_grow(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 3),
                member(
                    'berlin',
                    '0.5',
                    7,
                    rejection='no',
                    failures=1,
                    retry_at=NOW,
                ),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))
        self.assertIsNone(planned.due_at)

    def test_shrinking_that_was_not_allowed_is_probed_without_a_change(self):
        denied = {
            'rejection': '403 Forbidden',
            'rejected_as': states.MemberState.UNAUTHORIZED,
            'failures': 1,
        }
        for changes, expected in (
            ({'retry_at': NOW + MINUTE}, {}),
            ({'retry_at': NOW, 'unanswered': True}, {}),
            ({'retry_at': NOW}, {'berlin': (7, 7)}),
        ):
            planned = plan.make(
                stack(
                    member('athens', '0.5', 3),
                    member('berlin', '0.5', 7, **denied, **changes),
                ),
                NOW,
            )

            self.assertEqual(expected, updates(planned))
            self.assertEqual({'athens': 3, 'berlin': 7}, targets(planned))
            self.assertEqual('DEGRADED', planned.status)

    def test_rejection_of_what_is_no_longer_wanted_is_forgotten(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 5),
                member(
                    'berlin',
                    '0.5',
                    5,
                    rejection='no',
                    failures=1,
                    retry_at=NOW,
                ),
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual('OK', member_states(planned)['berlin'])
        self.assertEqual(
            ('ACTIVE', ''), (planned.status, planned.status_reason)
        )
        self.assertEqual(0, planned.members[1].back_off.failures)

    def test_suspended_stack_is_held(self):
        planned = plan.make(
            stack(
                member('athens', '0.5', 5),
                member(
                    'berlin',
                    '0.5',
                    2,
                    ready=0,
                    status='SUSPEND_COMPLETE',
                ),
            ),
            NOW,
        )

        self.assertEqual('REJECTED', member_states(planned)['berlin'])
        self.assertIn('suspended', planned.members[1].reason)
