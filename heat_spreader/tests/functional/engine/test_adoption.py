# SPDX-License-Identifier: Apache-2.0
"""Stacks that run already are managed without losing an instance."""

import decimal

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.engine import base


class TestAdoption(base.EngineTestCase):
    counts = (5, 0, 0)

    def set_weight(self, stack_id, name, weight):
        stacks_db.set_weight(self.ctx, stack_id, name, decimal.Decimal(weight))
        return self.settle(stack_id)

    def test_nothing_shrinks_until_the_weights_add_up_to_1(self):
        first, second, third = base.NAMES
        stack_id = self.create([], count=5)

        stack = self.set_weight(stack_id, first, '0.6')
        self.assertEqual((5, 0, 0), self.counts_in_heat())
        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual(
            '3 of 5: the weights add up to 0.6; nothing shrinks until they '
            'add up to 1.',
            stack.status_reason,
        )
        self.set_weight(stack_id, second, '0.2')
        self.assertEqual((5, 1, 0), self.counts_in_heat())
        stack = self.set_weight(stack_id, third, '0.2')
        self.assertEqual((3, 1, 1), self.counts_in_heat())
        self.assertEqual(('ACTIVE', ''), (stack.status, stack.status_reason))

    def test_weights_that_were_complete_once_may_be_lowered(self):
        first, *_ = base.NAMES
        stack_id = self.create(['0.6', '0.4'], count=5)
        self.settle(stack_id)

        stack = self.set_weight(stack_id, first, '0.2')

        self.assertEqual((1, 2, 0), self.counts_in_heat())
        self.assertEqual(
            '3 of 5: the weights add up to 0.6.', stack.status_reason
        )
