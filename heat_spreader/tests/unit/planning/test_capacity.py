# SPDX-License-Identifier: Apache-2.0
"""Caps: when they begin and end, and what a plan does about them."""

import dataclasses

from oslotest import base

from heat_spreader.planning import capacity
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE
QUOTA = 'Forbidden: resources[4]: Quota exceeded for instances: Requested 1'
FULL = facts.Full(NOW - MINUTE, NOW + MINUTE, 1, 'quota: instances')
CAP = facts.Cap(4, NOW + MINUTE, 1, 'quota: instances')


def failed(count, ready, **known):
    """Athens with an update that ended for want of room."""
    return stories.member(
        *('athens', '0.6', count),
        **{
            'ready': ready,
            'status': 'UPDATE_FAILED',
            'status_reason': QUOTA,
            'sent_count': count,
            **known,
        },
    )


def athens(count, full=FULL, **known):
    """Athens, which is full and settled."""
    return in_full(stories.member('athens', '0.6', count, **known), full)


def in_full(member, full=FULL):
    cloud = dataclasses.replace(member.cloud, full=full)
    return dataclasses.replace(member, cloud=cloud)


def berlin(count, **known):
    return stories.member('berlin', '0.4', count, **known)


def make(*members, **wanted):
    return plan.make(stories.stack(*members, **wanted), NOW)


