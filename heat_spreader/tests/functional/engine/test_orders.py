# SPDX-License-Identifier: Apache-2.0
"""Clouds that are declared, cordoned and drained, on emulated clouds."""

import datetime

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import events as events_db
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import facts
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

MINUTE = datetime.timedelta(minutes=1)


class OrdersTestCase(base.FailoverTestCase):
    def order(self, name, state, until=None, drill=False):
        use = facts.Use(
            states.AdminState(state),
            facts.Order(models.utcnow(), until, 'kernel update', 'u'),
            drill,
        )
        admin.set_use(self.ctx, name, use)

    def plan(self, name, state, begin, until=None):
        order = facts.Order(begin, until, 'kernel update', 'u')
        use = facts.Use(states.AdminState(state), order)
        admin.plan_use(self.ctx, name, use)

    def declare(self, name, declared, until=None):
        order = facts.Order(models.utcnow(), until, 'the link', 'u')
        declared = declared and states.Declared(declared)
        admin.declare(self.ctx, name, declared, order)

    def row(self, name):
        return clouds_db.get_all(self.ctx)[name]

    def story(self, name='cairo'):
        """The messages about what was ordered for a cloud."""
        return [
            event.message
            for event in events_db.get_of_stack(
                self.ctx, self.stack(self.stack_id)
            )
            if (event.kind, event.cloud) == ('CLOUD_ADMIN', name)
        ]

    def pass_time(self, minutes):
        """Let the clock of the engine be later by that many minutes."""
        self.engine.owner.offset += minutes * MINUTE


class TestDrain(OrdersTestCase):
    def test_drained_cloud_gets_its_share_back_when_it_is_enabled(self):
        self.order('cairo', 'DRAINING')
        self.assertEqual((7, 3, 0), self.settled())
        self.engine.survey('cairo')
        self.assertEqual('DRAINED', self.row('cairo').admin_state)
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

        self.order('cairo', 'ENABLED')
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('', self.stack(self.stack_id).status_reason)

    def test_nothing_is_removed_before_the_others_are_ready(self):
        lowest = []
        for each in self.clouds.values():
            each.observer = lambda *_: lowest.append(self.ready_in_heat())
        self.order('athens', 'DRAINING')
        self.engine.turn()
        self.assertEqual((6, 5, 5), self.counts_in_heat())

        # One of the others is slow.
        self.clouds['berlin'].finish('web')
        self.engine.turn()
        self.assertEqual((3, 5, 5), self.counts_in_heat())
        self.clouds['athens'].finish('web')
        self.engine.turn()
        self.assertEqual((3, 5, 5), self.counts_in_heat())
        self.assertEqual('DRAINING', self.row('athens').admin_state)

        self.assertEqual((0, 5, 5), self.settled())
        self.order('athens', 'ENABLED')
        self.settled()
        self.assertEqual(10, min(lowest))

    def test_end_of_a_drain_is_one_event_with_the_time_it_took(self):
        self.order('cairo', 'DRAINING')
        self.engine.turn()
        self.pass_time(3)
        self.settled()
        for _ in range(2):
            self.engine.survey('cairo')

        begun, ended = self.story()
        self.assertIn('from ENABLED to DRAINING', begun)
        self.assertRegex(
            ended,
            r'cairo went from DRAINING to DRAINED after 3 min( \d+ s)?: '
            'nothing stayed there',
        )

    def test_cloud_without_stacks_is_drained_at_once(self):
        stacks_db.delete(self.ctx, self.stack_id)
        self.order('cairo', 'DRAINING')
        self.engine.survey('cairo')

        self.assertEqual('DRAINED', self.row('cairo').admin_state)

    def test_drain_goes_on_when_there_is_more_to_move(self):
        self.order('cairo', 'DRAINING')
        self.settled()
        self.engine.survey('cairo')
        for each in self.clouds.values():
            each.add_stack('shop', 5)
        shop = self.create(self.weights_of_all, name='shop', stack_name='shop')
        self.engine.turn()
        self.assertEqual('DRAINING', self.member(shop, 'cairo').state)
        self.engine.survey('cairo')
        self.assertEqual('DRAINING', self.row('cairo').admin_state)

        self.settle(shop)
        self.engine.survey('cairo')
        self.assertEqual('DRAINED', self.row('cairo').admin_state)

    def test_cloud_that_goes_away_while_it_is_drained_moves_nothing(self):
        self.order('cairo', 'DRAINING')
        self.engine.turn()
        self.clouds['athens'].finish('web')
        self.clouds['berlin'].finish('web')
        self.engine.survey('athens', 'berlin')
        self.lose('cairo')
        before = len(self.clouds['athens'].patches)
        self.assertEqual((7, 3, 2), self.settled())
        self.assertEqual(before, len(self.clouds['athens'].patches))
        self.assertEqual('DRAINING', self.row('cairo').admin_state)

        self.restore('cairo')
        self.assertEqual((7, 3, 0), self.settled())

    def test_outage_of_a_drained_cloud_is_no_trouble_of_its_stacks(self):
        self.order('cairo', 'DRAINING')
        self.settled()
        before = self.patches()
        self.lose('cairo')
        self.settled()

        self.assertEqual('DRAINED', self.row('cairo').admin_state)
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual(before, self.patches())


