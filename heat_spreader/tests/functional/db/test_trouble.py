# SPDX-License-Identifier: Apache-2.0
"""Deadlocks, and connections that real servers close: what is repeated."""

import collections
import logging
import threading
import time
from concurrent import futures
from unittest import mock

import fixtures
import sqlalchemy as sa
from oslotest import base as test_base

from heat_spreader.db import models
from heat_spreader.db import outages
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures as our_fixtures
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

OWN_ID = {
    'mysql': 'SELECT CONNECTION_ID()',
    'postgresql': 'SELECT pg_backend_pid()',
}
KILL = {
    'mysql': 'KILL {}',
    'postgresql': 'SELECT pg_terminate_backend({})',
}
IS_THERE = {
    'mysql': 'SELECT 1 FROM information_schema.processlist WHERE id = {}',
    'postgresql': 'SELECT 1 FROM pg_stat_activity WHERE pid = {}',
}


@session.reader
def count_events(ctx):
    return ctx.session.scalar(sa.select(sa.func.count(models.Event.number)))


@base.on_every_database(base.SchemaTestCase, base.SERVERS)
class LostConnection:
    def setUp(self):
        super().setUp()
        self.stack = base.create_stack(self.ctx, weights=base.weights(a='1'))
        self.engine = session.get_engine()
        self.dialect = self.engine.dialect.name
        # In a transaction, PostgreSQL never updates the list of connections.
        self.admin = sa.create_engine(
            self.engine.url, isolation_level='AUTOCOMMIT'
        )
        self.addCleanup(self.admin.dispose)
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))

    def number(self, connection):
        """Return the id that the server has for a connection."""
        cursor = connection.cursor()
        cursor.execute(OWN_ID[self.dialect])
        (number,) = cursor.fetchone()
        cursor.close()
        return number

    def kill(self, number):
        """Let the server end a connection, and wait until it has."""
        with self.admin.connect() as admin:
            admin.execute(sa.text(KILL[self.dialect].format(number)))
            there = sa.text(IS_THERE[self.dialect].format(number))
            while admin.scalar(there):
                time.sleep(0.01)

    def kill_before(self, beginning):
        """Lose the connection once, just before such a statement."""
        seen = []

        def listen(connection, cursor, statement, *args):
            if statement.startswith(beginning) and not seen:
                seen.append(statement)
                self.kill(self.number(cursor.connection))

        sa.event.listen(self.engine, 'before_cursor_execute', listen)
        return seen

    def test_a_read_is_repeated(self):
        seen = self.kill_before('SELECT stacks')

        self.assertEqual('web', stacks.get(self.ctx, self.stack.id).name)
        self.assertEqual(1, len(seen))

    def test_a_change_lost_before_the_commit_is_made_once(self):
        for beginning in (
            'SELECT stacks',
            'UPDATE stacks',
            'INSERT INTO events',
        ):
            before = stacks.get(self.ctx, self.stack.id).generation
            events = count_events(self.ctx)
            seen = self.kill_before(beginning)
            stacks.update(self.ctx, self.stack.id, {'count': before})

            self.assertEqual(1, len(seen))
            after = stacks.get(self.ctx, self.stack.id)
            self.assertEqual(before + 1, after.generation)
            self.assertEqual(events + 1, count_events(self.ctx))

    def lose_at_commit(self, made):
        """Change the stack, and lose the connection in the midst of COMMIT.

        :param made: whether the server still executes the request
        """
        commit = self.engine.dialect.do_commit

        def lose(connection):
            if made:
                commit(connection)
            self.kill(self.number(connection))
            connection.cursor().execute('SELECT 1')

        with mock.patch.object(
            self.engine.dialect,
            'do_commit',
            autospec=True,
            side_effect=lose,
        ) as tried:
            self.assertRaises(
                session.UNAVAILABLE,
                stacks.update,
                self.ctx,
                self.stack.id,
                {'count': 3},
            )
        self.assertEqual(1, tried.call_count)
        return stacks.get(self.ctx, self.stack.id)

    def test_a_change_lost_at_the_commit_is_not_made_twice(self):
        self.assertEqual(2, self.lose_at_commit(made=True).generation)
        self.assertEqual(2, count_events(self.ctx))

    def test_a_change_lost_at_the_commit_is_reported_as_lost(self):
        self.assertEqual(1, self.lose_at_commit(made=False).generation)
        self.assertEqual(1, count_events(self.ctx))

    def test_an_idle_connection_that_was_closed_is_replaced(self):
        with self.engine.connect() as connection:
            number = connection.scalar(sa.text(OWN_ID[self.dialect]))
        self.kill(number)

        self.assertEqual('web', stacks.get(self.ctx, self.stack.id).name)
        self.assertEqual('', self.log.output)

    def test_both_changes_of_a_deadlock_are_made(self):
        other = base.create_stack(self.ctx, name='other')
        meeting = threading.Barrier(2)
        runs = collections.Counter()

        @session.writer
        def count_up(ctx, *ids):
            runs[ids] += 1
            for number, stack_id in enumerate(ids):
                stack = ctx.session.get(
                    models.Stack, stack_id, with_for_update=True
                )
                stack.generation += 1
                ctx.session.flush()
                if number == 0 and runs[ids] == 1:
                    meeting.wait()

        ids = self.stack.id, other.id
        with futures.ThreadPoolExecutor(2) as pool:
            for done in [
                pool.submit(count_up, base.user(), *ids),
                pool.submit(count_up, base.user(), *reversed(ids)),
            ]:
                done.result()

        self.assertEqual(3, runs.total())
        self.assertEqual(
            [3, 3],
            [stacks.get(self.ctx, stack_id).generation for stack_id in ids],
        )


class TestAway(test_base.BaseTestCase):
    """Nothing listens on port 1."""

    def test_unreachable_database_is_unavailable_and_logged_once(self):
        for url in (
            'mysql+pymysql://me:S3cret@127.0.0.1:1/x',
            'postgresql+psycopg2://me:S3cret@127.0.0.1:1/x',
            'sqlite:////nowhere/at/all.sqlite',
        ):
            self.useFixture(our_fixtures.Connection(url, max_retries=0))
            self.useFixture(
                fixtures.MockPatchObject(session, '_outage', outages.Outage())
            )
            log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
            with mock.patch('time.sleep', autospec=True) as sleep:
                for _ in range(3):
                    self.assertRaises(
                        session.UNAVAILABLE, stacks.get_all, base.user()
                    )
                    self.assertRaises(session.UNAVAILABLE, session.ping)

            sleep.assert_not_called()
            lines = log.output.splitlines()
            self.assertEqual(1, len(lines), lines)
            self.assertIn('The database cannot be used: ', lines[0])
            self.assertNotIn('S3cret', log.output)
