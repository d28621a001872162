# SPDX-License-Identifier: Apache-2.0
"""Whether there is room for a demand, and which limit says so."""

import datetime

from oslotest import base

from heat_spreader.planning import room

NOW = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)
SMALL, LARGE = room.Flavor(1, 2048), room.Flavor(8, 16384)


def demand(*parts):
    found = room.Demand()
    for part in parts:
        found.add(*part)
    return found


class TestDemand(base.BaseTestCase):
    def test_demands_of_stacks_are_added_up(self):
        self.assertEqual(
            room.Demand(7, 3 + 2 * 8, 3 * 2048 + 2 * 16384, 1),
            demand((3, SMALL), (2, LARGE), (2, None)),
        )


class TestEstimate(base.BaseTestCase):
    def estimate(self, demand, **free):
        """The estimate where that much is free; what is not given is endless.

        :returns: the limit, what is needed, free and lacking
        """
        by_name = {
            name: room.Limit(10, None if name not in free else 10 + free[name])
            for name in room.NAMES
        }
        found = room.estimate(demand, room.Limits(by_name, NOW))
        if found is None:
            return None
        self.assertEqual((demand.unknown, NOW), (found.unknown, found.read_at))
        return found.limit, found.needed, found.free, found.lacking

    def test_limit_that_is_used_up_first_is_shown(self):
        large = demand((3, LARGE))
        for free, expected in (
            ({'instances': 2, 'cores': 99}, ('instances', 3, 2, 1)),
            ({'instances': 9, 'cores': 20}, ('cores', 24, 20, 4)),
            ({'cores': 24, 'ram': 49000}, ('ram', 49152, 49000, 152)),
            ({'cores': 25, 'ram': 99999}, ('cores', 24, 25, 0)),
            # The one of which the larger part is lacking.
            ({'instances': 1, 'cores': 20}, ('instances', 3, 1, 2)),
        ):
            self.assertEqual(expected, self.estimate(large, **free), free)

    def test_used_up_limit_is_no_room(self):
        small = demand((4, SMALL))
        self.assertEqual(
            ('instances', 4, 0, 4), self.estimate(small, instances=-3)
        )
        self.assertEqual(
            ('cores', 4, 0, 4), self.estimate(small, instances=1, cores=0)
        )

    def test_instances_of_unknown_flavor_count_for_one_limit_only(self):
        both = demand((9, None), (1, SMALL))
        self.assertEqual(
            ('instances', 10, 12, 0),
            self.estimate(both, instances=12, cores=4),
        )
        self.assertEqual(('cores', 1, 4, 0), self.estimate(both, cores=4))

    def test_where_nothing_limits_there_is_no_estimate(self):
        self.assertIsNone(self.estimate(demand((9, SMALL))))
        self.assertIsNone(self.estimate(demand((9, None)), cores=1, ram=1))
