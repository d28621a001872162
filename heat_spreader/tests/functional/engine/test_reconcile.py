# SPDX-License-Identifier: Apache-2.0
"""The engine brings stacks to their shares, on emulated clouds."""

from unittest import mock

import sqlalchemy as sa

from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import plan
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestHappyPath(base.EngineTestCase):
    def test_new_stack_reaches_its_shares(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])

        stack = self.settle(stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual(('ACTIVE', ''), (stack.status, stack.status_reason))
        self.assertEqual(stack.generation, stack.observed_generation)
        self.assertEqual(
            [('OK', 6, 6), ('OK', 2, 2), ('OK', 2, 2)],
            [(m.state, m.count, m.ready) for m in stack.members],
        )

    def test_weights_set_one_by_one_give_the_same_result(self):
        stack_id = self.create([])
        self.assertEqual('PENDING', self.settle(stack_id).status)

        for name, weight in self.weights('0.6', '0.2', '0.2').items():
            stacks_db.set_weight(self.ctx, stack_id, name, weight)
            self.settle(stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_eleventh_instance_is_one_update_in_one_cloud(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        before = self.patches()

        stacks_db.update(self.ctx, stack_id, {'count': 11})
        self.settle(stack_id)

        self.assertEqual(1, self.patches() - before)
        self.assertEqual(11, sum(self.counts_in_heat()))

    def test_steady_state_costs_one_list_and_one_write_a_cloud(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        self.engine.turn()
        for each in self.clouds.values():
            each.requests.clear()
        writes = self.count_writes()

        self.engine.turn()

        self.assertEqual(
            [['GET']] * 3,
            [[r.method for r in c.requests] for c in self.clouds.values()],
        )
        # That the cloud was surveyed renews the lease.
        self.assertEqual(['UPDATE clouds SET checked_at'] * 3, writes)

    def count_writes(self):
        """Statements that change something, from now on."""
        writes = []

        def listen(conn, cursor, statement, *args):
            if not statement.startswith(('SELECT', 'BEGIN', 'PRAGMA')):
                writes.append(statement.partition('=')[0])

        engine = session.get_engine()
        sa.event.listen(engine, 'after_cursor_execute', listen)
        self.addCleanup(
            sa.event.remove, engine, 'after_cursor_execute', listen
        )
        return writes

    def test_surveys_are_more_frequent_while_a_member_is_unsettled(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.turn()

        self.assertEqual([2.0] * 3, self.engine.survey())

        self.settle(stack_id)
        self.assertEqual([10.0] * 3, self.engine.survey())

    def test_manual_change_is_reverted(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)

        self.clouds['athens'].update('web', 9)
        self.engine.turn()
        self.assertEqual('BUSY', self.member(stack_id, 'athens').state)
        self.settle(stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_new_stack_name_is_read_before_any_update(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        for each in self.clouds.values():
            each.add_stack('shop', 1)
        before = self.patches()

        stacks_db.update(self.ctx, stack_id, {'stack_name': 'shop'})
        self.assertEqual(
            {None}, {m.heat_id for m in self.stack(stack_id).members}
        )
        self.engine.reconcile()

        self.assertEqual(
            [6, 2, 2], [c.stack('shop').count for c in self.clouds.values()]
        )
        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual(3, self.patches() - before)

    def test_change_costs_three_requests_for_each_member(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        self.engine.survey()
        for each in self.clouds.values():
            each.requests.clear()

        stacks_db.update(self.ctx, stack_id, {'count': 20})
        self.settle(stack_id)
        self.engine.survey()

        self.assertEqual((12, 4, 4), self.counts_in_heat())
        for name, each in self.clouds.items():
            path = each.stack('web').id
            methods = [r.method for r in each.requests if path in r.path]
            self.assertEqual(['GET', 'PATCH', 'GET'], methods, name)

    def test_second_change_within_a_second_is_noticed(self):
        """Heat dates an update in whole seconds."""
        stack_id = self.create(['0.6', '0.2', '0.2'], paused=True)
        athens = self.clouds['athens']
        athens.clock = lambda: 1_000_000_000
        for count in (9, 4):
            athens.patch('web', athens.stack('web').id, {'count': count})
            athens.finish('web')
            self.engine.survey('athens')
            self.assertEqual(count, self.member(stack_id, 'athens').count)

    def test_delete_leaves_heat_unchanged(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        before = self.patches()

        stacks_db.delete(self.ctx, stack_id)
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_events_are_recorded_in_order(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)

        messages = [e.message for e in self.events_of(stack_id)]

        self.assertIn('is now managed', messages[0])
        sent = messages.index('athens: 1 -> 6 because its share has grown.')
        [active] = [
            m for m in messages if m.startswith('web: SCALING -> ACTIVE')
        ]
        self.assertLess(sent, messages.index(active))


class TestMakeBeforeBreak(base.EngineTestCase):
    counts = (6, 4, 0)

    def test_ready_capacity_never_falls_below_the_total_while_weights_change(
        self,
    ):
        stack_id = self.create(['0.6', '0.4'])
        self.settle(stack_id)
        stacks_db.update(
            self.ctx, stack_id, {'weights': self.weights('0.4', '0.6')}
        )

        self.engine.turn()
        self.assertEqual((6, 6, 0), self.counts_in_heat())
        self.engine.turn()
        self.assertEqual((6, 6, 0), self.counts_in_heat())
        self.clouds['berlin'].finish('web')
        self.assertEqual(12, self.ready_in_heat())
        self.engine.turn()

        self.assertEqual((4, 6, 0), self.counts_in_heat())
        self.assertEqual(10, self.ready_in_heat())

    def test_failed_growth_stops_the_shrinking_and_is_tried_again(self):
        stack_id = self.create(['0.6', '0.4'])
        self.settle(stack_id)
        self.clouds['berlin'].fail_next('web', 4, 'The image is damaged')
        stacks_db.update(
            self.ctx, stack_id, {'weights': self.weights('0.4', '0.6')}
        )
        self.engine.turn()
        self.clouds['berlin'].finish('web')
        self.engine.turn()

        self.assertEqual((6, 6, 0), self.counts_in_heat())
        member = self.member(stack_id, 'berlin')
        self.assertEqual(('FAILED', 4, 1), (member.state, member.ready, 1))
        self.assertIn('The image is damaged', member.reason)
        self.assertEqual(self.stack(stack_id).due_at, member.retry_at)

        self.let_the_back_off_end()
        self.settle(stack_id)
        self.assertEqual((4, 6, 0), self.counts_in_heat())

    def test_shrinking_without_an_answer_counts_as_made(self):
        """Found by the endurance test: Heat had acted, unrecorded."""
        stack_id = self.create(['0.4', '0.4', '0.2'])
        self.settle(stack_id)
        self.assertEqual((4, 4, 2), self.counts_in_heat())
        for name in ('athens', 'berlin'):
            self.clouds[name].heat.fault = faults.LOST.only(method='PATCH')
        stacks_db.update(
            self.ctx, stack_id, {'weights': self.weights('0', '0.4', '0.6')}
        )
        self.engine.turn()
        self.clouds['cairo'].finish('web')
        self.engine.turn()
        self.assertEqual((0, 4, 6), self.counts_in_heat())

        stacks_db.update(
            self.ctx, stack_id, {'weights': self.weights('0.4', '0', '0.6')}
        )
        self.engine.reconcile()

        self.assertEqual(10, self.ready_in_heat())


class TestRestart(base.EngineTestCase):
    def test_update_that_was_not_recorded_is_not_sent_again(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.survey()
        for name, count in zip(base.NAMES, (6, 2, 2), strict=True):
            self.clouds[name].update('web', count)
        for each in self.clouds.values():
            each.requests.clear()

        self.engine.reconcile()

        self.assertEqual(0, self.patches())
        self.assertEqual(
            [[], [], []], [c.violations for c in self.clouds.values()]
        )
        self.assertEqual('ACTIVE', self.settle(stack_id).status)

    def test_engine_that_starts_reads_everything_before_it_acts(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        stacks_db.update(self.ctx, stack_id, {'count': 20})

        self.let_the_surveys_grow_old()
        fresh = self.start_engine('test:2')
        fresh.reconcile()
        self.assertEqual((6, 2, 2), self.counts_in_heat())
        fresh.turn()

        self.assertEqual((12, 4, 4), self.counts_in_heat())

    def test_lease_keeps_a_second_engine_from_acting(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.survey()
        second = self.start_engine('test:2')
        second.survey()
        stack = self.stack(stack_id)
        self.assertTrue(leases.claim(self.ctx, stack, 'test:1'))

        self.assertEqual(0, second.reconcile())
        second.make_pass(stack_id)

        self.assertEqual(0, self.patches())
        leases.settle(
            self.ctx, leases.Settlement(self.stack(stack_id), 'test:1', {})
        )
        second.turn()
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_unexpected_exception_costs_one_pass_and_is_an_event(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.survey()

        with mock.patch.object(
            plan, 'make', autospec=True, side_effect=ZeroDivisionError
        ):
            self.engine.make_pass(stack_id)

        event = self.events_of(stack_id, 'PASS_FAILED')[0]
        self.assertIn('ZeroDivisionError', event.message)
        self.assertGreater(self.stack(stack_id).due_at, models.utcnow())

    def test_weight_that_is_unset_during_a_pass_does_not_fail_it(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.survey()
        claim = leases.claim_all

        def unset_then_act(ctx, rows, *args):
            claimed = claim(ctx, rows, *args)
            stacks_db.unset_weight(self.ctx, stack_id, base.NAMES[2])
            return claimed

        with mock.patch.object(
            leases, 'claim_all', autospec=True, side_effect=unset_then_act
        ):
            self.engine.make_pass(stack_id)

        self.assertEqual([], self.events_of(stack_id, 'PASS_FAILED'))
        self.assertEqual(3, self.patches())
        self.settle(stack_id)
        self.assertEqual((6, 2), self.counts_in_heat()[:2])
