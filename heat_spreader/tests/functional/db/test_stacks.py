# SPDX-License-Identifier: Apache-2.0
"""Stacks on every database: created, changed, refused, deleted."""

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests


@session.reader
def events_of(ctx, stack_id):
    return ctx.session.scalars(
        sa.select(models.Event)
        .where(models.Event.stack_id == stack_id)
        .order_by(models.Event.number)
    ).all()


@session.writer
def engine_acted(ctx, stack_id):
    ctx.session.get(models.Stack, stack_id).due_at = None


@session.writer
def heat_refused(ctx, stack_id):
    for member in ctx.session.get(models.Stack, stack_id).members:
        member.rejection, member.failures = 'no', 3
        member.retry_at = models.utcnow()


@base.on_every_database(base.SchemaTestCase)
class Create:
    def test_a_new_stack_is_at_generation_1_and_due(self):
        stack = base.create_stack(self.ctx, weights=base.weights(a='0.4'))

        stored = stacks.get(self.ctx, stack.id)
        self.assertEqual(
            (1, 0, states.StackStatus.PENDING, 'p1', 'u1', False),
            (
                stored.generation,
                stored.observed_generation,
                stored.status,
                stored.project_id,
                stored.user_id,
                stored.paused,
            ),
        )
        self.assertIsNotNone(stored.due_at)

    def test_the_members_are_the_clouds_with_a_weight_by_name(self):
        stack = base.create_stack(
            self.ctx,
            weights=base.weights(b='0.2', a='0.6', c='0'),
            members={'a': {'min_count': 1, 'max_count': 7}},
        )

        members = stacks.get(self.ctx, stack.id).members
        self.assertEqual(['a', 'b', 'c'], [member.cloud for member in members])
        self.assertEqual(
            [(1, 7), (0, None), (0, None)],
            [(member.min_count, member.max_count) for member in members],
        )
        self.assertEqual(
            {states.MemberState.UNKNOWN}, {member.state for member in members}
        )

    def test_a_name_is_taken_once_in_a_project(self):
        base.create_stack(self.ctx)

        exc = self.assertRaises(
            exception.StackExists, base.create_stack, self.ctx
        )

        self.assertIn("'web'", str(exc))
        self.assertEqual(1, len(stacks.get_all(self.ctx)))

    def test_another_project_may_have_the_same_name(self):
        base.create_stack(self.ctx)
        base.create_stack(base.user('p2'))

        self.assertEqual(2, len(stacks.get_all(self.ctx, name='web')))

    def test_creation_is_an_event(self):
        stack = base.create_stack(self.ctx, weights=base.weights(a='0.50'))

        [event] = events_of(self.ctx, stack.id)
        self.assertEqual(
            (states.EventKind.STACK_CREATED, 'p1'),
            (event.kind, event.project_id),
        )
        self.assertEqual(
            [None, '0.5'], event.details['changes']['weight of a']
        )
        self.assertEqual(self.ctx.request_id, event.request_id)

    def test_clouds_that_an_administrator_gives_are_marked(self):
        stack = stacks.create(
            self.ctx,
            {
                'name': 'web',
                'stack_name': 'web',
                'count_parameter': 'size',
                'count': 1,
                'failover': 'none',
                'weights': base.weights(a='0.5', b='0.5'),
            },
            as_admin={'b'},
        )

        members = stacks.get(self.ctx, stack.id).members
        self.assertEqual(
            {'a': False, 'b': True},
            {member.cloud: member.as_admin for member in members},
        )


