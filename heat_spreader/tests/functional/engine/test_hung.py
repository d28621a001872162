# SPDX-License-Identifier: Apache-2.0
"""A cloud that does not answer delays no other."""

import decimal
import threading
from concurrent import futures

import fixtures

from heat_spreader import context
from heat_spreader import snapshot
from heat_spreader.db import engines
from heat_spreader.db import stacks as stacks_db
from heat_spreader.engine import lane
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

FIRST, SECOND, THIRD = base.NAMES


class HungTestCase(base.EngineTestCase):
    """No timeout ends a call: it is open until the cloud answers again."""

    counts = (6, 2, 2)
    timeout = 600.0
    health = {'probe_timeout': 0.3}
    engine_options = {'settle_interval': 1.0}

    def setUp(self):
        super().setUp()
        for name, seconds in (('PATIENCE', 0.3), ('STUCK', 0.6)):
            self.useFixture(fixtures.MockPatchObject(lane, name, seconds))
        self.hung = self.clouds[THIRD]
        self.stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(self.stack_id)
        self.addCleanup(self.answer_again)

    def answer_again(self):
        self.hung.fault = None

    def open_requests(self):
        return [r for r in self.hung.requests if r.status is None]

    def change(self, count, stack_id=None):
        """Have the user change a total, and the engine work on it."""
        stacks_db.update(self.ctx, stack_id or self.stack_id, {'count': count})
        self.work()

    def work(self):
        while self.engine.reconcile():
            pass

    def is_answered(self):
        self.engine.reconciler.check()
        self.engine.reconciler.join()
        return self.member(self.stack_id, THIRD).lease_owner is None

    def wait_until_answered(self):
        process.wait_until(self.is_answered, lambda: 'an update is still open')