class TestCapacity(base.BaseTestCase):
    def test_failed_member_gets_a_cap_and_the_rest_moves_at_once(self):
        planned = make(failed(6, 4), berlin(4))

        self.assertEqual(
            {'athens': (6, 4), 'berlin': (4, 6)}, stories.updates(planned)
        )
        member = planned.members[0]
        until = NOW + 5 * MINUTE
        self.assertEqual(
            facts.Cap(4, until, 1, 'quota: instances'), member.cap
        )
        self.assertEqual('FULL', member.state)
        self.assertEqual(
            'athens is full at 4 (quota: instances); 2 moved to berlin; tried '
            'again at 2026-01-01 12:05:00 UTC.',
            member.reason,
        )
        self.assertEqual(
            {'athens': facts.Full(NOW, until, 1, 'quota: instances')},
            planned.full,
        )

    def test_what_fits_nowhere_is_unplaced_and_the_reason_says_what_to_do(
        self,
    ):
        planned = make(failed(6, 4), berlin(4, limits=(0, 4)))

        self.assertEqual(2, planned.unplaced)
        self.assertEqual('ERROR', planned.status)
        self.assertIn('2 have no place', planned.status_reason)
        self.assertIn('--retry-capacity', planned.status_reason)

    def test_unknown_number_of_ready_instances_gives_no_cap(self):
        planned = make(failed(6, None), berlin(4))

        self.assertIsNone(planned.members[0].cap)
        self.assertEqual('FAILED', planned.members[0].state)
        self.assertEqual({}, stories.updates(planned))

    def test_complete_group_in_a_failed_stack_gives_no_cap(self):
        planned = make(failed(6, 6), berlin(4))

        self.assertIsNone(planned.members[0].cap)
        self.assertEqual('FAILED', planned.members[0].state)

    def test_other_failure_gives_no_cap(self):
        reason = 'Image 7 could not be found.'
        planned = make(failed(6, 4, status_reason=reason), berlin(4))

        self.assertIsNone(planned.members[0].cap)
        self.assertEqual('FAILED', planned.members[0].state)

    def test_members_of_a_full_cloud_keep_what_they_have(self):
        planned = make(athens(5), berlin(5))

        self.assertEqual({}, stories.updates(planned))
        self.assertEqual('FULL', planned.members[0].state)
        self.assertEqual(5, planned.members[0].cap.count)
        self.assertEqual('DEGRADED', planned.status)

    def test_member_that_wants_no_more_is_not_full(self):
        planned = make(athens(6), berlin(4))

        self.assertEqual('OK', planned.members[0].state)
        self.assertEqual('ACTIVE', planned.status)

    def test_one_more_is_tried_when_it_is_time(self):
        full = dataclasses.replace(FULL, until=NOW)
        planned = make(athens(4, full, cap=CAP), berlin(6))

        (update,) = planned.updates
        self.assertEqual(('athens', 4, 5), (update.cloud, 4, update.new))
        self.assertTrue(update.tries)
        self.assertEqual('FULL', planned.members[0].state)
        self.assertIn('one more is tried now', planned.members[0].reason)

    def test_nothing_is_tried_before_that(self):
        planned = make(athens(4, cap=CAP), berlin(6))

        self.assertEqual({}, stories.updates(planned))
        self.assertEqual(NOW + MINUTE, planned.due_at)

    def test_time_that_is_too_far_away_is_that_of_a_wrong_clock(self):
        full = dataclasses.replace(FULL, until=NOW + 90 * MINUTE)
        planned = make(athens(4, full, cap=CAP), berlin(6))

        self.assertEqual({'athens': (4, 5)}, stories.updates(planned))

    def test_success_ends_the_cap_and_that_of_the_cloud(self):
        cap = dataclasses.replace(CAP, until=NOW)
        planned = make(athens(5, cap=cap), berlin(6))

        self.assertIsNone(planned.members[0].cap)
        self.assertEqual({'athens': None}, planned.full)
        self.assertEqual({'athens': (5, 6)}, stories.updates(planned))

    def test_success_of_another_stack_ends_the_cap(self):
        planned = make(athens(4, None, cap=CAP), berlin(6))

        self.assertIsNone(planned.members[0].cap)
        self.assertEqual({'athens': (4, 6)}, stories.updates(planned))

    def test_cap_of_one_stack_says_nothing_about_the_cloud(self):
        rejection = (
            "Heat in 'athens' rejected the request: Request limit exceeded: "
            'Maximum resources per stack exceeded.'
        )
        planned = make(
            stories.member('athens', '0.6', 4, rejection=rejection), berlin(4)
        )

        self.assertEqual({}, planned.full)
        self.assertEqual(facts.HEAT_LIMIT, planned.members[0].cap.reason)
        self.assertEqual({'berlin': (4, 6)}, stories.updates(planned))

    def test_stack_that_is_not_complete_at_the_cap_gets_one_less(self):
        planned = make(in_full(failed(4, 4, cap=CAP)), berlin(7))

        self.assertEqual(3, planned.members[0].cap.count)
        self.assertEqual({'athens': (4, 3)}, stories.updates(planned))

    def test_that_waits_until_another_has_replaced_it(self):
        planned = make(in_full(failed(4, 4, cap=CAP)), berlin(6))

        self.assertEqual({'berlin': (6, 7)}, stories.updates(planned))

    def test_delay_doubles_up_to_half_an_hour(self):
        waits = [capacity.next_try(NOW, tries) - NOW for tries in range(1, 6)]
        self.assertEqual([n * MINUTE for n in (5, 10, 20, 30, 30)], waits)

    def test_standby_takes_what_no_other_cloud_can(self):
        planned = make(
            failed(6, 4),
            berlin(4, limits=(0, 4)),
            stories.member('cairo', 0, 0),
        )

        self.assertEqual(
            {'athens': 4, 'berlin': 4, 'cairo': 2}, stories.targets(planned)
        )

    def test_what_a_full_cloud_lacks_stays_where_it_is(self):
        # The user has moved the weight away from berlin, which has it all.
        planned = make(
            athens(2, cap=dataclasses.replace(CAP, count=2)),
            berlin(10, limits=(0, 4)),
        )

        self.assertEqual(4, planned.unplaced)
        self.assertEqual({'berlin': (10, 8)}, stories.updates(planned))

    def test_paused_stack_learns_of_it_and_does_nothing(self):
        planned = make(failed(6, 4), berlin(4), paused=True)

        self.assertEqual({}, stories.updates(planned))
        self.assertEqual(4, planned.members[0].cap.count)

    def test_drained_cloud_is_not_full(self):
        drained = in_full(
            stories.member('athens', '0.6', 4, admin_state='DRAINING', cap=CAP)
        )
        planned = make(drained, berlin(6))

        self.assertEqual('DRAINING', planned.members[0].state)
        self.assertEqual({'berlin': (6, 10)}, stories.updates(planned))
