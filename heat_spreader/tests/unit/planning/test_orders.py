# SPDX-License-Identifier: Apache-2.0
"""What cordoning, draining and declaring mean for one stack."""

import dataclasses

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
member, stack = stories.member, stories.stack
updates, targets = stories.updates, stories.targets
member_states = stories.member_states
WEIGHTS = {'athens': '0.6', 'berlin': '0.2', 'cairo': '0.2'}
DRAINED_SINCE = (
    'has been drained since 2026-01-01 11:58:00 UTC by an administrator: '
    'kernel update. This ends at 2026-01-01 12:58:00 UTC.'
)


def three(*counts, wanted=None, **known):
    """The usual stack; known['cairo'] is what is known of cairo, ..."""
    return stack(
        *(
            member(name, weight, count, **known.get(name, {}))
            for (name, weight), count in zip(
                WEIGHTS.items(), counts or (6, 2, 2), strict=True
            )
        ),
        **wanted or {},
    )


DRAIN = {'admin_state': 'DRAINING'}
CORDON = {'admin_state': 'CORDONED'}


class TestDrain(base.BaseTestCase):
    def test_others_grow_first(self):
        planned = plan.make(three(cairo=DRAIN), NOW)

        self.assertEqual(
            {'athens': 7, 'berlin': 3, 'cairo': 0}, targets(planned)
        )
        self.assertEqual(
            {'athens': (6, 7), 'berlin': (2, 3)}, updates(planned)
        )
        self.assertEqual('cairo is drained', planned.updates[0].why)
        self.assertEqual('SCALING', planned.status)
        self.assertEqual('DRAINING', member_states(planned)['cairo'])

    def test_drain_is_proportional_where_the_failover_is(self):
        wanted = {'failover': 'proportional', 'count': 12}
        planned = plan.make(three(8, 2, 2, wanted=wanted, cairo=DRAIN), NOW)

        self.assertEqual(
            {'athens': 9, 'berlin': 3, 'cairo': 0}, targets(planned)
        )

    def test_drain_moves_a_stack_without_failover_too(self):
        planned = plan.make(
            three(wanted={'failover': 'none'}, cairo=DRAIN), NOW
        )

        self.assertEqual(
            {'athens': 7, 'berlin': 3, 'cairo': 0}, targets(planned)
        )

    def test_it_shrinks_as_far_as_the_others_are_ready(self):
        busy = {'status': 'UPDATE_IN_PROGRESS', 'ready': 2}
        planned = plan.make(three(7, 3, 2, berlin=busy, cairo=DRAIN), NOW)

        self.assertEqual({'cairo': (2, 1)}, updates(planned))
        self.assertEqual('cairo is being drained', planned.updates[0].why)

    def test_nothing_is_removed_before_the_others_are_ready(self):
        busy = {'status': 'UPDATE_IN_PROGRESS'}
        planned = plan.make(
            three(
                *(7, 3, 2),
                athens=busy | {'ready': 6},
                berlin=busy | {'ready': 2},
                cairo=DRAIN,
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))

    def test_drained_member_is_no_trouble_and_says_why(self):
        planned = plan.make(three(7, 3, 0, cairo=DRAIN), NOW)

        self.assertEqual(
            ('ACTIVE', f'cairo {DRAINED_SINCE}', ()),
            (planned.status, planned.status_reason, planned.updates),
        )
        self.assertEqual('DRAINED', member_states(planned)['cairo'])

    def test_minimum_stays(self):
        known = DRAIN | {'limits': (1, None)}
        planned = plan.make(three(6, 3, 1, cairo=known), NOW)

        self.assertEqual(
            {'athens': 6, 'berlin': 3, 'cairo': 1}, targets(planned)
        )
        self.assertEqual('DRAINED', member_states(planned)['cairo'])
        self.assertIn(
            'What stays there: 1 by its min_count.', planned.status_reason
        )

    def test_what_no_other_cloud_can_take_stays(self):
        full = {'limits': (0, 3)}
        planned = plan.make(
            three(4, 3, 3, athens=DRAIN, berlin=full, cairo=full), NOW
        )

        self.assertEqual(0, planned.unplaced)
        self.assertEqual(
            ('ACTIVE', {'athens': 4, 'berlin': 3, 'cairo': 3}),
            (planned.status, targets(planned)),
        )
        self.assertIn(
            'What stays there: 4 that no other cloud can take.',
            planned.status_reason,
        )

    def test_drain_of_every_cloud_moves_nothing(self):
        planned = plan.make(
            three(athens=DRAIN, berlin=DRAIN, cairo=DRAIN), NOW
        )

        self.assertEqual(((), 'ACTIVE'), (planned.updates, planned.status))

    def test_stack_is_at_its_shares_again_after_the_drain(self):
        planned = plan.make(three(7, 3, 0), NOW)
        self.assertEqual({'cairo': (0, 2)}, updates(planned))

        planned = plan.make(three(7, 3, 2), NOW)
        self.assertEqual(
            {'athens': (7, 6), 'berlin': (3, 2)}, updates(planned)
        )

    def test_cloud_that_goes_away_during_its_drain_changes_no_target(self):
        for failover in states.Failover:
            wanted = {'failover': failover}
            before = targets(
                plan.make(three(7, 3, 1, wanted=wanted, cairo=DRAIN), NOW)
            )
            for state in states.CloudState:
                known = DRAIN | {'cloud_state': state}
                planned = plan.make(
                    three(7, 3, 1, wanted=wanted, cairo=known), NOW
                )
                self.assertEqual(before, targets(planned), (failover, state))
                self.assertNotIn('athens', updates(planned))

    def test_outage_of_a_cloud_that_was_drained_is_no_trouble(self):
        for state in states.CloudState:
            known = DRAIN | {'cloud_state': state}
            planned = plan.make(three(7, 3, 0, cairo=known), NOW)
            self.assertEqual('ACTIVE', planned.status, state)
            self.assertEqual('DRAINED', member_states(planned)['cairo'])

    def test_outage_during_the_drain_is_trouble(self):
        known = DRAIN | {'cloud_state': 'DOWN'}
        planned = plan.make(
            three(7, 3, 2, wanted={'failover': 'none'}, cairo=known), NOW
        )

        self.assertEqual('DEGRADED', planned.status)
        self.assertEqual('UNREACHABLE', member_states(planned)['cairo'])
        self.assertIn('is spread over athens', planned.status_reason)

    def test_rejected_shrinking_does_not_undo_the_drain(self):
        known = DRAIN | {'rejection': 'no', 'retry_at': NOW + MINUTE}
        planned = plan.make(three(7, 3, 2, cairo=known), NOW)
        self.assertEqual({}, updates(planned))
        self.assertEqual(
            ('DEGRADED', 'REJECTED'),
            (planned.status, member_states(planned)['cairo']),
        )

        planned = plan.make(three(7, 3, 2, cairo=known), NOW + MINUTE)
        self.assertEqual({'cairo': (2, 0)}, updates(planned))

    def test_failed_shrinking_is_tried_again(self):
        known = DRAIN | {'status': 'UPDATE_FAILED', 'ready': 0}
        known |= {'retry_at': NOW - MINUTE}
        planned = plan.make(three(7, 3, 0, cairo=known), NOW)

        self.assertEqual({'cairo': (0, 0)}, updates(planned))

    def test_incomplete_weights_let_nothing_shrink(self):
        planned = plan.make(
            dataclasses.replace(
                stack(
                    member('athens', '0.5', 5, **DRAIN),
                    member('berlin', '0.3', 8),
                ),
                weights_complete=False,
            ),
            NOW,
        )

        self.assertEqual({}, updates(planned))


