# SPDX-License-Identifier: Apache-2.0
"""Outages and returns with manual failback: what must hold at all times."""

import dataclasses

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import failback
from heat_spreader.planning import plan
from heat_spreader.planning import spread
from heat_spreader.tests.unit.planning import strategies
from heat_spreader.tests.unit.planning import test_plan_contract as contract

CHANGES = st.one_of(
    st.tuples(st.just('count'), st.integers(1, 30)),
    st.tuples(st.just('weights'), st.integers(0, 10), st.integers(0, 10)),
    st.tuples(
        st.just('state'),
        st.sampled_from(contract.NAMES),
        st.sampled_from(['UP', 'DOWN', 'SUSPECT', 'RECOVERING']),
    ),
    st.tuples(
        st.just('limit'), st.sampled_from(contract.NAMES), st.integers(0, 10)
    ),
    st.tuples(
        st.just('fails'), st.sampled_from(contract.NAMES), st.booleans()
    ),
    st.tuples(st.just('order')),
    st.tuples(st.just('rest'), st.integers(1, 30)),
)


class World(contract.World):
    """The same, where a failback must be ordered."""

    def __init__(self, test, count, weights):
        super().__init__(test, count, weights)
        self.failed_over = set()
        self.limits = {}

    def stack(self):
        made = super().stack()
        wanted = dataclasses.replace(
            made.specification,
            failback=states.Failback.MANUAL,
            parts=tuple(m.part for m in made.members),
        )
        return dataclasses.replace(made, specification=wanted)

    def member(self, name):
        made = super().member(name)
        part = dataclasses.replace(made.part, max_count=self.limits.get(name))
        return dataclasses.replace(
            made, part=part, failed_over=name in self.failed_over
        )

    def total(self):
        # What fits nowhere cannot be there either. The plan ends a wait for
        # nothing before it spreads.
        stack = failback.without_needless(self.stack())
        shares = {m.cloud.name: m.share for m in stack.members}
        return super().total() - spread.of_stack(stack, shares).unplaced

    def step(self):
        planned = super().step()
        self.failed_over = {m.cloud for m in planned.members if m.failed_over}
        return planned

    def is_quiet(self):
        return all(
            place.status == 'UPDATE_COMPLETE' and place.count == place.ready
            for place in self.places.values()
        )


class TestFailbackContract(base.BaseTestCase):
    def change(self, world, kind, *values):
        if kind == 'order':
            # As the API does, for what is back.
            world.failed_over = {
                name
                for name in world.failed_over
                if world.places[name].state in ('DOWN', 'RECOVERING')
            }
        elif kind == 'limit':
            name, limit = values
            world.limits = {name: limit}
        elif kind == 'count':
            world.count = values[0]
        elif kind == 'weights':
            low, high = sorted(values)
            shares = (low, high - low, 10 - high)
            for place, share in zip(
                world.places.values(), shares, strict=True
            ):
                place.weight = contract.fractions.Fraction(share, 10)
        elif kind == 'rest':
            for _ in range(values[0]):
                world.step()
        else:
            setattr(world.places[values[0]], kind, values[1])
        world.step()

    def settle(self, world):
        """Let all clouds answer and Heat succeed; return the last plan."""
        for place in world.places.values():
            place.state, place.fails = 'UP', False
        for _ in range(contract.QUIET):
            quiet = world.is_quiet()
            planned = world.step()
            if quiet and not planned.updates:
                return planned
        self.fail('The stack does not settle.')

    def check_exact(self, world, planned):
        """Never one too many, never one too few, and all at their targets."""
        counts = {n: p.ready for n, p in world.places.items()}
        targets = {m.cloud: m.target for m in planned.members}
        self.assertEqual(targets, counts)
        self.assertEqual(world.total(), sum(counts.values()))

    @hypothesis.settings(strategies.CONTRACT, max_examples=200)
    @hypothesis.given(st.lists(CHANGES, min_size=1, max_size=12))
    @hypothesis.example(
        [
            ('count', 1),
            ('state', 'athens', 'DOWN'),
            ('weights', 0, 0),
            ('limit', 'cairo', 0),
        ]
    )
    def test_stack_is_exact_while_it_waits_and_after_its_failback(
        self, changes
    ):
        tenths = [contract.fractions.Fraction(n, 10) for n in (6, 2, 2)]
        world = World(self, 10, tenths)
        for change in changes:
            self.change(world, *change)

        planned = self.settle(world)
        self.check_exact(world, planned)
        wanted = world.stack().specification
        lost = frozenset(world.failed_over)
        away = spread.spread('id', wanted, spread.Restrictions(lost))
        whole = spread.spread('id', wanted)
        for member in planned.members:
            # With limits, what fits nowhere else goes to those that wait.
            if member.cloud not in lost:
                self.assertEqual(away.targets[member.cloud], member.target)
        self.assertGreaterEqual(whole.unplaced, planned.unplaced)

        self.change(world, 'order')
        planned = self.settle(world)
        self.check_exact(world, planned)
        self.assertEqual(
            'ACTIVE' if not whole.unplaced else 'ERROR', planned.status
        )
        self.assertEqual(
            whole.targets, {m.cloud: m.target for m in planned.members}
        )

    @hypothesis.settings(strategies.CONTRACT, max_examples=200)
    @hypothesis.given(strategies.specifications(limits=True), st.data())
    def test_plan_after_a_restart_is_the_same(self, wanted, data):
        """Nothing but the rows remains, and clouds must be surveyed first."""
        wanted = dataclasses.replace(
            wanted,
            failback=states.Failback.MANUAL,
            failover=data.draw(st.sampled_from(['even', 'proportional'])),
        )
        state = st.sampled_from(['UP', 'DOWN'])
        members = tuple(
            facts.Member(
                stack_id='id',
                stack_name='web',
                count_parameter='size',
                cloud=facts.Cloud(
                    part.cloud,
                    states.CloudState(data.draw(state)),
                    contract.START,
                ),
                part=part,
                heat=facts.HeatStack(
                    id=part.cloud, status='UPDATE_COMPLETE', count=0
                ),
                failed_over=data.draw(st.booleans()),
            )
            for part in wanted.parts
        )
        before = facts.Stack('id', wanted, members)
        first = plan.make(before, contract.START)
        noted = {m.cloud: m.failed_over for m in first.members}
        after = dataclasses.replace(
            before,
            members=tuple(
                dataclasses.replace(m, failed_over=noted[m.cloud.name])
                for m in reversed(members)
            ),
        )

        again = plan.make(after, contract.START)

        self.assertEqual(
            {m.cloud: (m.target, m.failed_over) for m in first.members},
            {m.cloud: (m.target, m.failed_over) for m in again.members},
        )
