# SPDX-License-Identifier: Apache-2.0
"""What the states of clouds and of Heat stacks mean for a member."""

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import rules
from heat_spreader.tests.unit.planning import stories

UP, DOWN = states.Declared
ENABLED, CORDONED, DRAINING, DRAINED = states.AdminState


class TestRules(base.BaseTestCase):
    def test_every_condition_of_a_cloud_has_a_rule(self):
        number = len(states.CloudState) * 3 * len(states.AdminState)
        self.assertEqual(number, len(rules.RULES))
        for state in states.CloudState:
            self.assertEqual(
                rules.OBSERVED[state], facts.Cloud('a', state).rule
            )

    def test_nothing_is_sent_where_the_share_cannot_be_set(self):
        for rule in rules.RULES.values():
            if not rule.share.settable:
                self.assertFalse(rule.changeable)

    def test_untrusted_instances_let_nothing_shrink(self):
        for state in ('SUSPECT', 'UNKNOWN', 'DOWN', 'RECOVERING'):
            rule = rules.OBSERVED[states.CloudState(state)]
            self.assertIsNot(rules.Ready.COUNTS, rule.ready)

    def test_no_order_lets_a_cloud_grow_or_makes_its_instances_count(self):
        for (state, declared, order), rule in rules.RULES.items():
            enabled = rules.RULES[state, declared, ENABLED]
            self.assertEqual(enabled.ready, rule.ready)
            self.assertEqual(enabled.shrink, rule.shrink)
            self.assertEqual(enabled.grow and order is ENABLED, rule.grow)

    def test_weight_of_a_drained_cloud_is_spread_in_every_state(self):
        for (_, _, order), rule in rules.RULES.items():
            self.assertEqual(
                order in (DRAINING, DRAINED),
                rule.share in (rules.Share.DRAINED, rules.Share.REPLACED),
            )

    def test_cloud_declared_down_is_down_whatever_the_surveys_find(self):
        for state in states.CloudState:
            for order in (ENABLED, CORDONED):
                self.assertEqual(
                    rules.OBSERVED[states.CloudState.DOWN],
                    rules.RULES[state, DOWN, order],
                )

    def test_cloud_declared_up_is_held_where_the_surveys_do_not_reach_it(self):
        held = rules.OBSERVED[states.CloudState.UNSEEN]
        for state in states.CloudState:
            rule = rules.RULES[state, UP, ENABLED]
            if state is states.CloudState.UP:
                self.assertEqual(rules.OBSERVED[state], rule)
            else:
                self.assertEqual(held, rule)


class TestShare(base.BaseTestCase):
    def assert_share(self, share, **known):
        member = stories.member('athens', '1', known.pop('count', 3), **known)
        self.assertIs(share, member.share)

    def test_healthy_member_keeps_its_share(self):
        self.assert_share(rules.Share.OWN)
        self.assert_share(rules.Share.OWN, read=False)

    def test_share_of_a_missing_stack_is_spread(self):
        self.assert_share(rules.Share.SPREAD, id=None)
        self.assert_share(rules.Share.SPREAD, status='DELETE_IN_PROGRESS')
        self.assert_share(rules.Share.SPREAD, count=None)

    def test_member_that_heat_cannot_change_is_held(self):
        self.assert_share(rules.Share.HELD, rejection='no')
        self.assert_share(rules.Share.HELD, status='SUSPEND_COMPLETE')

    def test_missing_permission_takes_precedence(self):
        self.assert_share(rules.Share.HELD, allowed=False, cloud_state='DOWN')

    def test_state_of_the_cloud_takes_precedence_over_that_of_the_stack(self):
        self.assert_share(rules.Share.SPREAD, cloud_state='DOWN', rejection='')
        self.assert_share(
            rules.Share.HELD, cloud_state='UNAUTHORIZED', id=None
        )
        self.assert_share(
            rules.Share.HELD, cloud_state='MISCONFIGURED', id=None
        )
        self.assert_share(rules.Share.HELD, cloud_state='UNSEEN', id=None)

    def test_drain_is_not_undone_by_what_stops_the_member(self):
        for known in ({'rejection': 'no'}, {'status': 'SUSPEND_COMPLETE'}):
            self.assert_share(
                rules.Share.DRAINED, admin_state='DRAINING', **known
            )
        self.assert_share(
            rules.Share.REPLACED, admin_state='DRAINING', id=None
        )

    def test_cordoned_member_keeps_what_is_there(self):
        def keeps(**known):
            return stories.member('athens', '1', 3, **known).keeps

        self.assertEqual(3, keeps())
        self.assertEqual(3, keeps(status='UPDATE_IN_PROGRESS', ready=1))
        self.assertEqual(1, keeps(status='UPDATE_FAILED', ready=1))
        self.assertEqual(3, keeps(status='UPDATE_FAILED', ready=None))
        self.assertIsNone(keeps(read=False))


class TestSettle(base.BaseTestCase):
    def settle(self, status, count, settled_count=None, completed=0):
        heat = facts.HeatStack(id='id', status=status, count=count)
        heat = facts.settle(heat, settled_count, completed)
        return heat.ready, heat.settled_count

    def test_complete_stack_has_its_count_ready(self):
        self.assertEqual((6, 6), self.settle('UPDATE_COMPLETE', 6, 2))

    def test_stack_in_progress_has_the_smaller_count_ready(self):
        self.assertEqual((2, 2), self.settle('UPDATE_IN_PROGRESS', 6, 2))
        self.assertEqual((4, 6), self.settle('UPDATE_IN_PROGRESS', 4, 6))

    def test_what_is_ready_is_unknown_until_the_stack_is_complete(self):
        self.assertEqual((None, None), self.settle('CREATE_IN_PROGRESS', 6))

    def test_failed_stack_has_ready_what_is_complete_in_its_group(self):
        self.assertEqual(
            (3, 3), self.settle('UPDATE_FAILED', 6, 6, completed=3)
        )
        # Instances that are being removed are more than the count.
        self.assertEqual(
            (4, 4), self.settle('UPDATE_FAILED', 4, 6, completed=6)
        )

    def test_what_is_ready_of_a_failed_stack_may_be_unknown(self):
        self.assertEqual(
            (None, None), self.settle('UPDATE_FAILED', 6, 6, completed=None)
        )
        self.assertEqual(
            (6, 6), self.settle('UPDATE_COMPLETE', 6, completed=None)
        )

    def test_only_a_failed_stack_has_a_reason_why_it_is_unknown(self):
        for status, problem in (('UPDATE_FAILED', 'no'), ('A_COMPLETE', '')):
            heat = facts.HeatStack(id='id', status=status, count=6)
            heat = facts.settle(heat, 6, None, 'no')
            self.assertEqual(problem, heat.ready_problem)

    def test_what_is_unknown_is_nothing_for_others_and_all_to_remove(self):
        heat = facts.HeatStack(id='id', count=6, ready=None)
        self.assertEqual((0, 6), (heat.ready_for_others, heat.ready_at_most))
        heat = facts.HeatStack(id='id', count=6, ready=4)
        self.assertEqual((4, 4), (heat.ready_for_others, heat.ready_at_most))

    def test_stack_that_is_suspended_or_deleted_has_nothing_ready(self):
        for status in ('SUSPEND_COMPLETE', 'DELETE_IN_PROGRESS'):
            self.assertEqual((0, 0), self.settle(status, 6, 6))
