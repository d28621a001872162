# SPDX-License-Identifier: Apache-2.0
"""Which stacks do not know the freezes of now."""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import readiness
from heat_spreader.db import session
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests


@session.writer
def note(ctx, stack_id, frozen, **values):
    """Write what a pass would write."""
    ctx.session.execute(
        sa.update(models.Stack)
        .where(models.Stack.id == stack_id)
        .values(**{'survives': True, 'status': 'ACTIVE', **values})
    )
    ctx.session.execute(
        sa.update(models.Member)
        .where(models.Member.stack_id == stack_id, models.Member.cloud == 'a')
        .values(count=3, frozen_without=frozen)
    )


@base.on_every_database(base.SchemaTestCase)
class Readiness:
    def setUp(self):
        super().setUp()
        self.one, self.two = (
            base.create_stack(
                self.ctx, name=name, weights=base.weights(a='0.6', b='0.4')
            ).id
            for name in ('one', 'two')
        )
        note(self.ctx, self.one, False)
        note(self.ctx, self.two, True)

    def outdated(self, frozen, if_lost):
        return readiness.outdated(self.ctx, 'a', frozen, if_lost)

    def test_stacks_that_know_another_freeze_are_found(self):
        self.assertEqual({self.two}, self.outdated(False, if_lost=False))
        self.assertEqual({self.one}, self.outdated(False, if_lost=True))

    def test_frozen_stack_is_found_when_nothing_is_frozen(self):
        note(self.ctx, self.one, False, status='FROZEN')

        self.assertEqual({self.two}, self.outdated(True, if_lost=False))
        self.assertEqual(
            {self.one, self.two}, self.outdated(False, if_lost=False)
        )

    def test_what_is_paused_or_not_known_is_not_found(self):
        note(self.ctx, self.one, False, paused=True)
        note(self.ctx, self.two, False, survives=None)

        self.assertEqual(set(), self.outdated(False, if_lost=True))

    def test_stacks_of_a_cloud_are_found(self):
        self.assertEqual(
            {self.one, self.two}, set(readiness.find_ids(self.ctx))
        )
        self.assertEqual(
            {self.one, self.two}, set(readiness.find_ids(self.ctx, 'b'))
        )
        self.assertEqual([], readiness.find_ids(self.ctx, 'elsewhere'))
