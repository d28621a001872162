# SPDX-License-Identifier: Apache-2.0
"""What the engine plans for a count that something else changes."""

from oslotest import base

from heat_spreader.planning import override
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW, MINUTE = stories.NOW, stories.MINUTE


def planned(*minutes, count=4, **known):
    """A plan for 6 in athens, set back that many minutes ago."""
    known = {'sent_count': 6, **known}
    times = tuple(NOW - number * MINUTE for number in minutes)
    member = stories.member('athens', '1', count, set_backs=times, **known)
    return plan.make(stories.stack(member, count=6), NOW)


def state(made):
    return stories.member_states(made)['athens']


class TestOverride(base.BaseTestCase):
    def test_first_and_second_change_are_set_back_at_once(self):
        for minutes in ((), (0,), (30, 20)):
            made = planned(*minutes)
            self.assertEqual({'athens': (4, 6)}, stories.updates(made))
            self.assertTrue(made.updates[0].set_back)
            self.assertEqual(('SCALING', None), (state(made), made.due_at))

    def test_third_change_waits_a_minute(self):
        made = planned(5, 0)
        self.assertEqual({}, stories.updates(made))
        self.assertEqual('CONTESTED', state(made))
        self.assertEqual(NOW + MINUTE, made.due_at)
        self.assertIn('something else controls', made.status_reason)

    def test_delay_doubles_up_to_ten_minutes(self):
        delays = []
        for number in range(2, 9):
            times = tuple(range(number - 1, -1, -1))
            delays.append((planned(*times).due_at - NOW) / MINUTE)
        self.assertEqual([1, 2, 4, 8, 10, 10, 10], delays)

    def test_only_the_last_set_backs_are_kept(self):
        times = ()
        for _ in range(20):
            times = override.Override(times, True).after(NOW)
        self.assertEqual(override.KEPT, len(times))

    def test_changes_that_are_ten_minutes_apart_are_no_contest(self):
        made = planned(10, 9)
        self.assertEqual({'athens': (4, 6)}, stories.updates(made))
        self.assertEqual('SCALING', state(made))

    def test_contest_lasts_until_the_count_has_stayed_for_ten_minutes(self):
        made = planned(14, 12, 9, count=6)
        self.assertEqual('CONTESTED', state(made))
        self.assertEqual('DEGRADED', made.status)
        self.assertEqual(NOW + MINUTE, made.due_at)

        made = planned(15, 13, 10, count=6)
        self.assertEqual(('OK', 'ACTIVE'), (state(made), made.status))
        self.assertEqual((), made.members[0].overridden.set_backs)

    def test_contest_goes_on_while_the_count_cannot_be_set_back(self):
        made = planned(60, 50, 40, status='UPDATE_IN_PROGRESS')
        self.assertEqual('CONTESTED', state(made))
        self.assertEqual({}, stories.updates(made))

    def test_new_share_is_sent_at_once_although_the_count_is_contested(self):
        made = planned(4, 2, 0, count=2, sent_count=2)
        self.assertEqual({'athens': (2, 6)}, stories.updates(made))
        self.assertFalse(made.updates[0].set_back)
        self.assertEqual('CONTESTED', state(made))

    def test_times_of_a_clock_that_was_set_back_delay_nothing(self):
        made = planned(-5000, -5001, -5002)
        self.assertEqual({'athens': (4, 6)}, stories.updates(made))

    def test_failed_update_of_a_contested_count_says_so_too(self):
        made = planned(4, 2, 1, count=6, status='UPDATE_FAILED', ready=4)
        self.assertEqual('CONTESTED', state(made))
        self.assertIn('4 of 6 instances ready', made.members[0].reason)


class TestRollback(base.BaseTestCase):
    def test_update_that_heat_has_undone_waits_and_is_no_override(self):
        for status in ('ROLLBACK_COMPLETE', 'ROLLBACK_FAILED'):
            made = planned(status=status, ready=4)
            self.assertEqual({}, stories.updates(made), status)
            self.assertEqual('FAILED', state(made))
            self.assertEqual(1, made.members[0].back_off.failures)
            self.assertEqual(NOW + plan.FIRST_RETRY, made.due_at)
            self.assertIn(status, made.status_reason)
