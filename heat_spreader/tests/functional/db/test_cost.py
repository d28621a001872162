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


class StacksTestCase(base.SchemaTestCase):
    """Five stacks, and what passes over them have to write."""

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

    def settlements(self):
        values = {
            cloud: {'target': 5, 'state': 'OK', 'reason': 'why'}
            for cloud in CLOUDS
        }
        event = {'kind': 'MEMBER_PATCHED', 'message': 'm', 'cloud': 'a'}
        return [
            leases.Settlement(
                stack,
                None,
                {'status': 'ACTIVE'},
                values,
                [event, {**event, 'cloud': 'b'}],
            )
            for stack in self.stacks
        ]


@base.on_every_database(StacksTestCase)
class Cost:
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

    def test_stacks_are_claimed_by_two_statements(self):
        with self.counted('SELECT', 'UPDATE'):
            claimed, left = leases.claim_all(self.ctx, self.stacks, 'one')

        self.assertEqual((set(self.ids), set()), (claimed, left))
        for stack_id in self.ids:
            stack = stacks.get(self.ctx, stack_id)
            self.assertEqual('one', stack.lease_owner)

    def test_passes_are_written_by_five_statements(self):
        with self.counted('SELECT', 'SELECT', 'UPDATE', 'UPDATE', 'INSERT'):
            written, left = leases.settle_all(self.ctx, self.settlements())

        self.assertEqual((set(self.ids), set()), (written, left))
        for stack_id in self.ids:
            stack = stacks.get(self.ctx, stack_id)
            self.assertEqual('ACTIVE', stack.status)
            self.assertEqual([5, 5, 5], [row.target for row in stack.members])

    def test_pass_of_another_engine_is_not_written_with_the_others(self):
        leases.claim(self.ctx, self.stacks[0], 'one')
        written, left = leases.settle_all(self.ctx, self.settlements())
        self.assertEqual(({*self.ids[1:]}, set()), (written, left))
        self.assertEqual('PENDING', stacks.get(self.ctx, self.ids[0]).status)

    def test_batch_of_a_survey_is_written_by_four_statements(self):
        changes = [
            (
                facts.Member(
                    stack_id=row.stack_id,
                    stack_name=row.stack_name,
                    count_parameter=row.count_parameter,
                    cloud=facts.Cloud('a'),
                    part=specification.Part('a', 1),
                    version=row.known_at,
                ),
                members.heat_values(
                    facts.HeatStack(
                        id=f'id-{row.stack_name}',
                        status='CREATE_COMPLETE',
                        count=3,
                    )
                ),
            )
            for row in members.in_cloud(self.ctx, 'a', self.ids)
        ]
        with self.counted('SELECT', 'SELECT', 'UPDATE', 'UPDATE'):
            members.save(self.ctx, 'a', changes)

        self.assertEqual(
            [3] * 5,
            [r.count for r in members.in_cloud(self.ctx, 'a', self.ids)],
        )


@base.on_every_database(StacksTestCase, kinds=base.SERVERS)
class Locks:
    def lock_first(self, table):
        """Lock one row of the first stack until the end of the test."""
        column = {'stacks': 'id', 'members': 'stack_id'}[table]
        other = session.get_engine().connect()
        self.addCleanup(other.close)
        query = f'SELECT 1 FROM {table} WHERE {column} = :id LIMIT 1'
        other.execute(sa.text(f'{query} FOR UPDATE'), {'id': self.ids[0]})

    def test_pass_over_a_locked_stack_delays_no_other(self):
        for table in ('stacks', 'members'):
            self.lock_first(table)
            written, left = leases.settle_all(self.ctx, self.settlements())
            self.assertEqual(({*self.ids[1:]}, {self.ids[0]}), (written, left))

    def test_locked_stack_is_left_out_of_a_claim(self):
        self.lock_first('stacks')
        claimed, left = leases.claim_all(self.ctx, self.stacks, 'one')
        self.assertEqual(({*self.ids[1:]}, {self.ids[0]}), (claimed, left))