class TestUpdates(HungTestCase):
    def check_others_are_done(self, fault, service='heat'):
        """Two changes of a stack with a member in the cloud are made."""
        before = len(self.hung.patches)
        getattr(self.hung, service).fault = fault
        self.change(15)
        self.assertEqual((9, 3), self.counts_in_heat()[:2])
        self.finish()
        self.engine.survey(FIRST, SECOND)
        self.change(20)
        self.assertEqual((12, 4), self.counts_in_heat()[:2])
        self.assertFalse(self.is_answered())
        self.assertLessEqual(len(self.hung.patches) - before, 1)
        member = self.member(self.stack_id, THIRD)
        self.assertEqual('BUSY', member.state)
        self.assertIn('has not answered an update yet', member.reason)

    def check_recovers(self):
        """When the cloud answers again, it gets what the user asked for."""
        self.answer_again()
        self.wait_until_answered()
        self.let_the_back_off_end()
        self.finish()
        self.settle(self.stack_id)
        self.assertEqual((12, 4, 4), self.counts_in_heat())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual([], self.hung.violations)

    def failures(self):
        return [
            event.cloud
            for event in self.events_of(self.stack_id, 'MEMBER_PATCHED')
            if 'It failed' in event.message
        ]

    def test_update_that_hangs_delays_no_other(self):
        self.check_others_are_done(faults.HANG.only(method='PATCH'))
        self.check_recovers()
        self.assertEqual([THIRD], self.failures())

    def test_read_that_hangs_delays_no_other(self):
        path = self.hung.stack('web').id
        self.check_others_are_done(faults.HANG.only(path=path))
        self.check_recovers()
        self.assertEqual([THIRD], self.failures())

    def test_authentication_that_hangs_delays_no_other(self):
        self.hung.revoke_tokens()
        self.check_others_are_done(faults.HANG, 'keystone')
        self.check_recovers()

    def test_answer_that_drips_delays_no_other(self):
        self.check_others_are_done(faults.DRIP.only(method='PATCH'))
        self.check_recovers()
        self.assertEqual([], self.failures())

    def test_late_answer_is_recorded_once(self):
        answered = threading.Event()
        self.addCleanup(answered.set)
        self.hung.observer = lambda *_: answered.wait()
        self.change(15)
        self.assertFalse(self.is_answered())

        answered.set()
        self.wait_until_answered()

        member = self.member(self.stack_id, THIRD)
        self.assertEqual(3, member.sent_count)
        self.assertEqual(0, member.failures)
        patched = self.events_of(self.stack_id, 'MEMBER_PATCHED')[-1]
        self.assertEqual(
            (THIRD, [2, 3]),
            (patched.cloud, patched.details['changes']['count']),
        )
        self.finish()
        self.settle(self.stack_id)
        self.assertEqual((9, 3, 3), self.counts_in_heat())

    def test_late_rejection_holds_the_member(self):
        answered = threading.Event()
        self.addCleanup(answered.set)
        rejection = faults.heat_error(400, 'StackValidationFailed', 'No room')

        def reject_late(real):
            answered.wait()
            return rejection.answer

        self.hung.heat.fault = faults.Fault('change', change=reject_late).only(
            method='PATCH'
        )
        self.change(15)
        self.assertFalse(self.is_answered())
        answered.set()
        self.wait_until_answered()
        self.work()
        member = self.member(self.stack_id, THIRD)
        self.assertEqual('REJECTED', member.state)
        self.assertIn('No room', member.reason)

    def test_answer_that_comes_while_the_engine_stops_is_recorded(self):
        answered = threading.Event()
        self.addCleanup(answered.set)
        self.hung.observer = lambda *_: answered.wait()
        self.change(15)
        reconciler = self.engine.reconciler
        with futures.ThreadPoolExecutor() as pool:
            stopped = pool.submit(reconciler.stop)
            process.wait_until(
                lambda: reconciler._stopping, lambda: 'it does not stop'
            )
            answered.set()
            stopped.result()

        self.assertTrue(self.is_answered())
        self.assertEqual(3, self.member(self.stack_id, THIRD).sent_count)

    def test_weight_that_is_unset_meanwhile_is_no_failure(self):
        self.hung.heat.fault = faults.HANG.only(method='PATCH')
        self.change(15)
        stacks_db.unset_weight(self.ctx, self.stack_id, THIRD)
        self.answer_again()
        process.wait_until(
            lambda: self.engine.reconciler.join(1) and not self.late(),
            lambda: 'the late answer is still waiting',
        )
        self.assertEqual([], self.events_of(self.stack_id, 'PASS_FAILED'))

    def test_weight_that_is_set_again_waits_for_the_open_update(self):
        self.hung.heat.fault = faults.HANG.only(method='PATCH')
        before = len(self.hung.patches)
        self.change(15)
        stacks_db.unset_weight(self.ctx, self.stack_id, THIRD)
        self.work()
        stacks_db.set_weight(
            self.ctx, self.stack_id, THIRD, decimal.Decimal('0.2')
        )
        self.work()
        self.assertEqual(1, len(self.hung.patches) - before)
        self.assertEqual('BUSY', self.member(self.stack_id, THIRD).state)

        self.answer_again()
        self.wait_until_answered()
        self.let_the_back_off_end()
        self.finish()
        self.settle(self.stack_id)

        self.assertEqual((9, 3, 3), self.counts_in_heat())
        self.assertEqual({}, self.engine.reconciler.actor._open)

    def late(self):
        self.engine.reconciler.check()
        return self.engine.reconciler._late

    def test_other_engine_sends_nothing_before_the_first_has_stopped(self):
        for name in ('test:1', 'test:2'):
            engines.register(self.ctx, name, 'host', '1')
        self.hung.heat.fault = faults.HANG.only(method='PATCH')
        self.change(15)
        self.finish()
        self.engine = self.start_engine('test:2')
        self.engine.survey(FIRST, SECOND)
        self.change(20)
        self.assertEqual((12, 4), self.counts_in_heat()[:2])
        self.assertEqual(1, len(self.open_requests()))

        engines.stop(self.ctx, 'test:1')
        engines.free(self.ctx, {'test:1'})
        self.answer_again()

        self.assertTrue(self.is_answered())
        self.finish()
        self.settle(self.stack_id)
        self.assertEqual((12, 4, 4), self.counts_in_heat())


