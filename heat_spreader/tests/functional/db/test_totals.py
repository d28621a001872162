# SPDX-License-Identifier: Apache-2.0
"""Totals over all stacks, on every database."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

NOW = models.utcnow().replace(microsecond=250_000)
MINUTE = datetime.timedelta(minutes=1)


@session.writer
def change(ctx, model, condition, **values):
    ctx.session.execute(sa.update(model).where(condition).values(**values))


@base.on_every_database(base.SchemaTestCase)
class Totals:
    def setUp(self):
        super().setUp()
        both = base.weights(north='0.5', south='0.5')
        self.ids = {
            name: base.create_stack(
                base.user(project), name=name, weights=weights
            ).id
            for project, name, weights in (
                ('p1', 'a', both),
                ('p2', 'b', both),
                ('p2', 'c', base.weights(south='1')),
            )
        }

    def set_stack(self, name, **values):
        change(
            self.ctx, models.Stack, models.Stack.id == self.ids[name], **values
        )

    def test_totals_of_an_empty_database_are_empty(self):
        for name, project in (('a', 'p1'), ('b', 'p2'), ('c', 'p2')):
            stacks.delete(base.user(project), self.ids[name])

        self.assertEqual({}, stacks.totals(self.ctx))
        self.assertEqual({}, members.totals(self.ctx))
        self.assertIsNone(leases.waiting_since(self.ctx, NOW))

    def test_stacks_are_counted_by_status_over_all_projects(self):
        self.set_stack('a', status='ERROR', count=3, unplaced=3)
        self.set_stack(
            'b', status='ERROR', count=5, unplaced=4, survives=False
        )
        self.set_stack('c', count=7, survives=True)

        self.assertEqual(
            {
                'ERROR': ('ERROR', 2, 8, 7, 1),
                'PENDING': ('PENDING', 1, 7, 0, 0),
            },
            stacks.totals(self.ctx),
        )

    def test_members_are_summed_by_cloud_without_unknown_values(self):
        self.assertEqual(
            {'north': [0, 0], 'south': [0, 0]}, members.totals(self.ctx)
        )
        change(
            self.ctx,
            models.Member,
            models.Member.stack_id.in_([self.ids['a'], self.ids['c']]),
            target=5,
            ready=4,
        )

        self.assertEqual(
            {'north': [5, 4], 'south': [10, 8]}, members.totals(self.ctx)
        )

    def test_shares_are_those_of_the_chosen_projects(self):
        change(
            self.ctx,
            models.Member,
            models.Member.stack_id == self.ids['a'],
            target=5,
            ready=4,
        )
        total = stacks.get(base.user('p1'), self.ids['a']).count

        self.assertEqual(
            {
                ('p1', 'a', total, 'north', 5, 4),
                ('p1', 'a', total, 'south', 5, 4),
            },
            set(members.shares(self.ctx, ['p1', 'other'])),
        )
        self.assertEqual(
            ['a north', 'a south', 'b north', 'b south', 'c south'],
            sorted(
                f'{row.name} {row.cloud}' for row in members.shares(self.ctx)
            ),
        )

    def test_the_longest_waiting_stack_is_due_and_has_no_lease(self):
        earlier = NOW - 2 * MINUTE
        self.set_stack('a', due_at=NOW, due_since=NOW - MINUTE)
        self.set_stack(
            'b', due_at=NOW, due_since=earlier, lease_owner='engine'
        )
        self.set_stack('c', due_at=NOW + MINUTE, due_since=earlier)
        self.assertEqual(NOW - MINUTE, leases.waiting_since(self.ctx, NOW))

        self.set_stack('b', lease_owner=None)
        self.assertEqual(NOW - 2 * MINUTE, leases.waiting_since(self.ctx, NOW))

        for name in ('a', 'b'):
            self.set_stack(name, due_at=None)
        self.assertIsNone(leases.waiting_since(self.ctx, NOW))