@base.on_every_database(base.SchemaTestCase)
class Refuse:
    """Inconsistent changes are refused as a whole."""

    def setUp(self):
        super().setUp()
        self.stack = base.create_stack(
            self.ctx, weights=base.weights(a='0.6', b='0.4')
        )

    def assert_refused(self, expected, words, function, *args, **kwargs):
        exc = self.assertRaises(
            expected, function, self.ctx, self.stack.id, *args, **kwargs
        )

        self.assertIn(words, str(exc))
        stored = stacks.get(self.ctx, self.stack.id)
        self.assertEqual((1, 10), (stored.generation, stored.count))
        self.assertEqual(
            base.weights(a='0.6', b='0.4'),
            {member.cloud: member.weight for member in stored.members},
        )
        self.assertEqual(1, len(events_of(self.ctx, self.stack.id)))

    def test_weights_that_add_up_to_more_than_1_are_refused(self):
        self.assert_refused(
            exception.Invalid,
            '1.000001',
            stacks.update,
            {'count': 3, 'weights': base.weights(a='1', b='0.000001')},
        )

    def test_a_weight_that_makes_the_sum_more_than_1_is_refused(self):
        self.assert_refused(
            exception.Invalid,
            '1.1',
            stacks.set_weight,
            'c',
            base.weights(c='0.1')['c'],
        )

    def test_limits_of_a_cloud_without_a_weight_are_refused(self):
        self.assert_refused(
            exception.Invalid,
            "'z'",
            stacks.update,
            {'count': 3, 'members': {'z': {'min_count': 1}}},
        )

    def test_a_minimum_over_the_maximum_is_refused(self):
        self.assert_refused(
            exception.Invalid,
            "'a'",
            stacks.update,
            {'members': {'a': {'min_count': 3, 'max_count': 2}}},
        )

    def test_minima_that_add_up_to_more_than_the_count_are_refused(self):
        self.assert_refused(
            exception.Invalid,
            '11',
            stacks.update,
            {'members': {'a': {'min_count': 6}, 'b': {'min_count': 5}}},
        )

    def test_a_change_for_an_old_generation_is_refused(self):
        self.assert_refused(
            exception.GenerationConflict,
            'generation 1',
            stacks.update,
            {'count': 3},
            generation=2,
        )

    def test_a_name_that_is_taken_is_refused(self):
        base.create_stack(self.ctx, name='other')

        self.assert_refused(
            exception.StackExists,
            "'other'",
            stacks.update,
            {'count': 3, 'name': 'other'},
        )

    def test_unsetting_a_missing_weight_is_refused(self):
        self.assert_refused(
            exception.WeightNotFound, "'c'", stacks.unset_weight, 'c'
        )


