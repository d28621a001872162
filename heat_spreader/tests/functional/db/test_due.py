# SPDX-License-Identifier: Apache-2.0
"""Which stacks are due, and in which order, on every database."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import clouds
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)


def ago(seconds):
    return NOW - datetime.timedelta(seconds=seconds)


@base.on_every_database(base.SchemaTestCase)
class Due:
    def setUp(self):
        super().setUp()
        self.names = {}

    def put(self, project, *names, since=100, due_at=models.DUE_NOW):
        """Create stacks that became due one second after the other."""
        for name in names:
            stack = base.create_stack(base.user(project), name=name)
            self.names[stack.id] = name
            self.set(stack, due_at=due_at, due_since=ago(since))
            since -= 1

    @staticmethod
    def set(stack, **values):
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Stack)
                .where(models.Stack.id == stack.id)
                .values(values)
            )

    def due(self, limit=None):
        found = leases.due(self.ctx, NOW, 'one', limit)
        return ' '.join(self.names[stack_id] for stack_id in found)

    def test_projects_take_turns(self):
        self.put('a', *(f'a{number}' for number in range(5)))
        self.put('b', 'b0', since=10)
        self.put('c', 'c0', 'c1', since=50)

        self.assertEqual('a0 c0 b0 a1 c1 a2 a3 a4', self.due())

    def test_no_project_fills_what_is_asked_for_at_most(self):
        self.put('a', *(f'a{number}' for number in range(30)))
        self.put('b', 'b0', since=1)

        self.assertEqual('a0 b0 a1', self.due(limit=3))

    def test_project_that_changes_its_stacks_in_a_loop_delays_no_other(self):
        self.put('a', 'a0', 'a1', 'a2')
        changed = list(self.names)
        self.put('b', 'b0', since=1)

        for count in range(2, 6):
            for stack_id in changed:
                stacks.update(self.ctx, stack_id, {'count': count})
            self.assertIn('b0', self.due(limit=2))
            stacks.update(self.ctx, changed[0], {'count': count + 10})
            self.assertIn('b0', self.due(limit=2))

    def test_one_that_waits_for_a_time_is_due_since_then(self):
        self.put('a', 'new', since=20)
        self.put('a', 'old', since=60)
        self.put('a', 'retry', since=3600, due_at=ago(40))
        self.put('a', 'later', since=3600, due_at=ago(-40))

        self.assertEqual('old retry new', self.due())

    def test_nothing_is_due_once_all_are_settled(self):
        self.put('a', 'a0', due_at=None)

        self.assertEqual('', self.due())

    def test_pass_that_was_overtaken_writes_nothing(self):
        self.put('a', 'a0')
        [stack_id] = self.names
        old = stacks.get(self.ctx, stack_id)
        clouds.make_due(self.ctx, [stack_id])
        new = stacks.get(self.ctx, stack_id)
        self.assertTrue(self.settle(new, status='ACTIVE', due_at=None))

        self.assertFalse(self.settle(old, status='SCALING', due_at=None))
        self.assertEqual('ACTIVE', stacks.get(self.ctx, stack_id).status)

    def test_pass_that_saw_less_is_written_and_the_stack_stays_due(self):
        self.put('a', 'a0')
        [stack_id] = self.names
        old = stacks.get(self.ctx, stack_id)
        clouds.make_due(self.ctx, [stack_id])

        self.assertTrue(self.settle(old, status='SCALING', due_at=None))
        self.assertEqual('SCALING', stacks.get(self.ctx, stack_id).status)
        self.assertEqual('a0', self.due())

    def settle(self, stack, **values):
        return leases.settle(self.ctx, leases.Settlement(stack, None, values))
