# SPDX-License-Identifier: Apache-2.0
"""A cloud goes away and comes back, on emulated clouds."""

import itertools
from unittest import mock

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class FailoverTest(base.EngineTest):
    counts = (6, 2, 2)
    weights_of_all = ('0.6', '0.2', '0.2')
    wanted = {}

    def setUp(self):
        super().setUp()
        self.stack_id = self.create(self.weights_of_all, **self.wanted)
        self.settle(self.stack_id)

    def fail(self, *names, fault=faults.REFUSE, surveys=3):
        """Let clouds fail, and be seen to fail so many times."""
        for name in names:
            self.clouds[name].fault = fault
        for _ in range(surveys):
            self.engine.survey(*names)

    def mend(self, *names, surveys=2):
        """Let clouds answer again, and be seen to so many times."""
        for name in names:
            self.clouds[name].fault = None
        for _ in range(surveys):
            self.engine.survey(*names)

    def settled(self):
        self.settle(self.stack_id)
        return self.counts_in_heat()


class TestFailover(FailoverTest):
    def test_lost_cloud_and_its_return(self):
        self.fail('stockholm')
        self.assertEqual((7, 3, 2), self.settled())
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn('stockholm is unreachable since', stack.status_reason)
        self.assertIn(
            'Its weight 0.2 is spread over athens and manchester',
            stack.status_reason,
        )
        self.assertEqual(
            ['0.700000', '0.300000', '0.000000'],
            [f'{m.effective_weight:.6f}' for m in stack.members],
        )

        self.mend('stockholm')
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual([], self.clouds['stockholm'].patches)

    def test_two_failed_surveys_move_nothing(self):
        before = self.patches()

        self.fail('stockholm', surveys=2)
        self.engine.reconcile()
        self.assertEqual('SUSPECT', self.cloud_states()['stockholm'])
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.mend('stockholm', surveys=1)
        self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_flapping_cloud_causes_no_update_at_all(self):
        before = self.patches()

        for _ in range(6):
            self.fail('stockholm', surveys=2)
            self.engine.reconcile()
            self.mend('stockholm', surveys=1)
            self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_cloud_that_flaps_while_it_is_down_causes_no_update(self):
        self.fail('stockholm')
        self.settled()
        before = self.patches()

        for _ in range(6):
            self.mend('stockholm', surveys=1)
            self.engine.reconcile()
            self.fail('stockholm', surveys=1)
            self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_every_way_to_be_unreachable_is_an_outage(self):
        ways = [
            faults.REFUSE,
            faults.HANG,
            faults.RESET,
            faults.answer(502),
            faults.answer(503),
            faults.answer(504),
            faults.answer(500),
            faults.answer(200, b'<html>', 'text/html'),
        ]
        for fault in ways:
            self.fail('stockholm', fault=fault)
            self.assertEqual((7, 3, 2), self.settled(), fault)
            self.mend('stockholm')
            self.assertEqual((6, 2, 2), self.settled(), fault)

    def test_locked_out_is_no_outage(self):
        before = self.patches()

        self.clouds['stockholm'].password = 'changed'
        for _ in range(5):
            self.engine.survey('stockholm')
        self.assertEqual((6, 2, 2), self.settled())

        self.assertEqual(before, self.patches())
        self.assertEqual('UNAUTHORIZED', self.cloud_states()['stockholm'])
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        self.assertEqual('UNAUTHORIZED', stack.members[2].state)

    def test_throttled_is_no_outage_and_is_waited_for(self):
        self.clouds['stockholm'].heat.fault = faults.answer(
            429, Retry_After='60'
        )

        waits = [self.engine.survey('stockholm') for _ in range(5)]

        self.assertEqual([[60]] * 5, waits)
        self.assertEqual('UP', self.cloud_states()['stockholm'])

    def test_second_and_third_failure_while_the_first_lasts(self):
        self.fail('stockholm')
        self.assertEqual((7, 3, 2), self.settled())
        self.fail('athens')
        self.assertEqual((7, 10, 2), self.settled())
        before = self.patches()
        self.fail('manchester')
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)

        self.mend('athens', 'manchester', 'stockholm')
        self.assertEqual((6, 2, 2), self.settled())

    def test_all_clouds_lost_and_back_together_move_nothing(self):
        before = self.patches()
        self.fail(*base.NAMES)
        self.engine.turn()
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)

        self.mend(*base.NAMES, surveys=1)
        for name in base.NAMES:
            self.engine.survey(name)
            self.engine.reconcile()
        self.settle(self.stack_id)

        self.assertEqual(before, self.patches())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

    def test_order_of_return_does_not_matter(self):
        for order in itertools.permutations(base.NAMES):
            self.fail(*base.NAMES)
            self.engine.turn()
            for name in order:
                self.mend(name)
                self.settled()

            self.assertEqual((6, 2, 2), self.settled(), order)

    def test_ready_capacity_never_falls_below_the_total_by_our_doing(self):
        lowest = []
        reachable = [self.clouds['athens'], self.clouds['manchester']]
        for each in self.clouds.values():
            each.observer = lambda cloud, request: lowest.append(
                sum(c.really_ready('web') for c in reachable)
            )
        self.fail('stockholm')
        self.settled()
        self.assertEqual(8, min(lowest))
        lowest.clear()
        reachable.append(self.clouds['stockholm'])
        self.mend('stockholm')
        self.settled()

        self.assertEqual(10, min(lowest))

    def test_failure_during_a_scale_up(self):
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.engine.turn()
        self.assertEqual((12, 4, 4), self.counts_in_heat())
        self.fail('stockholm')
        self.clouds['athens'].finish('web')
        self.clouds['manchester'].finish('web')

        self.assertEqual((14, 6, 4), self.settled())
        self.mend('stockholm')
        self.assertEqual((12, 4, 4), self.settled())

    def test_change_of_the_count_while_a_cloud_is_down(self):
        self.fail('stockholm')
        self.settled()

        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.assertEqual((14, 6, 2), self.settled())
        self.mend('stockholm')

        self.assertEqual((12, 4, 4), self.settled())

    def test_change_of_the_weights_while_a_cloud_is_down(self):
        self.fail('stockholm')
        self.settled()

        stacks_db.update(
            self.ctx,
            self.stack_id,
            {'weights': self.weights('0.2', '0.2', '0.6')},
        )
        self.assertEqual((5, 5, 2), self.settled())
        self.mend('stockholm')

        self.assertEqual((2, 2, 6), self.settled())

    def test_delete_while_a_cloud_is_down(self):
        self.fail('stockholm')
        self.settled()
        before = self.patches()

        stacks_db.delete(self.ctx, self.stack_id)
        self.mend('stockholm')
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual((7, 3, 2), self.counts_in_heat())

    def test_pause_while_a_cloud_is_down(self):
        stacks_db.update(self.ctx, self.stack_id, {'paused': True})
        self.settled()
        before = self.patches()
        self.fail('stockholm')
        self.settled()
        self.assertEqual('PAUSED', self.stack(self.stack_id).status)
        self.assertEqual(before, self.patches())

        stacks_db.update(self.ctx, self.stack_id, {'paused': False})
        self.assertEqual((7, 3, 2), self.settled())

    def test_new_stack_while_a_cloud_is_down(self):
        self.fail('stockholm')
        for each in self.clouds.values():
            each.add_stack('shop', 1)
        shop = self.create(self.weights_of_all, name='shop', stack_name='shop')
        self.engine.turn()

        self.assertEqual(
            [7, 3, 1],
            [c.stack('shop').count for c in self.clouds.values()],
        )
        self.assertEqual('UNREACHABLE', self.member(shop, 'stockholm').state)

    def test_cloud_that_comes_back_empty_is_grown_first(self):
        self.fail('stockholm')
        self.settled()
        self.clouds['stockholm'].add_stack('web', 0)
        self.mend('stockholm')
        self.engine.turn()

        self.assertEqual((7, 3, 2), self.counts_in_heat())
        self.assertEqual((6, 2, 2), self.settled())

    def test_cloud_that_comes_back_without_the_stack_is_missing(self):
        self.fail('stockholm')
        self.settled()
        self.clouds['stockholm'].delete('web')
        self.mend('stockholm')
        self.settle(self.stack_id)

        self.assertEqual(
            'MISSING', self.member(self.stack_id, 'stockholm').state
        )
        self.assertEqual(7, self.clouds['athens'].stack('web').count)

    def test_cloud_that_returns_while_a_pass_begins_is_not_missed(self):
        """Found by the endurance test: the pass had old facts of clouds."""
        self.fail('stockholm')
        self.settled()
        self.mend('stockholm', surveys=1)
        get, surveyed = stacks_db.get, []

        def get_late(ctx, stack_id):
            if not surveyed:
                surveyed.append(self.engine.survey('stockholm'))
            return get(ctx, stack_id)

        with mock.patch.object(stacks_db, 'get', get_late):
            self.engine.reconciler.run()
            self.engine.reconciler.pool.shutdown()

        self.assertEqual('UP', self.cloud_states()['stockholm'])
        self.assertEqual((6, 2, 2), self.settled())

    def test_restart_neither_forgets_an_outage_nor_causes_one(self):
        self.fail('stockholm')
        self.settled()
        before = self.patches()

        self.engine = self.start_engine('test:2')
        self.assertEqual(
            {
                'athens': 'UNKNOWN',
                'manchester': 'UNKNOWN',
                'stockholm': 'DOWN',
            },
            self.cloud_states(),
        )
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual('DEGRADED', self.stack(self.stack_id).status)

    def test_events_tell_the_story_of_the_outage_in_order(self):
        self.fail('stockholm')
        self.settled()
        self.mend('stockholm')
        self.settled()

        story = [event.message for event in self.told(self.stack_id)]
        chapters = [
            'stockholm went from UP to SUSPECT',
            'stockholm went from SUSPECT to DOWN',
            'athens: 6 -> 7',
            'web: SCALING -> DEGRADED. stockholm is unreachable since',
            'stockholm went from DOWN to RECOVERING',
            'stockholm went from RECOVERING to UP',
            'athens: 7 -> 6',
            'web: SCALING -> ACTIVE',
        ]
        told = iter(story)
        for chapter in chapters:
            self.assertTrue(
                any(chapter in message for message in told),
                (chapter, story),
            )


