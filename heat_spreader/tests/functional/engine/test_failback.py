# SPDX-License-Identifier: Apache-2.0
"""Clouds come back to stacks whose failback a user orders."""

import datetime

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import text
from heat_spreader.tests.functional.engine import base


class FailbackTestCase(base.FailoverTestCase):
    wanted = {'failback': 'manual'}

    def lose_and_restore(self, *names):
        self.lose(*names)
        self.settled()
        self.restore(*names)

    def update(self, **values):
        return stacks_db.update(self.ctx, self.stack_id, values)

    def failed_over(self):
        return [
            m.cloud for m in self.stack(self.stack_id).members if m.failed_over
        ]


class TestManual(FailbackTestCase):
    def test_share_of_a_cloud_that_is_back_stays_spread_until_the_order(self):
        self.lose_and_restore('cairo')

        # What cairo still ran is removed: others have replaced it.
        self.assertEqual((7, 3, 0), self.settled())
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn(
            'Waits for failback: athens would get 6, berlin 2 and cairo 2.',
            stack.status_reason,
        )
        self.assertEqual('WAITING', stack.members[2].state)
        self.assertIn('waits for failback', stack.members[2].reason)

        self.update(failback_now=True)

        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)
        self.assertEqual([], self.failed_over())

    def test_ready_capacity_never_falls_below_the_total(self):
        self.lose_and_restore('cairo')
        self.engine.turn()
        # Heat is still removing the two; the others have all ten.
        self.assertEqual((7, 3, 0), self.counts_in_heat())
        self.assertEqual(
            10,
            sum(
                self.clouds[n].really_ready('web')
                for n in ('athens', 'berlin')
            ),
        )
        self.finish()
        self.settled()

        self.update(failback_now=True)
        self.engine.turn()

        # The others keep theirs until cairo has its two.
        self.assertEqual((7, 3, 2), self.counts_in_heat())
        self.assertEqual(10, self.ready_in_heat())

    def test_nothing_is_removed_before_the_others_are_ready(self):
        self.lose('cairo')
        self.engine.turn()
        self.restore('cairo')
        self.engine.turn()

        self.assertEqual((7, 3, 2), self.counts_in_heat())
        self.assertEqual([], self.clouds['cairo'].patches)

    def test_another_engine_waits_as_well(self):
        self.lose('cairo')
        self.settled()
        self.let_the_surveys_grow_old()
        self.engine = self.start_engine('test:2')
        self.restore('cairo')

        self.assertEqual((7, 3, 0), self.settled())
        self.assertEqual('WAITING', self.member(self.stack_id, 'cairo').state)

    def test_new_count_is_spread_over_the_others(self):
        self.lose_and_restore('cairo')
        self.settled()

        self.update(count=20)

        self.assertEqual((14, 6, 0), self.settled())
        self.assertEqual(['cairo'], self.failed_over())

    def test_second_outage_needs_no_second_order(self):
        self.lose_and_restore('cairo')
        self.settled()
        self.lose_and_restore('cairo')
        self.assertEqual((7, 3, 0), self.settled())

        self.update(failback_now=True)

        self.assertEqual((6, 2, 2), self.settled())

    def test_automatic_failback_ends_the_wait(self):
        self.lose_and_restore('cairo')
        self.settled()

        self.update(failback='auto')

        self.assertEqual([], self.failed_over())
        self.assertEqual((6, 2, 2), self.settled())

    def test_order_does_not_count_for_a_cloud_that_is_not_back(self):
        self.lose_and_restore('berlin')
        self.settled()
        self.lose('cairo')
        self.assertEqual((10, 0, 3), self.settled())

        self.update(failback_now=True)

        self.assertEqual(['cairo'], self.failed_over())
        self.assertEqual((7, 3, 3), self.settled())
        self.restore('cairo')
        self.assertEqual((7, 3, 0), self.settled())

    def test_order_is_refused_while_the_cloud_is_not_back(self):
        self.lose('cairo')
        self.settled()
        generation = self.stack(self.stack_id).generation

        exc = self.assertRaises(
            exception.NothingWaits, self.update, failback_now=True, count=11
        )

        self.assertIn('not back yet: cairo', str(exc))
        stack = self.stack(self.stack_id)
        self.assertEqual((generation, 10), (stack.generation, stack.count))

    def test_missing_stack_is_no_outage_and_does_not_wait(self):
        self.clouds['cairo'].delete('web')
        self.assertEqual((7, 3), self.settled_others())
        self.clouds['cairo'].add_stack('web', 2)

        self.assertEqual((6, 2, 2), self.settled())

    def settled_others(self):
        self.settle(self.stack_id)
        return tuple(
            self.clouds[n].stack('web').count for n in ('athens', 'berlin')
        )

    def test_outage_of_all_clouds_leaves_nothing_to_wait_for(self):
        before = self.patches()
        self.lose(*base.NAMES)
        self.engine.turn()

        self.restore(*base.NAMES)

        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual(before, self.patches())

    def test_events_show_the_wait_and_the_order(self):
        self.lose_and_restore('cairo')
        self.settled()
        self.update(failback_now=True)

        [wait] = [
            event
            for event in self.events_of(self.stack_id, 'MEMBER_STATE')
            if event.details['changes']['state'][1] == 'WAITING'
        ]
        self.assertEqual('cairo', wait.cloud)
        self.assertIn('cairo waits for failback', wait.message)
        patch = self.events_of(self.stack_id, 'MEMBER_PATCHED')[-1]
        self.assertIn(
            'cairo: 2 -> 0 because others have replaced it, and it waits for '
            'failback.',
            patch.message,
        )
        order = self.events_of(self.stack_id)[-1]
        self.assertEqual('STACK_CHANGED', order.kind)
        self.assertEqual(
            'Changed by the user u: failback of cairo waiting -> now.',
            order.message,
        )


class TestDelay(base.FailoverTestCase):
    health = {'failback_delay': 3600.0}

    def test_automatic_failback_is_held_back_and_the_cloud_says_until_when(
        self,
    ):
        self.lose('cairo')
        self.settled()

        self.restore('cairo', surveys=5)

        self.assertEqual((7, 3, 2), self.settled())
        self.assertEqual('RECOVERING', self.cloud_states()['cairo'])
        cloud = snapshot.clouds(self.ctx, self.configuration.conf)['cairo']
        until = cloud.since + datetime.timedelta(hours=1)
        self.assertIn(
            f'failback_delay holds it until {text.time(until)}.', cloud.reason
        )
