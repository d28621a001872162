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
    return room.Limits({'instances': room.Limit(used, maximum)}, NOW)


class TestOutage(base.BaseTestCase):
    def outages(self, *stacks, freezing=frozenset(), named=10):
        names = ('athens', 'berlin')
        return outage.of_clouds(names, stacks, NOW, freezing, named)

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

        self.assertEqual(
            {'berlin': outage.Estimate(5, 7, NOW)},
            found.estimates({'berlin': limits(35, 40)}),
        )
        self.assertEqual(
            {'berlin': outage.Estimate(12, 0, NOW)},
            found.estimates({'berlin': limits(0, 12)}),
        )

    def test_used_up_limit_is_no_room_and_no_limit_is_no_estimate(self):
        found = self.outages(*self.stacks(1))['athens']

        self.assertEqual(
            {'berlin': outage.Estimate(0, 4, NOW)},
            found.estimates({'berlin': limits(12, 10)}),
        )
        self.assertEqual({}, found.estimates({'berlin': limits(12, None)}))
        self.assertEqual({}, found.estimates({}))


def _size(found):
    return found.stacks, found.instances


def _harm(found):
    return found.unplaced, found.harmed
