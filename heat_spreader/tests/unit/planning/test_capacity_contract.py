# SPDX-License-Identifier: Apache-2.0
"""Stacks in clouds of random capacities: what must always hold."""

import datetime
import fractions
import itertools
import random

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader.tests.unit.planning import capacities
from heat_spreader.tests.unit.planning import strategies

HOUR = datetime.timedelta(hours=1)
WAYS = ('fails', 'rolls back', 'rejects')
# How many tries there are in that many hours, of which each is two updates.
TRIES = {1: 3, 4: 9}


@st.composite
def worlds(draw, ways=WAYS, scattered=False):
    """A world of two to four clouds, with what is there before."""
    number = draw(st.integers(2, 4))
    cuts = draw(st.lists(st.integers(0, 10), min_size=3, max_size=3))
    cuts = [0, *sorted(cuts[: number - 1]), 10]
    rooms = st.lists(st.integers(0, 14), min_size=8, max_size=8)
    rooms, there = draw(rooms), draw(rooms)
    kinds = draw(st.lists(st.sampled_from(ways), min_size=4, max_size=4))
    places = []
    for index, (low, high) in enumerate(itertools.pairwise(cuts)):
        count = min(rooms[index], there[index])
        places.append(
            capacities.Place(
                capacities.NAMES[index],
                fractions.Fraction(high - low, 10),
                rooms[index],
                way=kinds[index],
                scattered=scattered,
                count=count,
                before=count,
                there=set(range(count)),
                chance=random.Random(there[index]),
            )
        )
    return capacities.World(draw(st.integers(0, 20)), places)


class TestCapacityContract(base.BaseTestCase):
    def run_for(self, world, hours, may_lose=False):
        """Let that much time pass; check what must hold at each step."""
        end = world.now + hours * HOUR
        for _ in range(1000):
            if world.now >= end:
                break
            before = world.ready
            world.step()
            if not may_lose:
                self.assertGreaterEqual(world.ready, min(before, world.count))
            if world.is_quiet:
                world.skip(end)
        else:
            self.fail('It never comes to rest.')

    def check_total(self, world):
        """All that there is room for is there, and nothing beyond it."""
        room = sum(place.room for place in world.places.values())
        there = sum(place.ready for place in world.places.values())
        self.assertEqual(min(world.count, room), there)
        met = there == world.count
        wanted = ('ACTIVE', 'DEGRADED') if met else ('ERROR',)
        self.assertIn(world.planned.status, wanted)
        for place in world.places.values():
            self.assertNotIn('FAILED', place.status)

    def run_and_check(self, world, may_lose=False):
        self.run_for(world, 1, may_lose)
        self.check_total(world)
        before = {p.name: p.updates for p in world.places.values()}
        self.run_for(world, 4, may_lose)
        self.check_total(world)
        for place in world.places.values():
            # Neither does it grow, fail and move back more often than it
            # tries whether there is room.
            sent = place.updates - before[place.name]
            self.assertLessEqual(sent, 2 * TRIES[4])

    @hypothesis.settings(strategies.CONTRACT, max_examples=150)
    @hypothesis.given(worlds())
    def test_the_total_is_met_whenever_the_capacities_allow_it(self, world):
        self.run_and_check(world)

    @hypothesis.settings(strategies.CONTRACT, max_examples=50)
    @hypothesis.given(worlds(['fails'], scattered=True))
    def test_it_is_met_whichever_instances_are_missing(self, world):
        # Heat may remove an instance that is ready: no plan can know that.
        self.run_and_check(world, may_lose=True)

    @hypothesis.settings(strategies.CONTRACT, max_examples=100)
    @hypothesis.given(
        worlds(), st.lists(st.integers(0, 9), min_size=4, max_size=4)
    )
    def test_it_is_met_when_room_comes(self, world, more):
        self.run_for(world, 1)
        for place, number in zip(world.places.values(), more, strict=False):
            place.room += number
        self.run_and_check(world)

    @hypothesis.settings(strategies.CONTRACT, max_examples=100)
    @hypothesis.given(worlds(), st.integers(0, 20))
    def test_it_is_met_when_another_total_is_asked_for(self, world, count):
        self.run_for(world, 1)
        world.count = count
        self.run_and_check(world)
