# SPDX-License-Identifier: Apache-2.0
"""A cloud goes away and comes back, on emulated clouds."""

from unittest import mock

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestFailover(base.FailoverTestCase):
    def test_lost_cloud_is_replaced_and_gets_its_share_back(self):
        self.lose('cairo')
        self.assertEqual((7, 3, 2), self.settled())
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn('cairo has been unreachable since', stack.status_reason)
        self.assertIn(
            'Its weight 0.2 is spread over athens and berlin',
            stack.status_reason,
        )
        self.assertEqual(
            ['0.700000', '0.300000', '0.000000'],
            [f'{m.effective_weight:.6f}' for m in stack.members],
        )

        self.restore('cairo')
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual([], self.clouds['cairo'].patches)

    def test_two_failed_surveys_move_nothing(self):
        before = self.patches()

        self.lose('cairo', surveys=2)
        self.engine.reconcile()
        self.assertEqual('SUSPECT', self.cloud_states()['cairo'])
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.restore('cairo', surveys=1)
        self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_flapping_cloud_causes_no_update_at_all(self):
        before = self.patches()

        for _ in range(6):
            self.lose('cairo', surveys=2)
            self.engine.reconcile()
            self.restore('cairo', surveys=1)
            self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_cloud_that_flaps_while_it_is_down_causes_no_update(self):
        self.lose('cairo')
        self.settled()
        before = self.patches()

        for _ in range(6):
            self.restore('cairo', surveys=1)
            self.engine.reconcile()
            self.lose('cairo', surveys=1)
            self.engine.reconcile()

        self.assertEqual(before, self.patches())

    def test_every_unreachable_fault_is_an_outage(self):
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
            self.lose('cairo', fault=fault)
            self.assertEqual((7, 3, 2), self.settled(), fault)
            self.restore('cairo')
            self.assertEqual((6, 2, 2), self.settled(), fault)

    def test_rejected_credentials_are_not_an_outage(self):
        before = self.patches()

        self.clouds['cairo'].password = 'changed'
        for _ in range(5):
            self.engine.survey('cairo')
        self.assertEqual((6, 2, 2), self.settled())

        self.assertEqual(before, self.patches())
        self.assertEqual('UNAUTHORIZED', self.cloud_states()['cairo'])
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        self.assertEqual('UNAUTHORIZED', stack.members[2].state)

    def test_throttling_is_not_an_outage_and_delays_the_next_survey(self):
        self.clouds['cairo'].heat.fault = faults.answer(429, Retry_After='60')

        waits = [self.engine.survey('cairo') for _ in range(5)]

        self.assertEqual([[60]] * 5, waits)
        self.assertEqual('UP', self.cloud_states()['cairo'])

    def test_second_and_third_cloud_fail_during_the_first_outage(self):
        self.lose('cairo')
        self.assertEqual((7, 3, 2), self.settled())
        self.lose('athens')
        self.assertEqual((7, 10, 2), self.settled())
        before = self.patches()
        self.lose('berlin')
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)

        self.restore('athens', 'berlin', 'cairo')
        self.assertEqual((6, 2, 2), self.settled())

    def test_engine_never_takes_ready_capacity_below_the_total(self):
        lowest = []
        reachable = [self.clouds['athens'], self.clouds['berlin']]
        for each in self.clouds.values():
            each.observer = lambda cloud, request: lowest.append(
                sum(c.really_ready('web') for c in reachable)
            )
        self.lose('cairo')
        self.settled()
        self.assertEqual(8, min(lowest))
        lowest.clear()
        reachable.append(self.clouds['cairo'])
        self.restore('cairo')
        self.settled()

        self.assertEqual(10, min(lowest))

    def test_cloud_fails_during_a_scale_up(self):
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.engine.turn()
        self.assertEqual((12, 4, 4), self.counts_in_heat())
        self.lose('cairo')
        self.clouds['athens'].finish('web')
        self.clouds['berlin'].finish('web')

        self.assertEqual((14, 6, 4), self.settled())
        self.restore('cairo')
        self.assertEqual((12, 4, 4), self.settled())

    def test_count_changes_while_a_cloud_is_down(self):
        self.lose('cairo')
        self.settled()

        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.assertEqual((14, 6, 2), self.settled())
        self.restore('cairo')

        self.assertEqual((12, 4, 4), self.settled())

    def test_weights_change_while_a_cloud_is_down(self):
        self.lose('cairo')
        self.settled()

        stacks_db.update(
            self.ctx,
            self.stack_id,
            {'weights': self.weights('0.2', '0.2', '0.6')},
        )
        self.assertEqual((5, 5, 2), self.settled())
        self.restore('cairo')

        self.assertEqual((2, 2, 6), self.settled())

    def test_stack_can_be_deleted_while_a_cloud_is_down(self):
        self.lose('cairo')
        self.settled()
        before = self.patches()

        stacks_db.delete(self.ctx, self.stack_id)
        self.restore('cairo')
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual((7, 3, 2), self.counts_in_heat())

    def test_stack_can_be_paused_while_a_cloud_is_down(self):
        stacks_db.update(self.ctx, self.stack_id, {'paused': True})
        self.settled()
        before = self.patches()
        self.lose('cairo')
        self.settled()
        self.assertEqual('PAUSED', self.stack(self.stack_id).status)
        self.assertEqual(before, self.patches())

        stacks_db.update(self.ctx, self.stack_id, {'paused': False})
        self.assertEqual((7, 3, 2), self.settled())

    def test_new_stack_is_spread_while_a_cloud_is_down(self):
        self.lose('cairo')
        for each in self.clouds.values():
            each.add_stack('shop', 1)
        shop = self.create(self.weights_of_all, name='shop', stack_name='shop')
        self.engine.turn()

        self.assertEqual(
            [7, 3, 1],
            [c.stack('shop').count for c in self.clouds.values()],
        )
        self.assertEqual('UNREACHABLE', self.member(shop, 'cairo').state)

    def test_cloud_that_returns_empty_grows_first(self):
        self.lose('cairo')
        self.settled()
        self.clouds['cairo'].add_stack('web', 0)
        self.restore('cairo')
        self.engine.turn()

        self.assertEqual((7, 3, 2), self.counts_in_heat())
        self.assertEqual((6, 2, 2), self.settled())

    def test_stack_is_missing_in_a_cloud_that_returns_without_it(self):
        self.lose('cairo')
        self.settled()
        self.clouds['cairo'].delete('web')
        self.restore('cairo')
        self.settle(self.stack_id)

        self.assertEqual('MISSING', self.member(self.stack_id, 'cairo').state)
        self.assertEqual(7, self.clouds['athens'].stack('web').count)

    def test_cloud_that_returns_while_a_pass_begins_is_not_missed(self):
        """Found by the endurance test: the pass had old facts of clouds."""
        self.lose('cairo')
        self.settled()
        self.restore('cairo', surveys=1)
        load, surveyed = stacks_db.load, []

        def load_late(ctx, stack_ids):
            if not surveyed:
                surveyed.append(self.engine.survey('cairo'))
            return load(ctx, stack_ids)

        with mock.patch.object(stacks_db, 'load', load_late):
            self.engine.reconciler.run()
            self.engine.reconciler.join()

        self.assertEqual('UP', self.cloud_states()['cairo'])
        self.assertEqual((6, 2, 2), self.settled())

    def test_restart_neither_forgets_an_outage_nor_causes_one(self):
        self.lose('cairo')
        self.settled()
        before = self.patches()

        self.let_the_surveys_grow_old()
        self.engine = self.start_engine('test:2')
        self.assertEqual(
            {
                'athens': 'UNKNOWN',
                'berlin': 'UNKNOWN',
                'cairo': 'DOWN',
            },
            self.cloud_states(),
        )
        self.engine.turn()

        self.assertEqual(before, self.patches())
        self.assertEqual('DEGRADED', self.stack(self.stack_id).status)

    def test_next_engine_continues_where_the_first_one_stopped(self):
        self.lose('cairo', surveys=2)

        self.engine = self.start_engine('test:2')
        self.assertEqual('SUSPECT', self.cloud_states()['cairo'])
        self.engine.survey()

        self.assertEqual('DOWN', self.cloud_states()['cairo'])
        self.assertEqual('UP', self.cloud_states()['athens'])

    def test_outage_is_five_events_and_its_end_too(self):
        before = len(self.events_of(self.stack_id))
        self.lose('cairo')
        self.settled()

        outage = self.events_of(self.stack_id)[before:]
        self.assertEqual(
            [
                ('CLOUD_STATE', 'cairo'),
                ('CLOUD_STATE', 'cairo'),
                ('MEMBER_PATCHED', 'athens'),
                ('MEMBER_PATCHED', 'berlin'),
                ('STACK_STATUS', None),
            ],
            [(event.kind, event.cloud) for event in outage],
        )
        self.assertEqual(
            {'count': [2, 3], 'state': ['OK', 'SCALING']}
            | {'status': ['ACTIVE', 'SCALING']},
            outage[3].details['changes'],
        )

        self.restore('cairo')
        self.settled()
        end = self.events_of(self.stack_id)[before + 5 :]
        self.assertEqual(
            [
                ('CLOUD_STATE', 'cairo'),
                ('CLOUD_STATE', 'cairo'),
                ('MEMBER_PATCHED', 'athens'),
                ('MEMBER_PATCHED', 'berlin'),
                ('STACK_STATUS', None),
            ],
            [(event.kind, event.cloud) for event in end],
        )

    def test_events_record_the_outage_in_order(self):
        self.lose('cairo')
        self.settled()
        self.restore('cairo')
        self.settled()

        story = [event.message for event in self.events_of(self.stack_id)]
        chapters = [
            'cairo went from UP to SUSPECT',
            'cairo went from SUSPECT to DOWN',
            'athens: 6 -> 7 because cairo is DOWN.',
            'web: SCALING -> DEGRADED. cairo has been unreachable since',
            'cairo went from DOWN to RECOVERING',
            'cairo went from RECOVERING to UP',
            'athens: 7 -> 6',
            'web: SCALING -> ACTIVE',
        ]
        recorded = iter(story)
        for chapter in chapters:
            self.assertTrue(
                any(chapter in message for message in recorded),
                (chapter, story),
            )
