# SPDX-License-Identifier: Apache-2.0
"""The reason of a stack in a list."""

from oslotest import base

from heat_spreader.osc import brief
from heat_spreader.osc import columns
from heat_spreader.sdk import stack as sdk_stack

MEMBER = {
    'cloud': 'athens',
    'count': 6,
    'target': 6,
    'ready': 6,
    'admin_state': 'ENABLED',
    'since': '2026-11-30T12:00:00Z',
    'state': 'OK',
}


class TestStack(base.BaseTestCase):
    def reason(self, status, unplaced=0, **member):
        stack = sdk_stack.Stack(
            status=status, unplaced=unplaced, members=[{**MEMBER, **member}]
        )
        return brief.of_stack(stack, {})

    def test_frozen_stack_has_the_cloud_that_is_lost(self):
        self.assertIn(
            'athens UNREACHABLE', self.reason('FROZEN', state='UNREACHABLE')
        )

    def test_stack_is_frozen_although_its_own_clouds_are_well(self):
        self.assertEqual('too many clouds are down', self.reason('FROZEN'))

    def test_error_for_want_of_room_has_how_many_have_none(self):
        self.assertEqual(
            'no room for 6',
            self.reason('ERROR', unplaced=6, state='UNREACHABLE'),
        )

    def test_active_stack_needs_no_reason(self):
        self.assertEqual('', self.reason('ACTIVE'))


class TestSeconds(base.BaseTestCase):
    def test_milliseconds_are_enough_for_people(self):
        column = columns.Seconds(0.01310890400009157)
        self.assertEqual('0.013', column.human_readable())
        self.assertEqual(0.01310890400009157, column.machine_readable())
        self.assertEqual('', columns.Seconds(None).human_readable())
