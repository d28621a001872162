# SPDX-License-Identifier: Apache-2.0
"""Databases that hang, refuse changes or hold locks: none is waited for."""

import contextlib
import fractions
import logging
import pathlib

import fixtures
import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import engines
from heat_spreader.db import failures
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.db import outages
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.tests.functional import fixtures as our_fixtures
from heat_spreader.tests.functional.db import base
from heat_spreader.tests.functional.db import servers

load_tests = base.load_tests

TIMEOUT = 120
AWAY = 'The database cannot be used: '
BACK = 'The database can be used again.'


class UnavailableTestCase(base.SchemaTestCase):
    """A database with one stack; a test that hangs is ended."""

    timeouts = {'connect': 1, 'statement': 1, 'lock': 1}

    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.Timeout(TIMEOUT, gentle=True))
        self.useFixture(
            fixtures.MockPatchObject(session, '_outage', outages.Outage())
        )
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.stack = base.create_stack(self.ctx, weights=base.weights(a='1'))

    def change(self, count=3):
        return stacks.update(self.ctx, self.stack.id, {'count': count})

    def assert_logged(self, *texts):
        """The log has one line with each text, and no other."""
        lines = self.log.output.splitlines()
        self.assertEqual(len(texts), len(lines), lines)
        for text, line in zip(texts, lines, strict=True):
            self.assertIn(text, line)


class OwnServer(servers.OnServer):
    def test_server_that_refuses_changes_is_unavailable(self):
        self.server.set_read_only(True)

        for _ in range(3):
            self.assertRaises(failures.WritesRefused, self.change)
            self.assertRaises(failures.WritesRefused, session.ping)
            self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
        self.server.set_read_only(False)
        self.change()
        session.ping()

        self.assertEqual(3, stacks.get(self.ctx, self.stack.id).count)
        self.assert_logged(AWAY, BACK)

    def test_server_that_hangs_is_unavailable_after_the_timeout(self):
        self.server.suspend()

        # The connection that is there, and then one that is not made.
        for call in (self.change, session.ping, self.change):
            self.assertRaises(session.UNAVAILABLE, call)
        self.server.resume()
        self.change()

        self.assertEqual(2, stacks.get(self.ctx, self.stack.id).generation)
        self.assert_logged(AWAY, BACK)

    def test_server_that_hangs_within_a_change_is_unavailable(self):
        seen = []

        def suspend(connection, cursor, statement, *args):
            if statement.startswith('UPDATE stacks') and not seen:
                seen.append(statement)
                self.server.suspend()

        sa.event.listen(session.get_engine(), 'before_cursor_execute', suspend)

        self.assertRaises(failures.NoAnswer, self.change)
        self.server.resume()
        self.change()

        self.assertEqual(2, stacks.get(self.ctx, self.stack.id).generation)

    def test_statement_that_takes_too_long_is_unavailable(self):
        sleep = {'mysql': 'SELECT SLEEP(600)'}.get(
            session.get_engine().dialect.name, 'SELECT pg_sleep(600)'
        )

        @session.reader
        def read(ctx):
            ctx.session.execute(sa.text(sleep))

        self.assertRaises(failures.NoAnswer, read, self.ctx)
        self.change()


class TestMariaDBUnavailable(OwnServer, UnavailableTestCase):
    server_class = servers.MariaDBServer


class TestPostgreSQLUnavailable(OwnServer, UnavailableTestCase):
    server_class = servers.PostgreSQLServer

    def test_standby_is_unavailable_until_it_is_promoted(self):
        standby = self.useFixture(servers.PostgreSQLStandby(self.server))
        self.useFixture(our_fixtures.Connection(standby.url, self.timeouts))
        for call in (self.change, session.ping):
            self.assertRaises(failures.WritesRefused, call)
        self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
        standby.promote()
        self.change()

        self.assert_logged(AWAY, BACK)


