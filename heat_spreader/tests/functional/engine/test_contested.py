# SPDX-License-Identifier: Apache-2.0
"""Something else changes a count in Heat again and again."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.engine import base

FIRST = base.NAMES[0]


class TestContested(base.RefusalTestCase):
    def change(self, count, times=1):
        """Change the count in Heat as something else would."""
        cloud = self.clouds[FIRST]
        for _ in range(times):
            cloud.update('web', count)
            self.finish()
            self.settle(self.stack_id)

    def let_time_pass(self, **duration):
        """Let the engine have set the count back that much earlier."""
        earlier = datetime.timedelta(**duration)
        times = self.member(self.stack_id, FIRST).set_backs
        moved = [
            (datetime.datetime.fromisoformat(time) - earlier).isoformat()
            for time in times
        ]
        now = models.utcnow()
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Member)
                .where(models.Member.cloud == FIRST)
                .values(set_backs=moved)
            )
            connection.execute(sa.update(models.Stack).values(due_at=now))
        self.settle(self.stack_id)

    def assert_contested(self):
        stack = self.stack(self.stack_id)
        member = self.member(self.stack_id, FIRST)
        self.assertEqual('CONTESTED', member.state)
        self.assertIn(
            f'The count in {FIRST} was changed in Heat 3 times within 10 '
            'minutes: something else controls this Heat stack',
            member.reason,
        )
        self.assertIn(member.reason, stack.status_reason)
        return stack

    def test_third_change_within_ten_minutes_says_something_else_controls(
        self,
    ):
        self.change(4, times=2)
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.change(4)

        stack = self.assert_contested()
        self.assertEqual('ERROR', stack.status)
        self.assertEqual((4, 2, 2), self.counts_in_heat())
        self.assertEqual(2, len(self.attempts(FIRST)))
        self.assertIn('and is set back to 6 at', stack.status_reason)
        told = self.events_of(self.stack_id, 'MEMBER_STATE')
        self.assertEqual(1, len(told))
        self.assertIn('something else controls', told[0].message)

        self.let_time_pass(minutes=1)
        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual('DEGRADED', self.assert_contested().status)
        self.assertIn(
            'from 6 to 4, again: something else controls this Heat stack',
            self.events_of(self.stack_id, 'MEMBER_PATCHED')[-1].message,
        )

    def test_contested_count_is_set_back_with_increasing_delay(self):
        self.change(4, times=3)
        self.let_time_pass(minutes=1)
        for minutes in (2, 4, 8, 10, 10):
            sent = len(self.attempts(FIRST))
            self.change(4)
            self.let_time_pass(minutes=minutes - 1, seconds=30)
            self.assertEqual(sent, len(self.attempts(FIRST)))
            self.assert_contested()
            self.let_time_pass(seconds=30)
            self.assertEqual(sent + 1, len(self.attempts(FIRST)))

    def test_three_changes_in_more_than_ten_minutes_are_set_back_at_once(self):
        self.change(4)
        self.let_time_pass(minutes=11)
        self.change(4, times=2)

        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual(3, len(self.attempts(FIRST)))

    def test_contest_ends_after_ten_minutes_without_a_change(self):
        self.change(4, times=3)
        self.let_time_pass(minutes=1)
        ends = self.stack(self.stack_id).due_at - models.utcnow()
        self.assertLess(datetime.timedelta(minutes=9), ends)
        self.let_time_pass(minutes=9)
        self.assert_contested()
        self.let_time_pass(minutes=1)

        stack = self.stack(self.stack_id)
        self.assertEqual(('ACTIVE', ''), (stack.status, stack.status_reason))
        self.change(4)
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_another_engine_knows_what_is_contested(self):
        self.change(4, times=2)
        self.engine = self.start_engine('test:2')
        self.change(4)

        self.assert_contested()
        self.assertEqual((4, 2, 2), self.counts_in_heat())

    def test_request_of_the_user_sets_a_contested_count_at_once(self):
        self.change(4, times=3)
        stacks_db.update(self.ctx, self.stack_id, {'count': 15})
        self.settle(self.stack_id)

        self.assertEqual((9, 3, 3), self.counts_in_heat())
