# SPDX-License-Identifier: Apache-2.0
"""The engine deletes old events."""

import datetime
import types
from unittest import mock

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import purge
from heat_spreader.db import session
from heat_spreader.engine import retention
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.engine import base

load_tests = db_base.load_tests


@session.writer
def put(ctx, *days):
    """Create an event of each number of days ago."""
    for ago in days:
        ctx.session.add(
            models.Event(
                kind=states.EventKind.CLOUD_STATE,
                message=str(ago),
                created_at=models.utcnow() - datetime.timedelta(days=ago),
            )
        )


@session.reader
def left(ctx):
    """The messages of the events that there are, oldest first."""
    return ctx.session.scalars(
        sa.select(models.Event.message).order_by(models.Event.created_at)
    ).all()


@db_base.on_every_database(db_base.SchemaTestCase)
class Retention:
    def setUp(self):
        super().setUp()
        self.owner = base.Owner('test:1')
        self.retention = self.make(event_retention=30)

    def make(self, **options):
        """The retention with these options, and no limit but those."""
        none = dict.fromkeys(
            ('event_retention', 'events_per_stack', 'events_in_all'), 0
        )
        return retention.Retention(
            types.SimpleNamespace(**none | options), self.owner
        )

    @mock.patch.object(purge, 'BATCH', 2)
    def test_each_run_deletes_one_batch_of_the_oldest(self):
        put(self.ctx, 40, 50, 60, 20, 29)

        found = []
        for _ in range(3):
            self.retention.delete_old()
            found.append(left(self.ctx))

        self.assertEqual([['40', '29', '20'], *[['29', '20']] * 2], found)

    def test_one_engine_of_all_deletes(self):
        put(self.ctx, 40)
        with mock.patch.object(
            self.owner, 'prefers', autospec=True, return_value=False
        ):
            self.retention.delete_old()
        self.assertEqual(['40'], left(self.ctx))

    def test_what_has_no_limit_is_not_counted(self):
        self.assertEqual([], list(self.make().timers()))
        put(self.ctx, 1, 2)
        self.make(events_per_stack=1).delete_excess()
        self.assertEqual(['2', '1'], left(self.ctx))
        self.make(events_in_all=1).delete_excess()
        self.assertEqual(1, len(left(self.ctx)))

    def test_engines_that_delete_at_once_do_not_fail(self):
        put(self.ctx, *range(31, 131))
        db_base.at_once(lambda _: self.retention.delete_old())
        self.assertEqual([], left(self.ctx))


class TestProcess(base.ProcessTestCase):
    def test_engine_keeps_events_for_the_days_that_are_set(self):
        put(self.ctx, 40, 20)
        self.start(engine={'event_retention': 30})
        process.wait_until(
            lambda: '40' not in left(self.ctx),
            lambda: self.give_up('the old event is still there'),
        )
        self.assertIn('20', left(self.ctx))

    def test_engine_keeps_every_event_by_default(self):
        put(self.ctx, 4000)
        self.start()
        self.wait_for(6, 2, 2)
        self.assertIn('4000', left(self.ctx))