class TestCordon(base.BaseTestCase):
    def test_cordoned_cloud_gets_nothing_more_and_the_others_do(self):
        planned = plan.make(three(wanted={'count': 20}, cairo=CORDON), NOW)

        self.assertEqual(
            {'athens': 13, 'berlin': 5, 'cairo': 2}, targets(planned)
        )
        self.assertEqual(
            'its share has grown and cairo is cordoned',
            planned.updates[0].why,
        )

    def test_cordon_itself_moves_nothing(self):
        lost = {'cloud_state': 'DOWN'}
        planned = plan.make(three(7, 3, 2, berlin=CORDON, cairo=lost), NOW)

        self.assertEqual({}, updates(planned))

    def test_cordoned_cloud_gets_nothing_in_a_failover(self):
        lost = {'cloud_state': 'DOWN'}
        planned = plan.make(three(berlin=CORDON, cairo=lost), NOW)

        self.assertEqual({'athens': (6, 8)}, updates(planned))

    def test_cordoned_cloud_shrinks(self):
        planned = plan.make(three(wanted={'count': 5}, athens=CORDON), NOW)

        self.assertEqual((6, 3), updates(planned)['athens'])

    def test_cordoned_member_at_its_target_is_ok_and_says_why(self):
        planned = plan.make(three(cairo=CORDON), NOW)

        self.assertEqual('OK', member_states(planned)['cairo'])
        self.assertEqual('ACTIVE', planned.status)
        self.assertIn(
            'cairo has been cordoned since 2026-01-01 11:58:00 UTC by an '
            'administrator: kernel update.',
            planned.status_reason,
        )

    def test_instances_that_failed_in_a_cordoned_cloud_go_elsewhere(self):
        known = CORDON | {'status': 'UPDATE_FAILED', 'ready': 1}
        planned = plan.make(three(cairo=known), NOW)

        self.assertEqual(1, targets(planned)['cairo'])
        self.assertEqual((2, 1), updates(planned)['cairo'])
        self.assertEqual(10, sum(targets(planned).values()))


