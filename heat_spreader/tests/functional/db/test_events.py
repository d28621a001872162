# SPDX-License-Identifier: Apache-2.0
"""Lists of events, their order and their pages, on every database."""

import datetime

import hypothesis
import sqlalchemy as sa
from hypothesis import strategies

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

EVERY = base.on_every_database(base.SchemaTestCase)
KIND = states.EventKind


@session.writer
def add(ctx, message, kind=KIND.CLOUD_STATE, **fields):
    events.add(ctx, kind, message, **fields)


@session.writer
def begin_with(ctx, stack, places):
    """Have no other events than these."""
    ctx.session.execute(sa.delete(models.Event))
    _add_all(ctx, stack, places)


@session.writer
def add_all(ctx, stack, places):
    """Write an event for each place: the stack, or a cloud."""
    _add_all(ctx, stack, places)


def _add_all(ctx, stack, places):
    for place in places:
        of = {'stack': stack} if place == 'web' else {'cloud': place}
        events.add(ctx, KIND.CLOUD_STATE, place, **of)


def age(message, **ago):
    """Let an event be older than it is."""
    with session.get_engine().begin() as connection:
        connection.execute(
            sa.update(models.Event)
            .where(models.Event.message == message)
            .values(created_at=models.utcnow() - datetime.timedelta(**ago))
        )


def messages(found):
    """The messages of the events that the tests have added."""
    return [row.message for row in found if 'managed' not in row.message]


class _Lists:
    def setUp(self):
        super().setUp()
        self.stack = base.create_stack(
            self.ctx, weights=base.weights(north='0.5')
        )
        self.other = base.create_stack(
            base.user('p2'), name='other', weights=base.weights(south='1')
        )

    def of_stack(self, **query):
        stack = stacks.get(self.ctx, self.stack.id)
        return events.get_of_stack(self.ctx, stack, **query)

    def of_project(self, *args, **query):
        return events.get_of_project(self.ctx, 'p1', *args, **query)


@EVERY
class Scopes(_Lists):
    def test_events_of_the_stack_and_its_clouds_are_listed_oldest_first(self):
        add(self.ctx, 'north is down', cloud='north')
        add(self.ctx, 'south is down', cloud='south')
        add(self.ctx, 'web in north', stack=self.stack, cloud='north')

        self.assertEqual(
            ['north is down', 'web in north'], messages(self.of_stack())
        )
        self.assertEqual(
            ['web in north', 'north is down'],
            messages(self.of_stack(sort_dir='desc')),
        )

    def test_events_of_a_cloud_before_the_stack_existed_are_left_out(self):
        add(self.ctx, 'long ago', cloud='north')
        age('long ago', days=1)

        self.assertEqual([], messages(self.of_stack()))
        self.assertEqual([], messages(self.of_project()))

    def test_events_of_the_project_are_those_of_its_stacks_and_clouds(self):
        second = base.create_stack(self.ctx, name='second')
        add(self.ctx, 'one', stack=self.stack, cloud='north')
        add(self.ctx, 'two', stack=second)
        add(self.ctx, 'north is down', cloud='north')
        add(self.ctx, 'south is down', cloud='south')
        add(self.ctx, 'not mine', stack=self.other, cloud='north')

        self.assertEqual(
            ['one', 'two', 'north is down'], messages(self.of_project())
        )

    def test_what_happened_to_a_deleted_stack_stays_in_the_project(self):
        add(self.ctx, 'one', stack=self.stack)
        stacks.delete(self.ctx, self.stack.id)

        self.assertIn('one', messages(self.of_project()))

    def test_a_whole_cloud_is_listed_without_a_stack_there(self):
        add(self.ctx, 'south is down', cloud='south')
        age('south is down', days=1)
        add(self.ctx, 'not mine', stack=self.other, cloud='south')

        self.assertEqual(
            ['south is down'],
            messages(self.of_project('south', cloud='south')),
        )

    def test_events_of_all_projects_and_clouds_are_listed(self):
        add(self.ctx, 'mine', stack=self.stack)
        add(self.ctx, 'south is down', cloud='south')
        add(self.ctx, 'not mine', stack=self.other)

        self.assertEqual(
            ['mine', 'south is down', 'not mine'],
            messages(events.get_all(self.ctx)),
        )

    def test_only_stacks_of_the_project_are_its_own(self):
        ids = [self.stack.id, self.other.id]

        self.assertEqual(
            {self.stack.id}, events.own_stacks(self.ctx, 'p1', ids)
        )

    def test_filters_are_combined(self):
        add(self.ctx, 'old', cloud='north')
        age('old', hours=3)
        add(self.ctx, 'sent', KIND.MEMBER_PATCHED, stack=self.stack)
        add(self.ctx, 'elsewhere', stack=self.stack, cloud='east')
        add(self.ctx, 'wanted', stack=self.stack, cloud='north')

        since = models.utcnow() - datetime.timedelta(hours=2)
        self.assertEqual(
            ['wanted'],
            messages(
                self.of_project(
                    since=since, kind=KIND.CLOUD_STATE, cloud='north'
                )
            ),
        )

    def test_marker_that_is_not_in_the_list_is_unknown(self):
        add(self.ctx, 'south is down', cloud='south')
        [row] = events.get_all(self.ctx, cloud='south')

        for marker in (row.id, 'none'):
            for listed in (self.of_stack, self.of_project):
                exc = self.assertRaises(
                    exception.MarkerNotFound, listed, marker=marker
                )
                self.assertIn(marker, str(exc))