class TestCordon(OrdersTestCase):
    def test_cordoned_cloud_gets_nothing_more_also_in_a_failover(self):
        self.order('berlin', 'CORDONED')
        self.settled()
        self.lose('cairo')
        self.assertEqual((8, 2, 2), self.settled())

        self.order('berlin', 'ENABLED')
        self.assertEqual((7, 3, 2), self.settled())


class TestDeclaration(OrdersTestCase):
    def test_cloud_declared_down_is_replaced_now_and_surveyed_still(self):
        self.declare('cairo', 'DOWN')
        self.assertEqual((7, 3, 2), self.settled())
        self.assertEqual('UP', self.cloud_states()['cairo'])
        self.assertEqual('DEGRADED', self.stack(self.stack_id).status)

        self.declare('cairo', None)
        self.assertEqual((6, 2, 2), self.settled())

    def test_cloud_declared_up_is_held_through_an_outage(self):
        before = self.patches()
        self.declare('cairo', 'UP')
        self.lose('cairo', surveys=5)
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('DOWN', self.cloud_states()['cairo'])
        self.assertEqual('UNSEEN', self.member(self.stack_id, 'cairo').state)
        self.assertEqual(before, self.patches())

        self.declare('cairo', None)
        self.assertEqual((7, 3, 2), self.settled())

    def test_declaration_ends_by_itself_while_the_cloud_hangs(self):
        self.clouds['cairo'].fault = faults.HANG
        self.declare('cairo', 'DOWN', models.utcnow() + 5 * MINUTE)
        self.engine.survey('cairo')
        self.assertEqual('DOWN', self.row('cairo').declared)
        self.pass_time(6)
        self.engine.survey('cairo')

        self.assertIsNone(self.row('cairo').declared)
        self.assertIn('no longer declared DOWN', self.story()[-1])

    def test_declaration_of_more_clouds_than_may_be_down_freezes_nothing(self):
        self.configuration.override('health', max_down_clouds=1)
        self.declare('cairo', 'DOWN')
        self.declare('berlin', 'DOWN')

        self.assertEqual((10, 2, 2), self.settled())


class TestWindow(OrdersTestCase):
    def test_window_begins_and_ends_by_itself(self):
        now = models.utcnow()
        self.plan('cairo', 'DRAINING', now + 10 * MINUTE, now + 20 * MINUTE)
        self.assertEqual((6, 2, 2), self.settled())

        self.pass_time(11)
        self.assertEqual((7, 3, 0), self.settled())
        # Another engine goes on with it.
        offset = self.engine.owner.offset
        self.engine = self.start_engine('test:2')
        self.engine.owner.offset = offset
        self.assertEqual((7, 3, 0), self.settled())

        self.pass_time(11)
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual(['ENABLED'], [self.row('cairo').admin_state])
        self.assertEqual(4, len(self.story()))

    def test_window_begins_while_the_cloud_asks_for_fewer_requests(self):
        survey = self.engine.surveys['cairo']
        self.clouds['cairo'].heat.fault = faults.answer(429, Retry_After='60')
        with context.for_engine(cloud='cairo') as ctx:
            survey.run(ctx)
            self.plan('cairo', 'CORDONED', models.utcnow() + MINUTE)
            self.pass_time(2)
            survey.run(ctx)

        self.assertEqual('CORDONED', self.row('cairo').admin_state)

    def test_engine_without_the_lease_begins_nothing(self):
        self.plan('cairo', 'DRAINING', models.utcnow() + MINUTE)
        first = self.engine
        self.engine = self.start_engine('test:2')
        first.owner.offset = 2 * MINUTE
        first.survey('cairo')
        self.assertEqual('ENABLED', self.row('cairo').admin_state)

        self.pass_time(2)
        self.engine.survey('cairo')
        self.assertEqual('DRAINING', self.row('cairo').admin_state)
        self.assertEqual(2, len(self.story()))

    def test_orders_are_emitted_be_they_given_through_the_api(self):
        self.order('cairo', 'DRAINING')
        self.settled()
        self.declare('cairo', 'UP')
        self.engine.survey('cairo')

        self.assertEqual(
            [
                ('CLOUD_ADMIN', 'ENABLED', 'DRAINING'),
                ('CLOUD_ADMIN', 'DRAINING', 'DRAINED'),
                ('DECLARED', None, 'UP'),
            ],
            [
                (change.kind, change.before, change.after)
                for change in self.engine.emitted
                if change.kind in ('CLOUD_ADMIN', 'DECLARED')
            ],
        )
