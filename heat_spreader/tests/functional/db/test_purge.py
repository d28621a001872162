# SPDX-License-Identifier: Apache-2.0
"""Events are deleted, in batches, on every database."""

import datetime
from unittest import mock

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import purge
from heat_spreader.db import session
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)


@session.writer
def put(ctx, *hours):
    """Create events that happened these numbers of hours before NOW."""
    for ago in hours:
        ctx.session.add(
            models.Event(
                kind=states.EventKind.CLOUD_STATE,
                message=str(ago),
                created_at=NOW - datetime.timedelta(hours=ago),
            )
        )


@session.writer
def put_of_stack(ctx, stack_id, number):
    """Create events of a stack; their messages count them."""
    for each in range(number):
        ctx.session.add(
            models.Event(
                kind=states.EventKind.STACK_CHANGED,
                message=f'{stack_id}{each}',
                stack_id=stack_id,
            )
        )


@session.reader
def by_number(ctx):
    """The messages of the events that there are, in their order."""
    return ctx.session.scalars(
        sa.select(models.Event.message).order_by(models.Event.number)
    ).all()


@session.reader
def left(ctx):
    """The messages of the events that there are, oldest first."""
    return ctx.session.scalars(
        sa.select(models.Event.message).order_by(models.Event.created_at)
    ).all()


@base.on_every_database(base.SchemaTestCase)
class Excess:
    @mock.patch.object(purge, 'BATCH', 2)
    def test_the_newest_events_of_each_stack_stay(self):
        put_of_stack(self.ctx, 'a', 8)
        put_of_stack(self.ctx, 'b', 3)
        put(self.ctx, *range(5))

        purge.beyond_each_stack(self.ctx, 3)

        clouds = ['0', '1', '2', '3', '4']
        kept = ['a5', 'a6', 'a7', 'b0', 'b1', 'b2', *clouds]
        self.assertEqual(kept, by_number(self.ctx))

    @mock.patch.object(purge, 'BATCH', 2)
    def test_the_newest_events_of_all_stay(self):
        put_of_stack(self.ctx, 'a', 6)
        put(self.ctx, 1)

        purge.beyond(self.ctx, 7)
        self.assertEqual(7, len(by_number(self.ctx)))
        purge.beyond(self.ctx, 6)
        self.assertEqual(6, len(by_number(self.ctx)))
        purge.beyond(self.ctx, 2)
        self.assertEqual(['a5', '1'], by_number(self.ctx))


@base.on_every_database(base.SchemaTestCase)
class Purge:
    def test_older_events_are_deleted_and_newer_ones_stay(self):
        put(self.ctx, 0, 1, 2, 3)

        gone = purge.older_than(self.ctx, NOW - datetime.timedelta(hours=1))

        self.assertEqual(2, gone)
        self.assertEqual(['1', '0'], left(self.ctx))
        self.assertEqual(
            0, purge.older_than(self.ctx, NOW - datetime.timedelta(1))
        )

    @mock.patch.object(purge, 'BATCH', 3)
    def test_a_batch_is_a_transaction(self):
        put(self.ctx, *range(1, 9))
        commits = []
        sa.event.listen(session.get_engine(), 'commit', commits.append)

        self.assertEqual(8, purge.older_than(self.ctx, NOW))

        self.assertEqual([], left(self.ctx))
        self.assertLessEqual(3, len(commits))

    @mock.patch.object(purge, 'BATCH', 3)
    def test_no_transaction_deletes_more_than_a_batch(self):
        put(self.ctx, *range(1, 9))
        deleted = [0]

        def count(connection, cursor, statement, *_):
            if statement.startswith('DELETE'):
                deleted[-1] += cursor.rowcount

        sa.event.listen(session.get_engine(), 'after_cursor_execute', count)
        sa.event.listen(
            session.get_engine(), 'commit', lambda _: deleted.append(0)
        )
        purge.older_than(self.ctx, NOW)

        self.assertEqual([3, 3, 2], [each for each in deleted if each])

    @mock.patch.object(purge, 'BATCH', 3)
    def test_purge_that_is_interrupted_goes_on_where_it_stopped(self):
        put(self.ctx, *range(1, 9))
        commits = []

        def interrupt(connection, cursor, statement, *_):
            if statement.startswith('DELETE') and len(commits) == 2:
                raise RuntimeError('the command is ended')

        engine = session.get_engine()
        sa.event.listen(engine, 'commit', commits.append)
        sa.event.listen(engine, 'after_cursor_execute', interrupt)
        self.assertRaises(db_exc.DBError, purge.older_than, self.ctx, NOW)
        sa.event.remove(engine, 'after_cursor_execute', interrupt)

        # The third batch was deleted, and not committed.
        self.assertEqual(['2', '1'], left(self.ctx))
        self.assertEqual(2, purge.older_than(self.ctx, NOW))
        self.assertEqual([], left(self.ctx))