class TestDeclaration(base.BaseTestCase):
    def test_cloud_declared_down_is_replaced_and_left_alone(self):
        for state in states.CloudState:
            known = {'declared': 'DOWN', 'cloud_state': state}
            planned = plan.make(three(cairo=known), NOW)
            self.assertEqual(
                {'athens': (6, 7), 'berlin': (2, 3)}, updates(planned)
            )
            self.assertEqual('UNREACHABLE', member_states(planned)['cairo'])

        self.assertEqual('cairo is declared down', planned.updates[0].why)
        self.assertEqual(
            'cairo has been declared down since 2026-01-01 11:58:00 UTC by '
            'an administrator: kernel update. This ends at 2026-01-01 '
            '12:58:00 UTC. Its weight 0.2 is spread over athens and berlin.',
            planned.members[2].reason,
        )

    def test_cloud_declared_up_is_held_through_an_outage(self):
        for state in ('DOWN', 'RECOVERING', 'UNSEEN'):
            known = {'declared': 'UP', 'cloud_state': state}
            planned = plan.make(three(cairo=known), NOW)
            self.assertEqual(
                ({}, 'DEGRADED', 'UNSEEN'),
                (
                    updates(planned),
                    planned.status,
                    member_states(planned)['cairo'],
                ),
            )
            self.assertIn('has been declared up since', planned.status_reason)

        for state in ('UP', 'SUSPECT', 'UNKNOWN'):
            known = {'declared': 'UP', 'cloud_state': state}
            planned = plan.make(three(cairo=known), NOW)
            self.assertEqual('ACTIVE', planned.status)


class TestOwner(base.BaseTestCase):
    def order(self, begin, end, state='DRAINING'):
        return {
            'order': {
                'admin_state': states.AdminState(state),
                'admin_from': begin and NOW + begin,
                'admin_until': end and NOW + end,
                'admin_reason': 'too slow',
            }
        }

    def test_window_begins_and_ends_by_itself(self):
        known = self.order(MINUTE, 3 * MINUTE)
        for minutes, target in ((0, 2), (1, 0), (2, 0), (3, 2)):
            planned = plan.make(three(cairo=known), NOW + minutes * MINUTE)
            self.assertEqual(target, targets(planned)['cairo'], minutes)

    def test_stack_is_due_when_a_window_begins_and_when_it_ends(self):
        known = self.order(MINUTE, 3 * MINUTE)
        dues = [
            plan.make(three(cairo=known), NOW + n * MINUTE).due_at
            for n in (0, 1, 3)
        ]

        self.assertEqual([NOW + MINUTE, NOW + 3 * MINUTE, None], dues)

    def test_no_stack_waits_for_an_order_longer_than_for_a_retry(self):
        known = self.order(60 * MINUTE, 120 * MINUTE)

        self.assertEqual(
            NOW + plan.LAST_RETRY, plan.make(three(cairo=known), NOW).due_at
        )

    def test_order_without_times_is_in_effect(self):
        planned = plan.make(three(7, 3, 0, cairo=self.order(None, None)), NOW)

        self.assertEqual(
            'cairo has been drained by the owner of the stack: too slow.',
            planned.status_reason,
        )

    def test_stricter_order_counts(self):
        for of_cloud, of_owner, by in (
            ('CORDONED', 'DRAINING', 'the owner of the stack'),
            ('DRAINED', 'CORDONED', 'an administrator'),
            ('DRAINING', 'DRAINING', 'an administrator'),
        ):
            known = self.order(None, None, of_owner)
            known['admin_state'] = of_cloud
            planned = plan.make(three(7, 3, 0, cairo=known), NOW)
            self.assertEqual('DRAINED', member_states(planned)['cairo'])
            self.assertIn(f'by {by}: ', planned.status_reason)
