# SPDX-License-Identifier: Apache-2.0
"""A test with two stacks, each in a cloud of its own, and nothing ordered."""

import datetime

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts
from heat_spreader.tests.functional.db import base

NOW = datetime.datetime(2026, 12, 1, 6, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)
ENABLED = states.AdminState.ENABLED
CORDONED = states.AdminState.CORDONED
DRAINING = states.AdminState.DRAINING
DRAINED = states.AdminState.DRAINED
DOWN = states.Declared.DOWN


def use(state=DRAINING, since=NOW, until=None, drill=False):
    order = facts.Order(since, until, 'new switches', 'u1')
    return facts.Use(state, order, drill)


@session.reader
def messages(ctx):
    query = sa.select(models.Event.message).where(
        models.Event.kind == states.EventKind.CLOUD_ADMIN
    )
    return ctx.session.scalars(query.order_by(models.Event.number)).all()


@session.reader
def last_event(ctx):
    query = (
        sa.select(models.Event).order_by(models.Event.number.desc()).limit(1)
    )
    return ctx.session.scalar(query)


@session.writer
def engine_acted(ctx):
    ctx.session.execute(sa.update(models.Stack).values(due_at=None))


@session.reader
def due(ctx):
    query = sa.select(models.Stack.name).where(models.Stack.due_at.isnot(None))
    return sorted(ctx.session.scalars(query))


class Case(base.SchemaTestCase):
    def setUp(self):
        super().setUp()
        base.create_stack(self.ctx, name='in-a', weights=base.weights(a='1'))
        base.create_stack(self.ctx, name='in-b', weights=base.weights(b='1'))
        self.settle()

    def settle(self):
        engine_acted(self.ctx)

    def row(self, name='a'):
        return clouds.get_all(self.ctx)[name]

    def assert_row(self, name='a', **values):
        row = self.row(name)
        self.assertEqual(
            values, {column: getattr(row, column) for column in values}
        )

    def assert_made_due(self):
        self.assertEqual(['in-a'], due(self.ctx))
        self.settle()
