# SPDX-License-Identifier: Apache-2.0
"""What the engine plans for a stack when a cloud cannot do its part."""

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
member, stack = stories.member, stories.stack
updates, targets = stories.updates, stories.targets
member_states = stories.member_states


class TestCannotServe(base.BaseTestCase):
    def test_missing_stack_gives_its_weight_to_the_others(self):
        made = plan.make(
            stack(
                member('athens', '0.6', 6),
                member('berlin', '0.2', 2),
                member('cairo', '0.2', None, id=None, status=''),
            ),
            NOW,
        )

        self.assertEqual({'athens': (6, 7), 'berlin': (2, 3)}, updates(made))
        self.assertEqual('MISSING', member_states(made)['cairo'])
        self.assertIn("no stack named 'web'", made.members[2].reason)
        self.assertIn(
            'weight 0.2 is spread over athens and berlin',
            made.members[2].reason,
        )

    def test_missing_parameter_is_reported_and_nothing_is_sent_there(self):
        made = plan.make(stack(member('athens', '1', None)), NOW)

        self.assertEqual({}, updates(made))
        self.assertEqual('PARAMETER_MISSING', member_states(made)['athens'])
        self.assertIn("'size'", made.members[0].reason)
        self.assertEqual('ERROR', made.status)

    def test_stack_that_is_being_deleted_is_missing(self):
        made = plan.make(
            stack(member('athens', '1', 3, status='DELETE_IN_PROGRESS')),
            NOW,
        )

        self.assertEqual({'athens': 'MISSING'}, member_states(made))

    def test_nothing_shrinks_for_a_cloud_that_lets_nobody_in(self):
        made = plan.make(
            stack(
                member('athens', '1', 0, cloud_state='UNAUTHORIZED'),
                member('cairo', '0', 10),
            ),
            NOW,
        )

        self.assertEqual({}, updates(made))

    def test_down_cloud_gives_its_weight_to_the_others(self):
        made = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 2, cloud_state='DOWN'),
            ),
            NOW,
        )

        self.assertEqual({'athens': 7, 'berlin': 3, 'cairo': 0}, targets(made))
        self.assertEqual(({}, 'DEGRADED'), (updates(made), made.status))
        self.assertIn(
            'cairo has been unreachable since 2026-01-01 11:59:00 UTC',
            made.status_reason,
        )

    def test_recovering_cloud_gets_no_update(self):
        made = plan.make(
            stack(
                member('athens', '0.5', 10),
                member('berlin', '0.5', 5, cloud_state='RECOVERING'),
            ),
            NOW,
        )

        self.assertEqual({}, updates(made))

    def test_returned_cloud_is_counted_before_the_others_shrink(self):
        made = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 2),
            ),
            NOW,
        )

        self.assertEqual({'athens': (7, 6), 'berlin': (3, 2)}, updates(made))

    def test_cloud_that_returns_empty_is_grown_first(self):
        made = plan.make(
            stack(
                member('athens', '0.6', 7),
                member('berlin', '0.2', 3),
                member('cairo', '0.2', 0),
            ),
            NOW,
        )

        self.assertEqual({'cairo': (0, 2)}, updates(made))

    def test_suspect_and_unknown_clouds_move_nothing(self):
        for state in ('SUSPECT', 'UNKNOWN'):
            made = plan.make(
                stack(
                    member('athens', '0.6', 6),
                    member('berlin', '0.4', 4, cloud_state=state),
                ),
                NOW,
            )

            self.assertEqual(({}, 'ACTIVE'), (updates(made), made.status))

    def test_frozen_plan_says_so_and_sends_nothing(self):
        made = plan.make(
            stack(member('athens', '1', 1)), NOW, frozen='Too many are down.'
        )

        self.assertEqual(
            ((), 'FROZEN', 'Too many are down.'),
            (made.updates, made.status, made.status_reason),
        )


class TestHeld(base.BaseTestCase):
    def test_held_cloud_keeps_its_count_out_of_the_spread(self):
        for state in ('UNAUTHORIZED', 'MISCONFIGURED'):
            made = plan.make(
                stack(
                    member('athens', '0.6', 6),
                    member('berlin', '0.4', 4, cloud_state=state),
                    count=8,
                ),
                NOW,
            )

            self.assertEqual({'athens': (6, 4)}, updates(made))
            self.assertEqual({'athens': 4, 'berlin': 4}, targets(made))
            self.assertEqual(state, member_states(made)['berlin'])

    def test_cloud_that_the_project_may_not_use_is_left_as_it_is(self):
        made = plan.make(
            stack(
                member('athens', '0.5', 5),
                member('berlin', '0.5', 3, allowed=False),
            ),
            NOW,
        )

        self.assertEqual({'athens': (5, 7)}, updates(made))
        self.assertEqual('UNAUTHORIZED', member_states(made)['berlin'])

    def test_rejected_member_is_held_with_the_words_of_heat(self):
        made = plan.make(
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

        self.assertEqual({'athens': (5, 8)}, updates(made))
        self.assertEqual('REJECTED', member_states(made)['berlin'])
        self.assertIn('at most 4', made.members[1].reason)
        self.assertEqual(NOW + MINUTE, made.due_at)

    def test_rejected_growth_is_tried_again_after_a_while(self):
        made = plan.make(
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

        self.assertEqual({'berlin': (2, 5)}, updates(made))

    def test_rejected_shrinking_does_not_make_the_others_grow(self):
        made = plan.make(
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

        self.assertEqual({}, updates(made))
        self.assertIsNone(made.due_at)

    def test_suspended_stack_is_held(self):
        made = plan.make(
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

        self.assertEqual('REJECTED', member_states(made)['berlin'])
        self.assertIn('suspended', made.members[1].reason)
