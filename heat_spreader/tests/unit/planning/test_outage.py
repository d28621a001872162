# SPDX-License-Identifier: Apache-2.0
"""What the loss of a cloud would do to all stacks, and if there is room."""

import dataclasses

from oslotest import base

from heat_spreader.planning import outage
from heat_spreader.planning import room
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member = stories.member


def limits(used, maximum):
    endless = dict.fromkeys(room.NAMES, room.Limit(0, None))
    return room.Limits(
        {**endless, 'instances': room.Limit(used, maximum)}, NOW
    )


class TestOutage(base.BaseTestCase):
    def outages(self, *stacks, freezing=frozenset(), named=10, flavors=None):
        names = ('athens', 'berlin')
        return outage.of_clouds(
            names, stacks, NOW, freezing, named, flavors or {}
        )

    def stacks(self, number, **known):
        one = stories.stack(
            member('athens', '0.6', 6),
            member('berlin', '0.4', 4, limits=(0, 8)),
            **known,
        )
        return [dataclasses.replace(one, id=f'{i}') for i in range(number)]

    def test_losses_of_stacks_are_added_up(self):
        found = self.outages(*self.stacks(3))

        self.assertEqual({'berlin': 12}, found['athens'].moves)
        self.assertEqual((3, 18), _size(found['athens']))
        self.assertEqual((6, 3), _harm(found['athens']))
        self.assertEqual((0, 0), _harm(found['berlin']))
        self.assertEqual({'athens': 12}, found['berlin'].moves)

    def test_only_the_first_stacks_are_named(self):
        found = self.outages(*self.stacks(3), named=2)['athens']

        self.assertEqual(
            [outage.Harm('0', 'web', 2), outage.Harm('1', 'web', 2)],
            found.harms,
        )
        self.assertEqual((6, 3), _harm(found))

    def test_paused_stack_is_lost_and_freezes_no_other(self):
        found = self.outages(*self.stacks(1), *self.stacks(1, paused=True))

        self.assertEqual((8, 2), _harm(found['athens']))
        self.assertFalse(found['athens'].frozen)

    def test_estimate_compares_the_sum_with_the_room(self):
        found = self.outages(*self.stacks(3))['athens']

        for limit, lacking in ((limits(35, 40), 7), (limits(0, 12), 0)):
            estimate = found.estimates({'berlin': limit})['berlin']
            self.assertEqual(('instances', 12), _needed(estimate))
            self.assertEqual(
                (lacking, 3), (estimate.lacking, estimate.unknown)
            )

    def test_flavor_is_that_of_the_member_that_would_grow(self):
        flavors = {
            ('0', 'athens'): room.Flavor(100, 1),
            ('0', 'berlin'): room.Flavor(4, 1),
            ('1', 'berlin'): room.Flavor(2, 1),
            ('9', 'berlin'): room.Flavor(100, 1),
        }
        found = self.outages(*self.stacks(3), flavors=flavors)['athens']

        self.assertEqual(
            {'berlin': room.Demand(12, 4 * 4 + 4 * 2, 8, 1)}, found.demands
        )

    def test_cloud_without_limits_has_no_estimate(self):
        found = self.outages(*self.stacks(1))['athens']

        self.assertEqual({}, found.estimates({'berlin': limits(12, None)}))
        self.assertEqual({}, found.estimates({}))


def _needed(estimate):
    return estimate.limit, estimate.needed


def _size(found):
    return found.stacks, found.instances


def _harm(found):
    return found.unplaced, found.harmed
