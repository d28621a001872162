# SPDX-License-Identifier: Apache-2.0
"""Clouds without room: caps, the stacks that share a cloud, and the end."""

import concurrent.futures
import datetime
from unittest import mock

import sqlalchemy as sa

from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import events as events_db
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.engine import base

FOUND = 'athens is full at 7 (quota: instances); 2 moved to berlin'


class CapacityTestCase(base.EngineTestCase):
    """Athens has room for 7 instances, and none of the others is full."""

    counts = (6, 4, 0)

    def setUp(self):
        super().setUp()
        self.athens, self.berlin, _ = self.clouds.values()
        self.athens.room = 7
        self.stack_id = self.create(['0.6', '0.4'])
        self.settle(self.stack_id)

    def grow(self, count=15):
        """Ask for more than athens has room for."""
        stacks_db.update(self.ctx, self.stack_id, {'count': count})
        return self.settle(self.stack_id)

    def full(self, name='athens'):
        row = clouds_db.get_all(self.ctx)[name]
        return row if row.full_since else None

    def let_the_time_come(self):
        """Let it be time to try one more in every cloud."""
        past = models.utcnow() - datetime.timedelta(seconds=1)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Cloud)
                .where(models.Cloud.full_until.is_not(None))
                .values(full_until=past)
            )
            connection.execute(
                sa.update(models.Member)
                .where(models.Member.cap_until.is_not(None))
                .values(cap_until=past)
            )
            connection.execute(sa.update(models.Stack).values(due_at=past))

    def try_again(self):
        self.let_the_time_come()
        return self.settle(self.stack_id)

    def sent(self, name):
        return [
            r.body['parameters']['count'] for r in self.clouds[name].patches
        ]


class TestCapacity(CapacityTestCase):
    def test_what_finds_no_room_moves_and_the_stack_is_complete_again(self):
        stack = self.grow()

        self.assertEqual((7, 8, 0), self.counts_in_heat())
        self.assertEqual(15, self.ready_in_heat())
        heat = self.athens.stack('web')
        self.assertEqual('UPDATE_COMPLETE', heat.status)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn(FOUND, stack.status_reason)
        member = stack.members[0]
        self.assertEqual(('FULL', 7), (member.state, member.cap))
        self.assertEqual('quota: instances', member.cap_reason)
        self.assertEqual([9, 7], self.sent('athens'))
        self.assertEqual([6, 8], self.sent('berlin'))

    def test_nothing_more_is_sent_while_it_is_full(self):
        self.grow()
        before = self.patches()
        for _ in range(3):
            self.engine.turn()

        self.assertEqual(before, self.patches())

    def test_total_that_fits_nowhere_is_an_error_that_says_what_to_do(self):
        self.berlin.room = 6
        stack = self.grow()

        self.assertEqual((7, 6, 0), self.counts_in_heat())
        self.assertEqual(('ERROR', 2), (stack.status, stack.unplaced))
        self.assertIn('--retry-capacity', stack.status_reason)

    def test_one_more_is_tried_and_brought_back(self):
        self.grow()
        before = self.full()
        stack = self.try_again()

        self.assertEqual([9, 7, 8, 7], self.sent('athens'))
        self.assertEqual((7, 8, 0), self.counts_in_heat())
        self.assertEqual('FULL', stack.members[0].state)
        self.assertEqual(2, self.full().full_tries)
        wait = self.full().full_until - models.utcnow()
        self.assertGreater(wait, datetime.timedelta(minutes=9))
        self.assertEqual(before.full_since, self.full().full_since)

    def test_first_success_ends_it(self):
        self.grow()
        self.athens.room = 20
        stack = self.try_again()
        stack = self.settle(self.stack_id)

        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual((9, 6, 0), self.counts_in_heat())
        self.assertEqual([9, 7, 8, 9], self.sent('athens'))
        self.assertIsNone(self.full())
        self.assertIsNone(stack.members[0].cap)

    def test_beginning_and_end_are_one_event_each(self):
        before = len(self.events_of(self.stack_id))
        self.grow()
        for _ in range(3):
            self.try_again()
        self.athens.room = 20
        self.try_again()
        self.settle(self.stack_id)

        of_athens = [
            event.message
            for event in self.events_of(self.stack_id)[before:]
            if event.cloud == 'athens' and event.stack_id
        ]
        self.assertEqual(3, len(of_athens), of_athens)
        begun, found, ended = of_athens
        self.assertEqual('athens: 6 -> 9 because its share has grown.', begun)
        self.assertIn(f'athens: 9 -> 7 because {FOUND}; tried again', found)
        self.assertIn('athens: 8 -> 9', ended)
        of_cloud = [
            event.kind for event in events_db.get_of_cloud(self.ctx, 'athens')
        ]
        self.assertEqual(2, of_cloud.count('CLOUD_CAPACITY'))

    def test_limit_of_heat_is_that_of_the_stack_alone(self):
        self.athens.room, self.athens.limit = None, 7
        stack = self.grow()

        self.assertEqual((6, 9, 0), self.counts_in_heat())
        member = stack.members[0]
        self.assertEqual(('FULL', 6), (member.state, member.cap))
        self.assertIn('limit of Heat', member.reason)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIsNone(self.full())

    def test_update_that_heat_rolls_back_is_no_more_sent(self):
        self.athens.room = None
        self.athens.roll_back_next('web', 'No valid host was found.')
        stack = self.grow()

        self.assertEqual((6, 9, 0), self.counts_in_heat())
        self.assertEqual(
            ('FULL', 6), (stack.members[0].state, stack.members[0].cap)
        )
        self.assertEqual([9], self.sent('athens'))

    def test_user_has_it_tried_again_at_once(self):
        self.grow()
        self.try_again()
        self.athens.room = 20
        stacks_db.update(self.ctx, self.stack_id, {'retry_capacity': True})
        # The try, the growth after it, and what shrinks elsewhere for it.
        for _ in range(3):
            stack = self.settle(self.stack_id)

        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual((9, 6, 0), self.counts_in_heat())
        self.assertIn(
            'Changed by the user u: capacity of athens waiting -> now.',
            [event.message for event in self.events_of(self.stack_id)],
        )

    def test_delays_begin_anew_when_the_user_tries_in_vain(self):
        self.grow()
        self.try_again()
        stacks_db.update(self.ctx, self.stack_id, {'retry_capacity': True})
        self.settle(self.stack_id)

        wait = self.full().full_until - models.utcnow()
        self.assertLess(wait, datetime.timedelta(minutes=5))
        self.assertEqual(1, self.full().full_tries)

    def test_another_heat_stack_has_no_cap(self):
        self.grow()
        for name, count in (('athens', 1), ('berlin', 1)):
            self.clouds[name].add_stack('other', count)
        stacks_db.update(self.ctx, self.stack_id, {'stack_name': 'other'})

        self.assertIsNone(self.member(self.stack_id, 'athens').cap)

    def test_restarted_engine_knows_the_cap(self):
        self.grow()
        self.engine = self.start_engine('test:2')
        before = self.patches()
        for _ in range(3):
            self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual('FULL', self.member(self.stack_id, 'athens').state)


