# SPDX-License-Identifier: Apache-2.0
"""How far a drain has come, on every database."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import admin
from heat_spreader.db import clouds
from heat_spreader.db import drains
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional.db import admin as orders
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests
LATER = orders.NOW + datetime.timedelta(hours=1, seconds=5)


@session.writer
def put(ctx, table, **values):
    ctx.session.execute(sa.update(table).values(values))


@base.on_every_database(orders.Case)
class Drains:
    def setUp(self):
        super().setUp()
        clouds.claim(self.ctx, 'a', 'e1')
        admin.set_use(self.ctx, 'a', orders.use(drill=True))
        self.settle()

    def progress(self):
        return drains.progress(self.ctx, 'a', LATER)

    def assert_waits(self, table, goes_on=False, **values):
        put(self.ctx, table, **values)
        self.assertEqual(
            (False, goes_on), (self.progress().done, self.progress().goes_on)
        )

    def test_drain_ends_once_and_goes_on_if_it_must(self):
        self.assertTrue(drains.end(self.ctx, 'a', LATER, 'e1', 0))
        self.assertFalse(drains.end(self.ctx, 'a', LATER, 'e1', 0))
        self.assert_row(admin_state=orders.DRAINED, admin_since=orders.NOW)
        event = orders.last_event(self.ctx)
        self.assertEqual(
            {
                'changes': {'admin_state': [orders.DRAINING, orders.DRAINED]},
                'drill': True,
                'since': orders.NOW.isoformat(),
                'seconds': 3605,
                'stays': 0,
            },
            event.details,
        )
        self.assertTrue(drains.resume(self.ctx, 'a', 'e1'))
        self.assertFalse(drains.resume(self.ctx, 'a', 'e1'))
        self.assert_row(admin_state=orders.DRAINING)

        self.assertEqual(
            [
                'The cloud a went from DRAINING to DRAINED after 1 h 5 s: '
                'nothing stayed there, and the others carry the rest.',
                'The cloud a went from DRAINED to DRAINING again: there is '
                'more to move now.',
            ],
            orders.messages(self.ctx)[-2:],
        )

    def test_engine_without_the_lease_ends_no_drain(self):
        self.assertFalse(drains.end(self.ctx, 'a', LATER, 'e2', 0))
        self.assert_row(admin_state=orders.DRAINING)
        drains.end(self.ctx, 'a', LATER, 'e1', 0)
        self.assertFalse(drains.resume(self.ctx, 'a', 'e2'))
        self.assert_row(admin_state=orders.DRAINED)

    def test_what_begins_and_ends_is_one_event_however_many_try(self):
        found = base.at_once(
            lambda _: drains.end(base.user(), 'a', LATER, 'e1', 0)
        )
        self.assertEqual(1, sum(found))

        admin.set_use(self.ctx, 'a', orders.use(until=LATER))
        before = len(orders.messages(self.ctx))
        base.at_once(lambda _: admin.advance(base.user(), 'a', LATER, 'e1'))
        self.assertEqual(before + 1, len(orders.messages(self.ctx)))
        self.assert_row(admin_state=orders.ENABLED)

    def test_what_is_not_drained_cannot_end_a_drain(self):
        admin.set_use(self.ctx, 'a', orders.use(orders.CORDONED))

        self.assertFalse(drains.end(self.ctx, 'a', LATER, 'e1', 0))
        self.assert_row(admin_state=orders.CORDONED)

    def test_cloud_without_stacks_is_drained(self):
        self.assertEqual(
            drains.Progress(done=True, goes_on=False, stays=0),
            drains.progress(self.ctx, 'c', LATER),
        )

    def test_drain_is_done_when_every_member_there_is_drained(self):
        put(self.ctx, models.Member, state='DRAINED', count=2)
        self.assertEqual(
            drains.Progress(done=True, goes_on=False, stays=2), self.progress()
        )

        for state in ('MISSING', 'PARAMETER_MISSING', 'CONFLICT'):
            put(self.ctx, models.Member, state=state)
            self.assertTrue(self.progress().done)

    def test_drain_waits_for_what_moves_or_may_move(self):
        for state in ('OK', 'UNREACHABLE', 'FAILED', 'UNKNOWN'):
            self.assert_waits(models.Member, state=state)
        self.assert_waits(models.Member, goes_on=True, state='DRAINING')

    def test_drain_waits_for_the_next_pass_and_for_the_one_under_way(self):
        put(self.ctx, models.Member, state='DRAINED')
        self.assert_waits(models.Stack, due_at=LATER)
        put(self.ctx, models.Stack, due_at=2 * orders.HOUR + LATER)
        self.assertTrue(self.progress().done)
        self.assert_waits(models.Stack, lease_owner='e1')
        put(self.ctx, models.Stack, lease_owner=None)
        self.assert_waits(models.Member, lease_owner='e1')
