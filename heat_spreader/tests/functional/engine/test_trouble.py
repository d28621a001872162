# SPDX-License-Identifier: Apache-2.0
"""Failures of one cloud that are not an outage."""

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestTrouble(base.EngineTestCase):
    counts = (6, 2, 2)

    def test_missing_stack_is_reported_and_its_weight_spread(self):
        self.clouds['cairo'].delete('web')
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.turn()

        self.assertEqual('MISSING', self.member(stack_id, 'cairo').state)
        self.assertEqual(7, self.clouds['athens'].stack('web').count)
        self.assertEqual(3, self.clouds['berlin'].stack('web').count)

    def test_incomplete_list_does_not_make_a_stack_missing(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        self.clouds['cairo'].heat.fault = faults.changed(
            lambda body: {**body, 'stacks': []} if 'stacks' in body else body
        )
        self.engine.turn()

        self.assertEqual('OK', self.member(stack_id, 'cairo').state)
        self.assertEqual('ACTIVE', self.stack(stack_id).status)

    def test_recreated_stack_is_found(self):
        self.clouds['cairo'].delete('web')
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)

        self.clouds['cairo'].add_stack('web', 0)
        stack = self.settle(stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual('ACTIVE', stack.status)

    def test_wrong_parameter_is_reported_and_nothing_is_sent(self):
        stack_id = self.create(
            ['0.6', '0.2', '0.2'], count_parameter='size', count=12
        )
        stack = self.settle(stack_id)

        self.assertEqual(0, self.patches())
        self.assertEqual('ERROR', stack.status)
        self.assertEqual(
            {'PARAMETER_MISSING'}, {m.state for m in stack.members}
        )
        self.assertIn(
            "The parameter 'size' of the stack in athens does not exist; the "
            "number parameter is 'count'. No other cloud",
            stack.members[0].reason,
        )

    def test_rejected_member_is_held_and_the_rest_spread(self):
        self.clouds['athens'].add_stack('web', 6, max_count=6)
        stack_id = self.create(['0.6', '0.2', '0.2'], count=15)
        stack = self.settle(stack_id)

        member = stack.members[0]
        self.assertEqual('REJECTED', member.state)
        self.assertIn('out of range (min: 0, max: 6)', member.reason)
        self.assertIn(' Set --max athens=6, and the other', member.reason)
        self.assertIn(' The next attempt is at 20', member.reason)
        self.assertEqual(1, member.failures)
        self.assertEqual(15, sum(self.counts_in_heat()))
        self.assertEqual('DEGRADED', stack.status)

    def test_change_by_the_user_ends_a_rejection(self):
        self.clouds['athens'].add_stack('web', 6, max_count=6)
        stack_id = self.create(['0.6', '0.2', '0.2'], count=15)
        self.settle(stack_id)

        stacks_db.update(self.ctx, stack_id, {'count': 10})
        stack = self.settle(stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual('ACTIVE', stack.status)

    def test_rejection_of_an_old_request_does_not_delay_a_new_one(self):
        self.clouds['athens'].add_stack('web', 6, max_count=6)
        stack_id = self.create(['0.6', '0.2', '0.2'], count=15)
        self.engine.survey()

        def change_mind(cloud, request):
            # The user is faster than the answer of Heat.
            if self.stack(stack_id).count == 15:
                stacks_db.update(self.ctx, stack_id, {'count': 10})

        self.clouds['berlin'].observer = change_mind
        self.engine.reconcile()

        self.assertIsNone(self.member(stack_id, 'athens').rejection)
        self.assertEqual('ACTIVE', self.settle(stack_id).status)
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_resumed_stack_ends_a_rejection(self):
        self.clouds['athens'].suspend('web')
        stack_id = self.create(['0.6', '0.2', '0.2'], count=11)
        stack = self.settle(stack_id)
        self.assertEqual('REJECTED', stack.members[0].state)
        self.assertEqual([], self.clouds['athens'].patches)

        self.clouds['athens'].resume('web')
        stack = self.settle(stack_id)

        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual(11, sum(self.counts_in_heat()))

    def test_cloud_that_the_project_loses_is_left_unchanged(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        self.configuration.override('cloud_athens', projects=['other'])

        stacks_db.update(self.ctx, stack_id, {'count': 20})
        stack = self.settle(stack_id)

        self.assertEqual('UNAUTHORIZED', stack.members[0].state)
        self.assertEqual(6, self.clouds['athens'].stack('web').count)
        self.assertEqual(20, sum(self.counts_in_heat()))

    def test_enabled_cloud_without_an_entry_is_shown(self):
        self.clouds.pop('cairo')
        base.emulator.write_clouds_yaml(
            self.clouds_yaml, *self.clouds.values()
        )
        stack_id = self.create(['0.6', '0.2', '0.2'])
        stack = self.settle(stack_id)

        self.assertEqual(
            {'athens': 'UP', 'berlin': 'UP', 'cairo': 'MISCONFIGURED'},
            self.cloud_states(),
        )
        self.assertEqual('MISCONFIGURED', stack.members[2].state)
        self.assertIn(
            "The cloud 'cairo' has no entry in", stack.members[2].reason
        )
        self.assertEqual((6, 2), self.counts_in_heat())

    def test_failed_update_request_backs_off(self):
        stack_id = self.create(['0.6', '0.2', '0.2'], count=11)
        for each in self.clouds.values():
            each.heat.fault = faults.answer(500).only(method='PATCH')
        self.engine.turn()

        patches = self.patches()
        self.engine.turn()
        self.assertEqual((1, 1), (patches, self.patches()))
        grown = [m for m in self.stack(stack_id).members if m.failures]
        self.assertEqual([1], [m.failures for m in grown])
