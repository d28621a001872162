# SPDX-License-Identifier: Apache-2.0
"""Lists, their order and their pages, on every database."""

import dataclasses
import datetime
import itertools
import random

import sqlalchemy as sa
from testtools import content

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.planning import facts
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

EVERY = base.on_every_database(base.SchemaTestCase)


@session.writer
def set_column(ctx, stack_id, **values):
    ctx.session.execute(
        sa.update(models.Stack)
        .where(models.Stack.id == stack_id)
        .values(**values)
    )


def cloud(state, **known):
    """The cloud 'a' as a survey found it."""
    return facts.Cloud('a', states.CloudState(state), models.utcnow(), **known)


@EVERY
class Stacks:
    def setUp(self):
        super().setUp()
        self.ids = {
            name: base.create_stack(
                self.ctx, name=name, count=count, weights=base.weights(**given)
            ).id
            for name, count, given in (
                ('d', 1, {'north': '1'}),
                ('a', 2, {'north': '0.5', 'south': '0.5'}),
                ('c', 2, {'south': '1'}),
                ('b', 2, {}),
            )
        }
        self.other = base.create_stack(base.user('p2'), name='e').id

    def names(self, **query):
        query.setdefault('project_id', 'p1')
        return [stack.name for stack in stacks.get_all(self.ctx, **query)]

    def test_stacks_are_listed_in_the_order_of_their_creation(self):
        self.assertEqual(['d', 'a', 'c', 'b'], self.names())

    def test_stacks_of_one_project_or_of_all_are_listed(self):
        self.assertEqual(5, len(self.names(project_id=None)))
        self.assertEqual(['e'], self.names(project_id='p2'))
        self.assertEqual([], self.names(project_id='p3'))

    def test_stacks_are_filtered_by_name_status_and_cloud(self):
        set_column(self.ctx, self.ids['a'], status='ACTIVE')

        self.assertEqual(['c'], self.names(name='c'))
        self.assertEqual([], self.names(name='C'))
        self.assertEqual(['a'], self.names(status='ACTIVE'))
        self.assertEqual(['a', 'c'], self.names(cloud='south'))
        self.assertEqual(['a'], self.names(cloud='south', status='ACTIVE'))

    def test_stacks_are_sorted_by_a_column_in_both_directions(self):
        self.assertEqual(list('abcd'), self.names(sort_key='name'))
        self.assertEqual(
            list('dcba'), self.names(sort_key='name', sort_dir='desc')
        )

    def test_pages_have_every_stack_once_even_with_equal_sort_keys(self):
        for key, direction in (
            ('count', 'asc'),
            ('count', 'desc'),
            ('name', 'desc'),
            ('created_at', 'asc'),
            ('id', 'asc'),
        ):
            query = {'sort_key': key, 'sort_dir': direction}
            seen, marker = [], None
            while page := self.names(limit=1, marker=marker, **query):
                seen += page
                marker = self.ids[page[-1]]
            self.assertEqual(self.names(**query), seen, query)

    def test_a_page_after_the_last_is_empty(self):
        self.assertEqual([], self.names(marker=self.ids['b'], limit=2))

    def test_a_marker_of_another_project_is_unknown(self):
        for marker in ('none', self.other):
            exc = self.assertRaises(
                exception.MarkerNotFound, self.names, marker=marker
            )
            self.assertIn(marker, str(exc))

    def test_the_members_are_there_after_the_transaction(self):
        [stack] = stacks.get_all(self.ctx, name='a')

        self.assertEqual(
            ['north', 'south'], [member.cloud for member in stack.members]
        )


