# SPDX-License-Identifier: Apache-2.0
"""Many changes at once, on every database: none fails, none is lost."""

import decimal
import threading
from concurrent import futures

from heat_spreader import exception
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

THREADS = 8


def at_once(function):
    """Call function(number) in threads that start together; the results."""
    barrier = threading.Barrier(THREADS)

    def run(number):
        barrier.wait()
        return function(number)

    with futures.ThreadPoolExecutor(THREADS) as pool:
        return list(pool.map(run, range(THREADS)))


@base.on_every_database(base.SchemaTestCase)
class Concurrency:
    def test_concurrent_changes_of_one_stack_are_all_made(self):
        stack = base.create_stack(self.ctx, weights=base.weights(a='1'))

        def change(number):
            ctx = base.user()
            for count in range(10):
                stacks.get(ctx, stack.id)
                stacks.update(ctx, stack.id, {'count': count})

        at_once(change)

        self.assertEqual(
            1 + THREADS * 10, stacks.get(self.ctx, stack.id).generation
        )

    def test_concurrent_changes_of_different_stacks_are_all_made(self):
        def make(number):
            ctx = base.user()
            for name in ('x', 'y', 'z'):
                stack = base.create_stack(ctx, name=f'{name}{number}')
                stacks.update(ctx, stack.id, {'count': number})
                stacks.get_all(ctx)

        at_once(make)

        counts = [stack.count for stack in stacks.get_all(self.ctx)]
        self.assertEqual(sorted([*range(THREADS)] * 3), sorted(counts))

    def test_weights_never_add_up_to_more_than_1(self):
        stack = base.create_stack(self.ctx)
        weight = decimal.Decimal('0.3')

        def set_weight(number):
            try:
                stacks.set_weight(
                    base.user(), stack.id, f'cloud{number}', weight
                )
            except exception.Invalid:
                return 0
            return weight

        accepted = at_once(set_weight)

        members = stacks.get(self.ctx, stack.id).members
        self.assertEqual(3, len(members))
        self.assertEqual(
            sum(accepted), sum(member.weight for member in members)
        )

    def test_only_one_change_for_a_generation_is_made(self):
        stack = base.create_stack(self.ctx)

        def change(number):
            try:
                stacks.update(
                    base.user(), stack.id, {'count': number}, generation=1
                )
            except exception.GenerationConflict:
                return None
            return number

        accepted = [number for number in at_once(change) if number is not None]

        self.assertEqual(accepted, [stacks.get(self.ctx, stack.id).count])

    def test_only_one_stack_gets_a_name(self):
        def create(number):
            try:
                return base.create_stack(base.user()).id
            except exception.StackExists:
                return None

        created = [given for given in at_once(create) if given]

        self.assertEqual(
            created, [stack.id for stack in stacks.get_all(self.ctx)]
        )