class TestLanes(HungTestCase):
    engine_options = {'settle_interval': 1.0, 'max_updates_per_cloud': 1}

    def setUp(self):
        super().setUp()
        for each in self.clouds.values():
            each.add_stack('db', 1)
        self.other = self.create(['0.4', '0.4', '0.2'], name='db')
        self.settle(self.other)

    def test_update_that_waits_for_a_hung_one_is_given_up(self):
        self.hung.heat.fault = faults.HANG.only(method='PATCH')
        self.change(15)
        self.change(20, self.other)
        self.assertEqual(
            (8, 8),
            tuple(c.stack('db').count for c in self.clouds.values())[:2],
        )
        member = self.member(self.other, THIRD)
        self.assertIsNone(member.lease_owner)
        self.assertEqual('FAILED', member.state)
        self.assertIn('has not answered earlier requests', member.reason)
        self.assertEqual(1, len(self.open_requests()))
        self.answer_again()
        self.wait_until_answered()
        self.let_the_back_off_end()
        self.settle(self.other)
        self.assertEqual(4, self.hung.stack('db').count)

    def test_engine_that_stops_leaves_its_updates_to_the_next(self):
        self.engine.reconciler.actor.stop()
        before = self.patches()
        stacks_db.update(self.ctx, self.stack_id, {'count': 15})
        self.engine.make_pass(self.stack_id)
        self.assertEqual(before, self.patches())
        for name in base.NAMES:
            member = self.member(self.stack_id, name)
            self.assertEqual((0, None), (member.failures, member.retry_at))

        self.engine = self.start_engine('test:2')
        self.settle(self.stack_id)

        self.assertEqual((9, 3, 3), self.counts_in_heat())

    def test_new_stack_is_served_where_the_clouds_answer(self):
        for each in self.clouds.values():
            each.add_stack('new', 1)
        self.hung.heat.fault = faults.HANG.only(path='new')
        stack_id = self.create(['0.4', '0.4', '0.2'], name='new')
        self.work()
        self.assertEqual('UNKNOWN', self.member(stack_id, THIRD).state)
        self.assertEqual(
            (4, 4),
            tuple(c.stack('new').count for c in self.clouds.values())[:2],
        )


class TestSurveys(HungTestCase):
    def survey(self, times=1):
        for _ in range(times):
            self.engine.survey(THIRD)

    def state(self):
        with context.for_engine() as ctx:
            cloud = snapshot.clouds(ctx, self.configuration.conf)[THIRD]
        return cloud.state, cloud.reason

    def test_silent_cloud_is_down_although_no_timeout_is_met(self):
        for fault in (faults.HANG, faults.DRIP):
            self.hung.fault = fault
            self.survey(3)
            self.assertEqual('DOWN', self.state()[0])
            self.assertIn('has not answered completely', self.state()[1])
            self.answer_again()
            self.survey(2)
            self.assertEqual('UP', self.state()[0])

    def test_slow_list_is_used(self):
        self.hung.heat.fault = faults.slow(0.5).only(path='name=web')
        self.hung.add_stack('web', 4)
        self.survey(4)
        self.assertEqual('UP', self.state()[0])
        self.assertIn('takes more than 0.3 s to list', self.state()[1])
        self.assertEqual(4, self.member(self.stack_id, THIRD).count)

        self.answer_again()
        self.survey()
        self.assertEqual(('UP', ''), self.state())

    def test_read_that_hangs_does_not_end_the_surveys(self):
        self.hung.add_stack('web', 4)
        path = self.hung.stack('web').id
        self.hung.heat.fault = faults.HANG.only(path=path)
        self.survey(2)
        self.assertEqual(1, len(self.open_requests()))
        self.assertEqual('UP', self.state()[0])
        self.hung.fault = faults.REFUSE
        self.survey(3)
        self.assertEqual('DOWN', self.state()[0])

    def test_cloud_is_not_back_before_its_stacks_are_read(self):
        self.hung.fault = faults.REFUSE
        self.survey(3)
        path = self.hung.stack('web').id
        self.hung.fault = faults.HANG.only(path=path)
        self.survey(3)
        state, reason = self.state()
        self.assertEqual('DOWN', state)
        self.assertIn('1 of its stacks have not been read yet', reason)
        self.answer_again()
        self.survey(3)
        self.assertEqual('UP', self.state()[0])


class TestSlowList(HungTestCase):
    timeout = 0.5

    def test_cloud_that_answers_only_a_probe_is_not_down(self):
        before = self.member(self.stack_id, THIRD)
        self.hung.heat.fault = faults.HANG.only(path='name=web')
        for _ in range(4):
            self.engine.survey(THIRD)

        self.assertEqual('UP', self.cloud_states()[THIRD])
        after = self.member(self.stack_id, THIRD)
        self.assertEqual(
            (before.count, before.ready), (after.count, after.ready)
        )