@base.on_every_database(base.SchemaTestCase)
class Update:
    def setUp(self):
        super().setUp()
        self.stack = base.create_stack(
            self.ctx,
            weights=base.weights(a='0.6', b='0.4'),
            members={'a': {'max_count': 8}},
        )
        engine_acted(self.ctx, self.stack.id)

    def weights(self):
        return {
            member.cloud: member.weight
            for member in stacks.get(self.ctx, self.stack.id).members
        }

    def test_values_that_are_not_given_stay_unchanged(self):
        stacks.update(self.ctx, self.stack.id, {'count': 4})

        stored = stacks.get(self.ctx, self.stack.id)
        self.assertEqual(
            (4, 'web', 'size', 'even'),
            (
                stored.count,
                stored.stack_name,
                stored.count_parameter,
                stored.failover,
            ),
        )
        self.assertEqual(base.weights(a='0.6', b='0.4'), self.weights())

    def test_a_change_makes_the_stack_due_at_the_next_generation(self):
        stacks.update(self.ctx, self.stack.id, {'count': 4}, generation=1)

        stored = stacks.get(self.ctx, self.stack.id)
        self.assertEqual(2, stored.generation)
        self.assertIsNotNone(stored.due_at)
        self.assertGreaterEqual(stored.updated_at, stored.created_at)

    def test_a_change_is_an_event_with_the_old_and_new_values(self):
        stacks.update(self.ctx, self.stack.id, {'count': 4, 'paused': True})

        event = events_of(self.ctx, self.stack.id)[-1]
        self.assertEqual(states.EventKind.STACK_CHANGED, event.kind)
        self.assertEqual(
            {'count': [10, 4], 'paused': [False, True]},
            event.details['changes'],
        )
        self.assertIn('count 10 -> 4', event.message)

    def test_weights_replace_all_weights(self):
        stacks.update(
            self.ctx,
            self.stack.id,
            {'weights': base.weights(b='0.5', c='0.5')},
        )

        self.assertEqual(base.weights(b='0.5', c='0.5'), self.weights())

    def test_empty_weights_remove_all_members(self):
        stacks.update(self.ctx, self.stack.id, {'weights': {}})

        self.assertEqual({}, self.weights())

    def test_a_new_weight_keeps_the_limits(self):
        stacks.update(
            self.ctx,
            self.stack.id,
            {'weights': base.weights(a='0.5', b='0.5')},
        )

        [a, _] = stacks.get(self.ctx, self.stack.id).members
        self.assertEqual(8, a.max_count)

    def test_null_removes_a_limit(self):
        stacks.update(
            self.ctx, self.stack.id, {'members': {'a': {'max_count': None}}}
        )

        [a, _] = stacks.get(self.ctx, self.stack.id).members
        self.assertIsNone(a.max_count)

    def test_a_change_by_the_user_ends_the_back_off(self):
        heat_refused(self.ctx, self.stack.id)

        stacks.update(self.ctx, self.stack.id, {'count': 4})

        for member in stacks.get(self.ctx, self.stack.id).members:
            self.assertEqual(
                (None, 0, None),
                (member.rejection, member.failures, member.retry_at),
            )

    def test_one_weight_can_be_changed(self):
        changed = stacks.set_weight(
            self.ctx, self.stack.id, 'b', base.weights(b='0.25')['b']
        )

        self.assertEqual(2, changed.generation)
        self.assertEqual(base.weights(a='0.6', b='0.25'), self.weights())

    def test_a_cloud_joins_with_its_weight(self):
        stacks.set_weight(
            self.ctx, self.stack.id, 'c', base.weights(c='0')['c']
        )

        self.assertEqual(base.weights(a='0.6', b='0.4', c='0'), self.weights())

    def test_a_cloud_leaves_with_its_weight(self):
        stacks.unset_weight(self.ctx, self.stack.id, 'a')

        self.assertEqual(base.weights(b='0.4'), self.weights())
        self.assertEqual(
            ['0.6', None],
            events_of(self.ctx, self.stack.id)[-1].details['changes'][
                'weight of a'
            ],
        )


@base.on_every_database(base.SchemaTestCase)
class Delete:
    def test_stack_and_members_are_deleted_and_events_stay(self):
        stack = base.create_stack(self.ctx, weights=base.weights(a='1'))

        stacks.delete(self.ctx, stack.id)

        self.assertRaises(
            exception.StackNotFound, stacks.get, self.ctx, stack.id
        )
        self.assertEqual(0, self.count_members())
        self.assertEqual(
            [states.EventKind.STACK_CREATED, states.EventKind.STACK_DELETED],
            [event.kind for event in events_of(self.ctx, stack.id)],
        )

    def count_members(self):
        with session.get_engine().connect() as connection:
            return connection.scalar(
                sa.select(sa.func.count()).select_from(models.Member)
            )

    def test_name_of_a_deleted_stack_is_free_again(self):
        stacks.delete(self.ctx, base.create_stack(self.ctx).id)

        base.create_stack(self.ctx)

        self.assertEqual(1, len(stacks.get_all(self.ctx)))

    def test_deleting_a_missing_stack_is_refused(self):
        for function, args in (
            (stacks.get, ()),
            (stacks.delete, ()),
            (stacks.update, ({'count': 1},)),
            (stacks.set_weight, ('a', base.weights(a='1')['a'])),
            (stacks.unset_weight, ('a',)),
        ):
            exc = self.assertRaises(
                exception.StackNotFound, function, self.ctx, 'none', *args
            )
            self.assertIn("'none'", str(exc))
