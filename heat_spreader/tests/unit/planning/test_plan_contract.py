# SPDX-License-Identifier: Apache-2.0
"""Plans carried out in a small world: what must hold at every update."""

import dataclasses
import datetime
import fractions

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import specification
from heat_spreader.tests.unit.planning import strategies

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
NAMES = ('athens', 'berlin', 'cairo')
QUIET = 400


@dataclasses.dataclass
class Place:
    """A stack in one cloud as it really is.

    ``hides``: how many of its instances are ready is unknown if it failed.
    ``silent``: it does not answer updates; ``lost``: nor act on them. ``seen``
    is what is known of it while an update is not answered. ``order`` is what
    an administrator orders.
    """

    count: int
    ready: int
    weight: fractions.Fraction
    state: str = 'UP'
    status: str = 'UPDATE_COMPLETE'
    fails: bool = False
    hides: bool = False
    silent: bool = False
    lost: bool = False
    seen: facts.HeatStack | None = None
    settled: int = 0
    failures: int = 0
    retry_at: datetime.datetime | None = None
    order: str = 'ENABLED'

    def work(self):
        """Heat makes one more, or takes one away, or is done."""
        if self.status != 'UPDATE_IN_PROGRESS':
            return
        if self.ready > self.count:
            self.ready -= 1
        elif self.ready < self.count and not self.fails:
            self.ready += 1
        else:
            failed = self.ready != self.count
            self.status = 'UPDATE_FAILED' if failed else 'UPDATE_COMPLETE'
            self.settled = self.ready


class World:
    """Clouds, and an engine that reads them as surveys would."""

    def __init__(self, test, count, weights):
        self.test = test
        self.count = count
        self.now = START
        self.places = {
            name: Place(0, 0, weight)
            for name, weight in zip(NAMES, weights, strict=True)
        }

    def stack(self):
        members = tuple(self.member(name) for name in self.places)
        return facts.Stack(
            id='id',
            specification=specification.Specification(
                name='web',
                stack_name='web',
                count_parameter='size',
                count=self.count,
                parts=tuple(member.part for member in members),
            ),
            members=members,
        )

    def member(self, name):
        p = self.places[name]
        ready = p.ready
        if p.status.endswith('PROGRESS'):
            ready = min(p.ready, p.settled, p.count)
        elif p.status.endswith('FAILED') and p.hides:
            ready = None
        heat = facts.HeatStack(
            id=name, status=p.status, count=p.count, ready=ready
        )
        return facts.Member(
            stack_id='id',
            stack_name='web',
            count_parameter='size',
            cloud=facts.Cloud(
                name,
                states.CloudState(p.state),
                START,
                use=facts.Use(states.AdminState(p.order)),
            ),
            part=specification.Part(name, p.weight),
            heat=p.seen or heat,
            unanswered=p.seen is not None,
            failures=p.failures,
            retry_at=p.retry_at,
        )

    def total(self):
        quota = self.count * sum(p.weight for p in self.places.values())
        return min(self.count, -(-quota.numerator // quota.denominator))

    def reachable(self):
        return [p for p in self.places.values() if p.state == 'UP']

    def step(self):
        """Plan and act once, then let Heat work a little everywhere."""
        self.now += datetime.timedelta(seconds=1)
        frozen = None if self.reachable() else 'No cloud is reachable.'
        planned = plan.make(self.stack(), self.now, frozen)
        for member in planned.members:
            place = self.places[member.cloud]
            if not place.silent:
                place.seen = None
            place.failures = member.back_off.failures
            place.retry_at = member.back_off.retry_at
        for update in planned.updates:
            self.receive(update)
        for place in self.places.values():
            place.work()
        return planned

    def receive(self, update):
        """An update as Heat gets it, with all that must hold then."""
        place = self.places[update.cloud]
        self.test.assertEqual('UP', place.state)
        self.test.assertFalse(place.status.endswith('_IN_PROGRESS'))
        self.test.assertIsNone(place.seen)
        if place.order != 'ENABLED':
            self.test.assertLessEqual(update.new, place.count)
        loss = max(0, min(place.ready, place.count) - update.new)
        if loss:
            # Counted as Heat will continue: what is shrinking elsewhere is
            # gone already.
            there = sum(min(p.ready, p.count) for p in self.reachable())
            self.test.assertGreaterEqual(there - loss, self.total())
        if place.silent:
            known = self.member(update.cloud).heat
            place.seen = dataclasses.replace(
                known, ready=facts.at_most(known.ready, update.new)
            )
            if place.lost:
                return
        place.count = update.new
        place.status = 'UPDATE_IN_PROGRESS'
        place.retry_at = None


STATES = ('state', 'order', 'fails', 'hides', 'silent', 'lost')
CHANGES = st.one_of(
    st.tuples(st.just('count'), st.integers(0, 30)),
    st.tuples(st.just('weights'), st.integers(0, 10), st.integers(0, 10)),
    st.tuples(
        st.just('state'),
        st.sampled_from(NAMES),
        st.sampled_from(['UP', 'DOWN', 'SUSPECT', 'RECOVERING']),
    ),
    st.tuples(
        st.sampled_from(['fails', 'hides', 'silent', 'lost']),
        st.sampled_from(NAMES),
        st.booleans(),
    ),
    st.tuples(st.just('rest'), st.integers(1, 30)),
    st.tuples(
        st.just('order'),
        st.sampled_from(NAMES),
        st.sampled_from(['ENABLED', 'CORDONED', 'DRAINING']),
    ),
)


class TestPlanContract(base.BaseTestCase):
    def change(self, world, kind, *values):
        if kind == 'count':
            world.count = values[0]
        elif kind == 'weights':
            low, high = sorted(values)
            shares = (low, high - low, 10 - high)
            for place, share in zip(
                world.places.values(), shares, strict=True
            ):
                place.weight = fractions.Fraction(share, 10)
        elif kind in STATES:
            setattr(world.places[values[0]], kind, values[1])
        else:
            for _ in range(values[0]):
                world.step()
        world.step()

    @hypothesis.settings(strategies.CONTRACT, max_examples=2_000)
    @hypothesis.given(st.lists(CHANGES, min_size=1, max_size=12))
    def test_capacity_never_falls_below_the_total_and_targets_are_reached(
        self, changes
    ):
        tenths = [fractions.Fraction(n, 10) for n in (6, 2, 2)]
        world = World(self, 10, tenths)
        for change in changes:
            self.change(world, *change)
        for place in world.places.values():
            place.state, place.fails, place.hides = 'UP', False, False
            place.silent, place.order = False, 'ENABLED'
        for _ in range(QUIET):
            planned = world.step()
            if planned.status == 'ACTIVE':
                break

        self.assertEqual('ACTIVE', planned.status)
        for member in planned.members:
            place = world.places[member.cloud]
            self.assertEqual((member.target,) * 2, (place.count, place.ready))
        self.assertEqual(
            world.total(), sum(p.ready for p in world.reachable())
        )