class TestSQLiteUnavailable(base.SQLite, UnavailableTestCase):
    def database_url(self):
        self.url = super().database_url()
        self.path = pathlib.Path(sa.make_url(self.url).database)
        return self.url

    def test_deleted_file_is_unavailable_and_not_made_again(self):
        self.path.unlink()

        for call in (self.change, session.ping):
            self.assertRaises(failures.CannotConnect, call)
        self.assertFalse(self.path.exists())
        self.assert_logged(AWAY)

    def test_file_that_cannot_be_written_is_unavailable(self):
        def refuse(connection, record):
            connection.execute('PRAGMA query_only = ON')

        engine = session.get_engine()
        sa.event.listen(engine, 'connect', refuse)
        for call in (self.change, session.ping):
            self.assertRaises(failures.WritesRefused, call)
        self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
        sa.event.remove(engine, 'connect', refuse)
        self.change()

        self.assert_logged(AWAY, BACK)

    def test_full_disk_is_unavailable_until_there_is_room(self):
        def fill(connection, record):
            connection.execute('PRAGMA max_page_count = 1')

        engine = session.get_engine()
        sa.event.listen(engine, 'connect', fill)
        reason = 'x' * 50000

        @session.writer
        def write(ctx):
            stack = ctx.session.get(models.Stack, self.stack.id)
            stack.status_reason = reason

        for _ in range(3):
            self.assertRaises(failures.DiskFull, write, self.ctx)
            self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
        sa.event.remove(engine, 'connect', fill)
        write(self.ctx)

        self.assert_logged(AWAY, BACK)

    def test_another_writer_is_waited_for_a_few_seconds(self):
        other = sa.create_engine(self.url)
        with other.connect() as connection:
            connection.exec_driver_sql('BEGIN IMMEDIATE')
            for call in (self.change, session.ping):
                self.assertRaises(failures.Locked, call)
            self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
            connection.exec_driver_sql('ROLLBACK')
        other.dispose()
        self.change()

        self.assert_logged('locks the database')