class TestTwoEngines(CapacityTestCase):
    def test_only_one_of_two_engines_tries(self):
        self.grow()
        other = self.start_engine('test:2')
        self.athens.requests.clear()
        self.let_the_time_come()
        with concurrent.futures.ThreadPoolExecutor() as pool:
            for each in (self.engine, other):
                pool.submit(each.make_pass, self.stack_id)
        self.engine.turn()
        other.turn()

        self.assertEqual([8], self.sent('athens'))
        self.assertEqual([], self.athens.violations)


class TestSharedCloud(CapacityTestCase):
    """A second stack is in the clouds, of which athens becomes full."""

    def setUp(self):
        super().setUp()
        self.athens.room = 9
        for name, count in (('athens', 2), ('berlin', 2)):
            self.clouds[name].add_stack('db', count)
        self.other = self.create(
            ['0.5', '0.5'], name='db', stack_name='db', count=4
        )
        self.settle(self.other)

    def counts_of_other(self):
        return tuple(
            each.stack('db').count for each in (self.athens, self.berlin)
        )

    def grow_both(self):
        self.grow()
        self.finish()
        stacks_db.update(self.ctx, self.other, {'count': 8})
        return self.settle(self.other)

    def test_other_stack_does_not_run_into_it(self):
        stack = self.grow_both()

        self.assertEqual((2, 6), self.counts_of_other())
        sent = [r for r in self.athens.patches if '/db/' in r.path]
        self.assertEqual([], sent)
        self.assertEqual('DEGRADED', stack.status)
        self.assertEqual('FULL', stack.members[0].state)
        self.assertIn('athens is full at 2', stack.status_reason)

    def test_only_one_stack_tries_when_it_is_time(self):
        self.grow_both()
        before = len(self.athens.patches)
        self.let_the_time_come()
        self.engine.turn()

        self.assertEqual(1, len(self.athens.patches) - before)

    def test_stack_that_cannot_try_after_all_lets_another_try(self):
        self.grow_both()
        self.let_the_time_come()
        before = len(self.athens.patches)
        # As if another engine were faster.
        with mock.patch.object(
            leases, 'claim_all', autospec=True, return_value=(set(), set())
        ):
            self.engine.make_pass(self.stack_id, self.other)
        self.assertEqual(before, len(self.athens.patches))

        self.engine.reconcile()
        self.assertEqual(before + 1, len(self.athens.patches))

    def test_success_of_one_stack_frees_the_other(self):
        self.grow_both()
        self.athens.room = 40
        self.let_the_time_come()
        for _ in range(4):
            self.settle(self.stack_id)
            self.settle(self.other)

        self.assertEqual((9, 6, 0), self.counts_in_heat())
        self.assertEqual((4, 4), self.counts_of_other())
        self.assertEqual('ACTIVE', self.stack(self.other).status)
