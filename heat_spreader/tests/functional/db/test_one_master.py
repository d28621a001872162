# SPDX-License-Identifier: Apache-2.0
"""A Heat stack belongs to one stack, on every database."""

import decimal

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader.db import members
from heat_spreader.db import stacks
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests


@base.on_every_database(base.SchemaTestCase)
class Names:
    def setUp(self):
        super().setUp()
        self.first = base.create_stack(
            self.ctx, name='web', weights=base.weights(a='0.5', b='0.5')
        )
        self.other = base.user('p2')

    def assert_taken(self, cloud, function, *args, **kwargs):
        exc = self.assertRaises(
            exception.StackTaken, function, *args, **kwargs
        )
        self.assertIn(f"in the cloud '{cloud}'", str(exc))
        self.assertNotIn('p1', str(exc))
        self.assertNotIn(self.first.id, str(exc))

    def test_second_stack_for_the_same_heat_stack_is_refused(self):
        for ctx in (self.ctx, self.other):
            self.assert_taken(
                'b',
                base.create_stack,
                ctx,
                name='shop',
                stack_name='web',
                weights=base.weights(b='1'),
            )
        self.assertEqual(1, len(stacks.get_all(self.ctx)))

    def test_every_change_that_would_take_it_is_refused(self):
        shop = base.create_stack(
            self.other, name='shop', weights=base.weights(b='1')
        )
        web = base.create_stack(
            self.other, name='web', weights=base.weights(c='0.5')
        )

        self.assert_taken(
            'b', stacks.update, self.other, shop.id, {'stack_name': 'web'}
        )
        self.assert_taken(
            'a',
            stacks.update,
            self.other,
            web.id,
            {'weights': base.weights(a='1')},
        )
        self.assert_taken(
            'a', stacks.set_weight, self.other, web.id, 'a', decimal.Decimal(0)
        )
        for stack in (shop, web):
            self.assertEqual(1, stacks.get(self.ctx, stack.id).generation)

    def test_same_name_in_other_clouds_is_not_the_same_heat_stack(self):
        base.create_stack(self.other, name='web', weights=base.weights(c='1'))

    def test_heat_stack_that_is_no_longer_managed_can_be_taken(self):
        stacks.unset_weight(self.ctx, self.first.id, 'b')
        base.create_stack(self.other, name='web', weights=base.weights(b='1'))
        stacks.delete(self.ctx, self.first.id)
        base.create_stack(
            base.user('p3'), name='web', weights=base.weights(a='1')
        )

    def test_only_one_of_concurrent_requests_succeeds(self):
        def create(number):
            try:
                base.create_stack(
                    base.user(f'project-{number}'),
                    name='queue',
                    weights=base.weights(a='0.5', c='0.5'),
                )
            except exception.StackTaken as exc:
                return exc.error_code
            return 'created'

        results = base.at_once(create)

        self.assertEqual(1, results.count('created'))
        self.assertEqual(
            len(results) - 1, results.count('multicloud.stack.taken')
        )


@base.on_every_database(base.SchemaTestCase)
class HeatIds:
    def setUp(self):
        super().setUp()
        self.stacks = [
            base.create_stack(
                base.user(f'p{number}'),
                name='web',
                weights={f'c{number}': decimal.Decimal(1)},
            )
            for number in range(base.THREADS)
        ]

    def row(self, number):
        (row,) = stacks.get(self.ctx, self.stacks[number].id).members
        return row

    def save(self, number, heat_id='h'):
        row = self.row(number)
        member = facts.Member(
            stack_id=row.stack_id,
            stack_name='web',
            count_parameter='size',
            cloud=facts.Cloud(row.cloud),
            part=specification.Part(row.cloud, 1),
            heat=snapshot.heat_stack(row),
            duplicate_of=row.duplicate_of,
            version=row.known_at,
        )
        heat = facts.HeatStack(
            id=heat_id, status='UPDATE_COMPLETE', count=3, ready=3
        )
        values = members.heat_values(heat)
        members.save(base.user(), row.cloud, [(member, values)])

    def test_member_that_had_it_first_keeps_it(self):
        for number in (1, 0, 1, 0):
            self.save(number)

        first, later = self.row(1), self.row(0)
        self.assertEqual((None, 3), (first.duplicate_of, first.ready))
        self.assertEqual(('c1', 0), (later.duplicate_of, later.ready))

    def test_later_member_gets_the_heat_id_once_the_first_has_another(self):
        for number, heat_id in ((1, 'h'), (0, 'h'), (1, 'i'), (0, 'h')):
            self.save(number, heat_id)

        self.assertEqual(
            (None, 3), (self.row(0).duplicate_of, self.row(0).ready)
        )

    def test_only_one_of_concurrent_surveys_is_the_first(self):
        base.at_once(self.save)

        rows = [self.row(n) for n in range(base.THREADS)]
        (owner,) = [row for row in rows if row.duplicate_of is None]
        self.assertEqual('h', owner.owned_heat_id)
        self.assertEqual(
            {owner.cloud},
            {row.duplicate_of for row in rows if row is not owner},
        )
