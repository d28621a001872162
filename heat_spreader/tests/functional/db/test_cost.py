# SPDX-License-Identifier: Apache-2.0
"""The statements and transactions that the engine's work costs: counts."""

import contextlib

import sqlalchemy as sa

from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

CLOUDS = ('a', 'b', 'c')


@base.on_every_database(base.SchemaTestCase)
class Cost:
    def setUp(self):
        super().setUp()
        self.stacks = [
            base.create_stack(
                self.ctx,
                name=f'web{number}',
                weights=base.weights(a='0.6', b='0.2', c='0.2'),
            )
            for number in range(5)
        ]
        self.ids = [stack.id for stack in self.stacks]

    @contextlib.contextmanager
    def counted(self, *expected):
        """Check the verbs of the statements, all in one transaction."""
        begun, verbs = [], []
        engine = session.get_engine()

        def execute(conn, cursor, statement, *_):
            verb = statement.split()[0]
            if verb != 'BEGIN':
                verbs.append(verb)

        listeners = {'begin': begun.append, 'before_cursor_execute': execute}
        for name, listener in listeners.items():
            sa.event.listen(engine, name, listener)
        try:
            yield
        finally:
            for name, listener in listeners.items():
                sa.event.remove(engine, name, listener)
        self.assertEqual((1, list(expected)), (len(begun), verbs))

    def test_stacks_are_loaded_by_three_statements(self):
        with self.counted('SELECT', 'SELECT', 'SELECT'):
            found, their, _ = stacks.load(self.ctx, self.ids)

        self.assertEqual(set(self.ids), {row.id for row in found})
        for stack_id in self.ids:
            self.assertEqual(
                CLOUDS, tuple(row.cloud for row in their[stack_id])
            )

    def test_stack_that_is_claimed_is_one_statement(self):
        with self.counted('UPDATE'):
            leases.claim(self.ctx, self.stacks[0], 'one')

    def test_pass_is_written_by_five_statements(self):
        values = {
            cloud: {'target': 5, 'state': 'OK', 'reason': 'why'}
            for cloud in CLOUDS
        }
        event = {'kind': 'MEMBER_PATCHED', 'message': 'm', 'cloud': 'a'}
        with self.counted('SELECT', 'UPDATE', 'SELECT', 'UPDATE', 'INSERT'):
            leases.settle(
                self.ctx,
                self.stacks[0],
                None,
                {'status': 'ACTIVE'},
                values,
                [event, {**event, 'cloud': 'b'}],
            )

        stack = stacks.get(self.ctx, self.ids[0])
        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual([5, 5, 5], [row.target for row in stack.members])

    def test_batch_of_a_survey_is_written_by_four_statements(self):
        changes = [
            (
                facts.Member(
                    stack_id=row.stack_id,
                    stack_name=row.stack_name,
                    count_parameter=row.count_parameter,
                    cloud=facts.Cloud('a'),
                    part=specification.Part('a', 1),
                    version=row.updated_at,
                ),
                members.heat_values(
                    facts.HeatStack(
                        id=f'id-{row.stack_name}',
                        status='CREATE_COMPLETE',
                        count=3,
                    )
                ),
            )
            for row in members.in_cloud(self.ctx, 'a')
        ]
        with self.counted('SELECT', 'SELECT', 'UPDATE', 'UPDATE'):
            members.save(self.ctx, 'a', changes)

        self.assertEqual(
            [3] * 5, [row.count for row in members.in_cloud(self.ctx, 'a')]
        )
