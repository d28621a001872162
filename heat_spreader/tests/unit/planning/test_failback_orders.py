# SPDX-License-Identifier: Apache-2.0
"""A cloud that waits for failback, and what is ordered for it as well."""

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, updates, targets = stories.member, stories.updates, stories.targets
member_states = stories.member_states


def planned(counts=(7, 3, 0), failed_over=True, limits=(0, None), **known):
    """The plan of a stack with manual failback; what is known of cairo."""
    others = [
        member(cloud, weight, count, limits=limits)
        for cloud, weight, count in zip(
            ('athens', 'berlin'), ('0.6', '0.2'), counts, strict=False
        )
    ]
    cairo = member('cairo', '0.2', counts[2], failed_over=failed_over, **known)
    return plan.make(stories.stack(*others, cairo, failback='manual'), NOW)


def failed_over(made):
    return [m.cloud for m in made.members if m.failed_over]


class TestDrained(base.BaseTestCase):
    def test_drain_comes_first_and_the_cloud_waits_after_it(self):
        drained = planned(admin_state='DRAINING')
        self.assertEqual('DRAINED', member_states(drained)['cairo'])
        self.assertEqual('ACTIVE', drained.status)
        self.assertEqual(['cairo'], failed_over(drained))

        after = planned()
        self.assertEqual(targets(drained), targets(after))
        self.assertEqual({}, updates(after))
        self.assertEqual('WAITING', member_states(after)['cairo'])

    def test_drain_places_nothing_there_that_fits_nowhere_else(self):
        full = {'counts': (4, 4, 0), 'limits': (0, 4)}

        self.assertEqual({'cairo': (0, 2)}, updates(planned(**full)))
        self.assertEqual({}, updates(planned(**full, admin_state='DRAINING')))

    def test_outage_of_a_drained_cloud_leaves_nothing_to_wait_for(self):
        made = planned(
            failed_over=False, admin_state='DRAINED', cloud_state='DOWN'
        )

        self.assertEqual([], failed_over(made))


class TestCordoned(base.BaseTestCase):
    def test_cloud_waits_and_gets_nothing_more(self):
        made = planned((4, 4, 1), limits=(0, 4), admin_state='CORDONED')

        self.assertEqual({}, updates(made))
        self.assertEqual(1, targets(made)['cairo'])
        self.assertEqual(1, made.unplaced)
        self.assertIn('waits for failback', made.members[2].reason)

    def test_what_others_have_replaced_is_removed(self):
        made = planned((7, 3, 2), admin_state='CORDONED')

        self.assertEqual({'cairo': (2, 0)}, updates(made))

    def test_nothing_shrinks_for_what_only_it_could_take(self):
        made = planned((6, 4, 0), limits=(0, 4), admin_state='CORDONED')

        self.assertEqual({}, updates(made))

    def test_failback_would_not_lift_the_cordon(self):
        made = planned(admin_state='CORDONED')

        self.assertEqual('WAITING', member_states(made)['cairo'])
        self.assertIn('would change no target', made.status_reason)

    def test_outage_of_a_cordoned_cloud_makes_it_wait(self):
        made = planned(
            (6, 2, 2),
            failed_over=False,
            admin_state='CORDONED',
            cloud_state='DOWN',
        )

        self.assertEqual(['cairo'], failed_over(made))


class TestDeclared(base.BaseTestCase):
    def test_cloud_that_was_declared_down_waits_afterwards(self):
        made = planned((6, 2, 2), failed_over=False, declared='DOWN')

        self.assertEqual({'athens': (6, 7), 'berlin': (2, 3)}, updates(made))
        self.assertEqual(['cairo'], failed_over(made))
        self.assertEqual('UNREACHABLE', member_states(made)['cairo'])

    def test_share_stays_spread_where_the_cloud_is_declared_up(self):
        made = planned((7, 3, 2), declared='UP', cloud_state='DOWN')

        self.assertEqual({}, updates(made))
        self.assertEqual({'athens': 7, 'berlin': 3, 'cairo': 0}, targets(made))
        self.assertEqual(['cairo'], failed_over(made))

    def test_outage_that_is_declared_none_makes_nothing_wait(self):
        made = planned(
            (6, 2, 2), failed_over=False, declared='UP', cloud_state='DOWN'
        )

        self.assertEqual({}, updates(made))
        self.assertEqual([], failed_over(made))


class TestOwner(base.BaseTestCase):
    def test_drain_by_the_owner_comes_first_too(self):
        made = planned(order={'admin_state': 'DRAINING'})

        self.assertEqual('DRAINED', member_states(made)['cairo'])
        self.assertEqual(['cairo'], failed_over(made))