@EVERY
class Clouds:
    def test_stacks_are_counted_by_cloud(self):
        base.create_stack(self.ctx, weights=base.weights(a='0.5', b='0.5'))
        base.create_stack(
            base.user('p2'), name='shop', weights=base.weights(b='1')
        )

        self.assertEqual({'a': 1, 'b': 2}, clouds.count_stacks(self.ctx))
        self.assertEqual({'b': 1}, clouds.count_stacks(self.ctx, 'p2'))
        self.assertEqual({}, clouds.count_stacks(self.ctx, 'p3'))

    def test_no_cloud_is_known_before_its_first_survey(self):
        self.assertEqual({}, clouds.get_all(self.ctx))

    def test_outcome_of_a_survey_is_kept(self):
        now = models.utcnow()
        clouds.save(self.ctx, cloud('UP'), checked_at=now)
        clouds.save(self.ctx, cloud('SUSPECT', failures=1, reason='no'))

        [row] = clouds.get_all(self.ctx).values()
        self.assertEqual(
            ('a', states.CloudState.SUSPECT, 1, 'no', now),
            (
                row.name,
                row.state,
                row.failures,
                row.reason,
                row.checked_at,
            ),
        )

    def test_a_new_state_makes_an_event_and_the_stacks_there_due(self):
        here = base.create_stack(self.ctx, weights=base.weights(a='1'))
        there = base.create_stack(
            self.ctx, name='there', weights=base.weights(b='1')
        )
        for stack in (here, there):
            set_column(self.ctx, stack.id, due_at=None)

        clouds.save(self.ctx, cloud('DOWN'))

        self.assertIsNotNone(stacks.get(self.ctx, here.id).due_at)
        self.assertIsNone(stacks.get(self.ctx, there.id).due_at)
        event = events.get_of_stack(self.ctx, stacks.get(self.ctx, here.id))[
            -1
        ]
        self.assertEqual(
            (states.EventKind.CLOUD_STATE, 'a', ['UNKNOWN', 'DOWN']),
            (event.kind, event.cloud, event.details['changes']['state']),
        )

    def test_end_of_an_outage_has_its_length(self):
        began = models.utcnow()
        clouds.save(self.ctx, cloud('DOWN', outages=(began,)))
        back = dataclasses.replace(
            cloud('UP', outages=(began,)),
            since=began + datetime.timedelta(seconds=102),
        )
        clouds.save(self.ctx, back)

        event = events.get_all(self.ctx)[-1]
        self.assertEqual(
            'The cloud a went from DOWN to UP: it was lost for 1 min 42 s.',
            event.message,
        )
        self.assertEqual(102, event.details['outage_seconds'])

    def test_last_answer_of_a_cloud_is_kept_while_it_fails(self):
        now = models.utcnow()
        later = now + datetime.timedelta(seconds=10)
        clouds.save(self.ctx, cloud('UP'), checked_at=now)
        clouds.save(self.ctx, cloud('SUSPECT'), checked_at=later)
        clouds.touch(self.ctx, 'a', later, None)

        row = clouds.get_all(self.ctx)['a']
        self.assertEqual((later, now), (row.checked_at, row.answered_at))

        clouds.save(self.ctx, cloud('UP'), checked_at=now)
        clouds.touch(self.ctx, 'a', later, None)
        self.assertEqual(later, clouds.get_all(self.ctx)['a'].answered_at)

    def test_the_same_state_again_is_no_event(self):
        stack = base.create_stack(self.ctx, weights=base.weights(a='1'))
        for failures in (1, 2):
            clouds.save(self.ctx, cloud('SUSPECT', failures=failures))

        listed = events.get_of_stack(self.ctx, stacks.get(self.ctx, stack.id))
        self.assertEqual(2, len(listed))


@EVERY
class Walks:
    """Pages while rows come and go: each row that stays is seen once."""

    def setUp(self):
        super().setUp()
        self.seed = random.randrange(2**32)
        self.random = random.Random(self.seed)
        self.addDetail('seed', content.text_content(str(self.seed)))
        self.added = itertools.count()

    def add(self):
        name = f'web{next(self.added)}'
        stack_id = base.create_stack(
            base.user(self.random.choice(['p1', 'p2'])),
            name=name,
            # Few different counts, so that many sort keys are equal.
            count=self.random.randrange(3),
        ).id
        status = self.random.choice(['ACTIVE', 'ERROR'])
        set_column(self.ctx, stack_id, status=status)

    def everything(self, **query):
        return [row.id for row in stacks.get_all(self.ctx, **query)]

    def walk(self, step, **query):
        """The ids on all pages; the step is called between two pages."""
        found, marker = [], None
        while True:
            limit = self.random.randrange(1, 4)
            page = self.everything(limit=limit, marker=marker, **query)
            if not page:
                return found
            found += page
            self.assertLess(len(found), 100, f'{self.seed}: without end')
            marker = page[-1]
            step(marker)

    def queries(self):
        return (
            {'sort_key': key, 'sort_dir': direction, 'project_id': project}
            for key in ('created_at', 'updated_at', 'name', 'status', 'count')
            for direction in ('asc', 'desc')
            for project in ('p1', None)
        )

    def test_pages_are_the_list_in_pieces(self):
        for _ in range(12):
            self.add()
        for query in self.queries():
            expected = self.everything(**query)
            found = self.walk(lambda marker: None, **query)
            self.assertEqual(expected, found, (self.seed, query))

    def test_row_that_stays_is_on_one_page_while_others_come_and_go(self):
        for _ in range(8):
            self.add()

        def change(marker):
            self.add()
            others = [i for i in self.everything() if i != marker]
            for each in self.random.sample(others, max(1, len(others) - 8)):
                stacks.delete(self.ctx, each)

        for query in self.queries():
            before = self.everything(**query)
            # Only so often, or what is added after each page never ends.
            left = iter(range(4))

            def step(marker, left=left):
                if next(left, None) is not None:
                    change(marker)

            found = self.walk(step, **query)
            stay = set(before).intersection(self.everything(**query))
            seen = [each for each in found if each in stay]
            expected = [each for each in before if each in stay]
            self.assertEqual(expected, seen, (self.seed, query))
            self.assertEqual(len(set(found)), len(found), self.seed)