@EVERY
class Walks(_Lists):
    """Pages while events are written: each one is on one page."""

    def test_pages_neither_skip_nor_repeat_while_events_are_written(self):
        places = strategies.sampled_from(['web', 'north', 'south'])

        @hypothesis.settings(
            max_examples=25, deadline=None, database=None, print_blob=True
        )
        @hypothesis.given(
            before=strategies.lists(places, max_size=8),
            between=strategies.lists(
                strategies.lists(places, max_size=2), max_size=6
            ),
            limit=strategies.integers(1, 4),
            direction=strategies.sampled_from(['asc', 'desc']),
            name=strategies.sampled_from(['of_stack', 'of_project', 'of_all']),
        )
        def check(before, between, limit, direction, name):
            self.walk(before, between, limit, direction, getattr(self, name))

        check()

    def of_all(self, **query):
        return events.get_all(self.ctx, **query)

    def walk(self, before, between, limit, direction, listed):
        begin_with(self.ctx, self.stack, before)
        expected = [row.id for row in listed(sort_dir=direction)]
        found, marker, writes = [], None, iter(between)
        while page := listed(limit=limit, marker=marker, sort_dir=direction):
            found += [row.id for row in page]
            marker = found[-1]
            add_all(self.ctx, self.stack, next(writes, []))
        newest = [row.id for row in listed(sort_dir=direction)]
        self.assertEqual(len(found), len(set(found)))
        if direction == 'desc':
            # What is written later is before the first page.
            self.assertEqual(expected, found)
        else:
            self.assertEqual(newest, found)


@base.on_every_database(base.SchemaTestCase, kinds=base.SERVERS)
class Late(_Lists):
    """SQLite has one writer at a time, so nothing is late there."""

    def test_event_that_is_committed_late_is_seen_in_an_overlap(self):
        with session.get_engine().connect() as connection:
            connection.execute(
                sa.insert(models.Event).values(
                    kind=KIND.CLOUD_STATE,
                    message='late',
                    details={},
                    stack_id=self.stack.id,
                    project_id='p1',
                    created_at=models.utcnow(),
                )
            )
            add(self.ctx, 'early', stack=self.stack)
            [seen] = self.of_project(sort_dir='desc', limit=1)
            connection.commit()

        after = self.of_project(marker=seen.id)
        self.assertEqual(('early', []), (seen.message, messages(after)))
        overlap = self.of_project(
            since=seen.created_at - datetime.timedelta(minutes=2)
        )
        self.assertEqual(['late', 'early'], messages(overlap))
