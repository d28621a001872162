# SPDX-License-Identifier: Apache-2.0
"""Heartbeats, and the leases of engines that have none, on every database."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import clouds
from heat_spreader.db import engines
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

SECOND = datetime.timedelta(seconds=1)
HOUR = datetime.timedelta(hours=1)


@base.on_every_database(base.SchemaTestCase)
class Engines:
    def setUp(self):
        super().setUp()
        for engine in ('one', 'two'):
            engines.register(self.ctx, engine, f'host-{engine}', '1.0')
        self.stack = base.create_stack(self.ctx, weights=base.weights(a='1'))

    def held(self):
        found, _ = engines.get_all(self.ctx)
        return {row.id: (held, stacks) for row, held, stacks in found}

    def test_leases_are_counted_by_engine(self):
        clouds.claim(self.ctx, 'a', 'one')
        clouds.claim(self.ctx, 'b', 'one')
        leases.claim(self.ctx, self.stack, 'two')

        self.assertEqual({'one': (2, 0), 'two': (0, 1)}, self.held())

    def test_leases_of_an_engine_that_stops_are_free(self):
        for engine in ('one', 'two'):
            clouds.claim(self.ctx, engine, engine)
        leases.claim(self.ctx, self.stack, 'one')

        self.assertTrue(engines.stop(self.ctx, 'one'))
        self.assertEqual({'one', 'two'}, engines.lease_owners(self.ctx))
        engines.free(self.ctx, {'one'})

        self.assertEqual({'two': (1, 0)}, self.held())
        self.assertTrue(leases.claim(self.ctx, self.stack, 'two'))
        self.assertFalse(clouds.claim(self.ctx, 'two', 'three'))

    def test_engine_that_was_declared_dead_notices_it(self):
        self.assertIsNotNone(engines.beat(self.ctx, 'one'))
        self.assertTrue(engines.stop(self.ctx, 'one', beats=1))

        self.assertIsNone(engines.beat(self.ctx, 'one'))

    def test_heartbeat_at_the_last_moment_keeps_the_engine_alive(self):
        beats = engines.running(self.ctx)['one']
        engines.beat(self.ctx, 'one')

        self.assertFalse(engines.stop(self.ctx, 'one', beats))
        self.assertIn('one', engines.running(self.ctx))

    def test_only_one_of_many_engines_gets_a_lease(self):
        results = base.at_once(
            lambda number: (
                clouds.claim(base.user(), 'a', f'engine-{number}'),
                leases.claim(base.user(), self.stack, f'engine-{number}'),
            )
        )

        self.assertEqual(1, sum(cloud for cloud, _ in results))
        self.assertEqual(1, sum(stack for _, stack in results))

    def test_stack_that_a_user_changed_is_due_by_any_clock(self):
        for now in (models.utcnow() - HOUR, models.utcnow() + HOUR):
            self.assertEqual([self.stack.id], leases.due(self.ctx, now, 'one'))

    def test_clock_that_was_set_back_does_not_stop_a_stack(self):
        now = models.utcnow()
        leases.claim(self.ctx, self.stack, 'one')
        values = {'due_at': now + 2 * SECOND}
        leases.settle(self.ctx, leases.Settlement(self.stack, 'one', values))

        self.assertEqual([], leases.due(self.ctx, now, 'one'))
        self.assertEqual(
            [self.stack.id], leases.due(self.ctx, now - HOUR, 'one')
        )

    def test_stack_that_is_made_due_during_a_pass_stays_due(self):
        leases.claim(self.ctx, self.stack, 'one')
        stacks.update(self.ctx, self.stack.id, {'count': 12})
        values = {'due_at': None}
        leases.settle(self.ctx, leases.Settlement(self.stack, 'one', values))

        self.assertEqual(
            [self.stack.id], leases.due(self.ctx, models.utcnow(), 'one')
        )

    def test_cloud_of_a_dead_engine_is_abandoned_and_of_a_live_one_not(self):
        for name, owner in (('a', 'one'), ('b', 'two'), ('c', None)):
            if owner:
                clouds.claim(self.ctx, name, owner)
            else:
                clouds.claim(self.ctx, name, 'gone')
        long_ago = models.utcnow() - HOUR
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Cloud).values(checked_at=long_ago)
            )
            connection.execute(
                sa.update(models.Engine)
                .where(models.Engine.id == 'two')
                .values(heartbeat_at=long_ago)
            )

        _, abandoned = clouds.get_with_abandoned(
            self.ctx, 30 * SECOND, 15 * SECOND
        )

        self.assertEqual(
            {'b': long_ago, 'c': long_ago},
            abandoned,
        )

    def test_last_report_is_the_newest_heartbeat_of_all_engines(self):
        heartbeat_at, now = engines.last_report(self.ctx)
        self.assertLess(now - heartbeat_at, HOUR)

        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Engine).values(
                    heartbeat_at=models.Engine.started_at, stopped_at=now
                )
            )
        started_at, _ = engines.last_report(self.ctx)
        self.assertLessEqual(started_at, heartbeat_at)

        with session.get_engine().begin() as connection:
            connection.execute(sa.delete(models.Engine))
        never, now = engines.last_report(self.ctx)
        self.assertIsNone(never)
        self.assertIsNotNone(now)