class TestNothingManaged(base.EngineTest):
    def test_cloud_without_any_stack_of_ours_is_probed_all_the_same(self):
        self.clouds['stockholm'].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey()

        self.assertEqual(
            {'athens': 'UP', 'manchester': 'UP', 'stockholm': 'DOWN'},
            self.cloud_states(),
        )


class TestStandby(FailoverTest):
    counts = (10, 0, 0)
    weights_of_all = ('1', '0', '0')

    def test_standbys_share_the_whole_weight(self):
        self.fail('athens')
        self.assertEqual((10, 5, 5), self.settled())

        self.mend('athens')
        self.assertEqual((10, 0, 0), self.settled())


class TestProportional(FailoverTest):
    counts = (4, 4, 2)
    weights_of_all = ('0.4', '0.4', '0.2')
    wanted = {'failover': 'proportional'}

    def test_lost_weight_is_divided_by_weight(self):
        self.fail('athens')

        self.assertEqual((4, 7, 3), self.settled())


class TestNoFailover(FailoverTest):
    wanted = {'failover': 'none'}

    def test_lost_weight_is_left_where_it_is(self):
        before = self.patches()
        self.fail('stockholm')
        self.settled()

        self.assertEqual(before, self.patches())
        stack = self.stack(self.stack_id)
        self.assertEqual('ERROR', stack.status)
        self.assertIn('failover is none', stack.status_reason)


class TestMaxDownClouds(FailoverTest):
    health = {'max_down_clouds': 1}

    def test_more_clouds_down_than_allowed_freeze_the_plan(self):
        self.fail('stockholm')
        self.assertEqual((7, 3, 2), self.settled())
        before = self.patches()
        self.fail('athens')
        self.settled()

        self.assertEqual(before, self.patches())
        stack = self.stack(self.stack_id)
        self.assertEqual('FROZEN', stack.status)
        self.assertIn('max_down_clouds', stack.status_reason)
