# SPDX-License-Identifier: Apache-2.0
"""What is read after a drill, and drains that the owner of a stack orders."""

from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.engine import test_orders

MINUTE = test_orders.MINUTE


class TestDrill(test_orders.OrdersTestCase):
    def drill(self, name='cairo'):
        until = models.utcnow() + 30 * MINUTE
        self.order(name, 'DRAINING', until, drill=True)

    def end(self):
        """The message that ends the drill."""
        self.pass_time(31)
        self.settled()
        return self.story()[-1]

    def test_drill_that_the_others_carry_says_how_long_it_took(self):
        self.drill()
        self.engine.turn()
        self.pass_time(2)
        self.assertEqual((7, 3, 0), self.settled())

        self.assertRegex(
            self.end(),
            r'from DRAINED to ENABLED: the time that the user u ordered is '
            r'over\. The drill has ended: the others carried it after 2 min'
            r'( \d+ s)?, nothing was unplaced, and ready capacity never went '
            r'below the total\.$',
        )
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_drill_shows_what_has_no_place(self):
        limits = {'athens': {'max_count': 6}, 'berlin': {'max_count': 3}}
        stacks_db.update(self.ctx, self.stack_id, {'members': limits})
        self.settled()
        self.drill()
        self.assertEqual((6, 3, 1), self.settled())

        self.assertIn('1 of 1 stack were unplaced, and ready', self.end())
        self.assertEqual((6, 2, 2), self.counts_in_heat())

    def test_drill_shows_that_capacity_was_missing_for_a_moment(self):
        self.drill()
        self.assertEqual((7, 3, 0), self.settled())
        # Something else removes instances, and the engine sets it back.
        self.clouds['berlin'].update('web', 1)
        self.clouds['berlin'].finish('web')
        self.assertEqual((7, 3, 0), self.settled())

        self.assertIn('went below the total by 2 of 1 stack.', self.end())

    def test_drill_that_an_administrator_ends_is_reported_too(self):
        self.drill()
        self.engine.turn()
        self.order('cairo', 'ENABLED')

        self.assertIn(
            'kernel update. The drill has ended: the others never carried '
            'all of it, nothing was unplaced, and ready capacity never',
            self.story()[-1],
        )

    def test_next_drill_forgets_the_last_one(self):
        limits = {'berlin': {'max_count': 2}, 'athens': {'max_count': 7}}
        stacks_db.update(self.ctx, self.stack_id, {'members': limits})
        self.drill()
        self.settled()
        self.assertIn('1 of 1 stack were unplaced', self.end())

        # It ends before a pass has seen anything.
        until = models.utcnow() + 90 * MINUTE
        self.order('cairo', 'DRAINING', until, drill=True)
        self.order('cairo', 'ENABLED')
        self.assertIn('nothing was unplaced', self.story()[-1])

    def test_drain_that_is_no_drill_has_no_report(self):
        self.order('cairo', 'DRAINING', models.utcnow() + 30 * MINUTE)
        self.settled()

        self.assertNotIn('drill', self.end())


class TestOwner(test_orders.OrdersTestCase):
    def test_window_of_a_member_begins_and_ends_by_itself(self):
        now = models.utcnow()
        order = {
            'admin_state': states.AdminState.DRAINING,
            'admin_from': now + 40 * MINUTE,
            'admin_until': now + 80 * MINUTE,
            'admin_reason': 'too slow',
        }
        stacks_db.update(
            self.ctx, self.stack_id, {'members': {'cairo': order}}
        )
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual(0, self.engine.reconcile())

        self.pass_time(41)
        self.assertEqual((7, 3, 0), self.settled())
        self.assertIn(
            'cairo has been drained since',
            self.stack(self.stack_id).status_reason,
        )
        self.assertEqual('ENABLED', self.row('cairo').admin_state)

        self.pass_time(41)
        self.assertEqual((6, 2, 2), self.settled())