@base.on_every_database(UnavailableTestCase, base.SERVERS)
class LockedRows:
    """Another client holds the lock of a row."""

    timeouts = {'connect': 5, 'statement': 30, 'lock': 1}

    @contextlib.contextmanager
    def locked(self, query):
        engine = sa.create_engine(session.get_engine().url)
        with engine.connect() as connection:
            connection.execute(query.with_for_update())
            yield
            connection.rollback()
        engine.dispose()

    def test_locked_stack_is_unavailable_after_the_timeout(self):
        query = sa.select(models.Stack.id).where(
            models.Stack.id == self.stack.id
        )
        with self.locked(query):
            self.assertRaises(failures.Locked, self.change)
            session.ping()
            self.assertEqual(10, stacks.get(self.ctx, self.stack.id).count)
        self.change()

        self.assertEqual(2, stacks.get(self.ctx, self.stack.id).generation)
        self.assert_logged('locks the database')

    def test_locked_row_does_not_hold_the_other_leases_of_a_dead_engine(self):
        for name in 'ab':
            clouds.claim(self.ctx, name, 'dead')
        with self.locked(sa.select(models.Cloud).filter_by(name='a')):
            engines.free(self.ctx, {'dead'})
            self.assertEqual(
                {'a': 'dead', 'b': None}, clouds.lease_owners(self.ctx)
            )
        engines.free(self.ctx, {'dead'})

        self.assertEqual({'a': None, 'b': None}, clouds.lease_owners(self.ctx))
        self.assertEqual('', self.log.output)

    def test_locked_cloud_is_not_waited_for_by_who_wants_its_lease(self):
        clouds.claim(self.ctx, 'a', 'dead')
        engines.free(self.ctx, {'dead'})
        with self.locked(sa.select(models.Cloud).filter_by(name='a')):
            self.assertFalse(clouds.claim(self.ctx, 'a', 'one'))
        self.assertTrue(clouds.claim(self.ctx, 'a', 'one'))

        self.assertEqual('', self.log.output)

    def test_engine_that_locks_its_own_row_is_not_waited_for(self):
        engines.register(self.ctx, 'dead', 'host', '1.0')
        with self.locked(sa.select(models.Engine).filter_by(id='dead')):
            self.assertFalse(engines.stop(self.ctx, 'dead', beats=0))
        self.assertTrue(engines.stop(self.ctx, 'dead', beats=0))

        self.assertEqual('', self.log.output)

    def test_locks_of_a_suspended_process_end_soon(self):
        query = sa.select(models.Stack.id).with_for_update()
        with session.get_engine().connect() as suspended:
            suspended.execute(query)
            for _ in range(10):
                with contextlib.suppress(failures.Locked):
                    self.change()
                    break
            suspended.invalidate()

        self.assertEqual(2, stacks.get(self.ctx, self.stack.id).generation)

    def facts(self):
        """The members in the cloud, as a survey loads them."""
        return [
            facts.Member(
                stack_id=row.stack_id,
                stack_name=row.stack_name,
                count_parameter=row.count_parameter,
                cloud=facts.Cloud('a'),
                part=specification.Part('a', fractions.Fraction(1)),
                version=row.known_at,
            )
            for row in self.rows()
        ]

    def rows(self):
        listed = members.list_in(self.ctx, 'a')
        ids = [row.stack_id for row in listed]
        return members.in_cloud(self.ctx, 'a', ids)

    def save(self, count):
        """Write what a survey has read: the same count of every member."""
        heat = facts.HeatStack(status='CREATE_COMPLETE', count=count)
        values = {**members.heat_values(heat), 'heat_id': None}
        members.save(
            self.ctx, 'a', [(member, values) for member in self.facts()]
        )
        return {row.stack_id: row.count for row in self.rows()}

    def test_locked_member_does_not_hold_what_was_read_of_the_others(self):
        other = base.create_stack(
            self.ctx, name='other', weights=base.weights(a='1')
        )
        for query in (
            sa.select(models.Member.stack_id).where(
                models.Member.stack_id == self.stack.id
            ),
            sa.select(models.Stack.id).where(models.Stack.id == self.stack.id),
        ):
            before = self.save(1)
            with self.locked(query):
                after = self.save(2)

            self.assertEqual({self.stack.id: 1, other.id: 1}, before)
            self.assertEqual({self.stack.id: 1, other.id: 2}, after)
            self.assertEqual({2}, set(self.save(2).values()))

    def test_locked_stack_does_not_hold_the_state_of_a_cloud(self):
        other = base.create_stack(
            self.ctx, name='other', weights=base.weights(a='1')
        )
        self.settle()
        query = sa.select(models.Stack.id).where(
            models.Stack.id == self.stack.id
        )
        skipped = set()
        with self.locked(query):
            clouds.save(
                self.ctx,
                facts.Cloud('a', state=states.CloudState.DOWN),
                skipped=skipped,
            )
            self.assertEqual({self.stack.id}, skipped)
            self.assertEqual({other.id}, self.due())
            self.assertEqual(
                {self.stack.id}, clouds.make_due(self.ctx, skipped)
            )
        self.assertEqual(set(), clouds.make_due(self.ctx, skipped))

        self.assertEqual({self.stack.id, other.id}, self.due())

    def test_locked_member_does_not_hold_the_state_of_a_cloud(self):
        self.settle()
        query = sa.select(models.Member.stack_id).where(
            models.Member.stack_id == self.stack.id
        )
        with self.locked(query):
            clouds.save(
                self.ctx, facts.Cloud('a', state=states.CloudState.DOWN)
            )

        self.assertEqual({self.stack.id}, self.due())

    def settle(self):
        with session.get_engine().begin() as connection:
            connection.execute(sa.update(models.Stack).values(due_at=None))

    def due(self):
        with session.get_engine().connect() as connection:
            query = sa.select(models.Stack.id).where(
                models.Stack.due_at.is_not(None)
            )
            return set(connection.scalars(query))
