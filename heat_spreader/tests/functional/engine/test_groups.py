# SPDX-License-Identifier: Apache-2.0
"""The instances of a stack that failed, wherever its group is."""

from heat_spreader.api import views
from heat_spreader.db import members as members_db
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import layout
from heat_spreader.tests.functional.engine import base


class TestGroups(base.EngineTestCase):
    """Athens gives 2 of its 6 to berlin, where only 3 of 6 come up."""

    counts = (6, 4, 0)

    def setUp(self):
        super().setUp()
        self.berlin = self.clouds['berlin']

    def grow(self):
        """Have the growth of berlin fail."""
        self.stack_id = self.create(['0.6', '0.4'])
        self.settle(self.stack_id)
        self.berlin.fail_next('web', 5, 'The image is damaged')
        stacks_db.update(
            self.ctx, self.stack_id, {'weights': self.weights('0.4', '0.6')}
        )
        self.engine.turn()
        self.berlin.finish('web')
        self.engine.turn()
        return self.member(self.stack_id, 'berlin')

    def retry(self):
        """Try again, with success."""
        self.berlin.heat.fault = None
        self.let_the_back_off_end()
        self.engine.turn()
        self.finish()
        return self.settle(self.stack_id)

    def check_unknown(self, member, why):
        self.assertEqual(('FAILED', None), (member.state, member.ready))
        for part in (
            'how many of its instances are ready is unknown',
            why,
            'The image is damaged',
        ):
            self.assertIn(part, member.reason)
        # Nothing shrinks for instances that may not be there.
        self.assertEqual((6, 6, 0), self.counts_in_heat())

    def test_instances_of_a_group_in_a_nested_stack_count(self):
        self.berlin.move_group('web', layout.Layout.NESTED)
        member = self.grow()

        self.assertEqual(5, member.ready)
        self.assertIn('berlin has 5 of 6 instances ready', member.reason)
        self.assertEqual((5, 6, 0), self.counts_in_heat())

    def test_instances_of_a_group_that_is_not_found_are_unknown(self):
        self.berlin.move_group('web', layout.Layout.COMPUTED)
        member = self.grow()

        self.check_unknown(member, 'no group whose size is the parameter')
        self.assertEqual('ERROR', self.stack(self.stack_id).status)
        shown = views.stack(self.stack(self.stack_id))['members'][1]
        self.assertIsNone(shown['ready'])
        self.assertEqual([6, 0], members_db.totals(self.ctx)['berlin'])

    def test_they_stay_unknown_while_the_update_is_tried_again(self):
        self.berlin.move_group('web', layout.Layout.COMPUTED)
        self.grow()
        self.let_the_back_off_end()
        self.engine.reconcile()

        self.assertTrue(self.berlin.stack('web').in_progress)
        for _ in range(2):
            self.assertIsNone(self.member(self.stack_id, 'berlin').ready)
            self.engine.turn()

    def test_they_are_known_again_when_the_stack_is_complete(self):
        self.berlin.move_group('web', layout.Layout.COMPUTED)
        self.grow()
        stack = self.retry()

        self.assertEqual('ACTIVE', stack.status)
        self.assertEqual(6, self.member(self.stack_id, 'berlin').ready)
        self.assertEqual((4, 6, 0), self.counts_in_heat())

    def test_a_template_that_may_not_be_read_leaves_them_unknown(self):
        self.berlin.heat.fault = faults.answer(403).only(path='/template')
        member = self.grow()

        self.check_unknown(member, '403 Forbidden')
        self.assertEqual('UP', self.cloud_states()['berlin'])
        self.assertEqual('ACTIVE', self.retry().status)
