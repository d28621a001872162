# SPDX-License-Identifier: Apache-2.0
"""Two entries of clouds.yaml that lead to one Heat project."""

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.engine import base

FIRST, SECOND, TWIN = base.NAMES


class TestTwinEntries(base.EngineTestCase):
    counts = (4, 4, 0)

    def setUp(self):
        super().setUp()
        # The last entry leads to the first cloud, too.
        twin = emulator.EmulatedCloud(TWIN)
        twin.keystone, twin.heat = (
            self.clouds[FIRST].keystone,
            self.clouds[FIRST].heat,
        )
        emulator.write_clouds_yaml(
            self.clouds_yaml,
            self.clouds[FIRST],
            self.clouds[SECOND],
            twin,
        )

    def found(self):
        return (
            self.clouds[FIRST].stack('web').count,
            self.clouds[SECOND].stack('web').count,
        )

    def test_instances_are_counted_once_and_the_weight_is_spread(self):
        stack_id = self.create(['0.4', '0.4', '0.2'])

        stack = self.settle(stack_id)

        self.assertEqual((5, 5), self.found())
        member = self.member(stack_id, TWIN)
        self.assertEqual(
            ('CONFLICT', 0, 0), (member.state, member.target, member.ready)
        )
        self.assertIn(f'the same Heat stack as that in {FIRST}', member.reason)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn(member.reason, stack.status_reason)

    def test_second_stack_never_changes_the_heat_stack_of_the_first(self):
        self.settle(self.create(['0.5', '0.5']))
        before = self.patches()
        later = stacks_db.create(
            self.ctx,
            {
                'name': 'later',
                'stack_name': 'web',
                'count_parameter': 'count',
                'count': 1,
                'weights': {TWIN: self.weights('1')[FIRST]},
            },
        )

        self.assertEqual('ERROR', self.settle(later.id).status)
        self.assertEqual('CONFLICT', self.member(later.id, TWIN).state)
        self.assertEqual(before, self.patches())

    def test_later_member_takes_over_when_the_first_is_removed(self):
        stack_id = self.create(['0.4', '0.4', '0.2'])
        self.settle(stack_id)
        stacks_db.update(
            self.ctx,
            stack_id,
            {
                'weights': {
                    SECOND: self.weights('0.4')[FIRST],
                    TWIN: self.weights('0.6')[FIRST],
                }
            },
        )

        self.assertEqual('ACTIVE', self.settle(stack_id).status)
        self.assertEqual((6, 4), self.found())
