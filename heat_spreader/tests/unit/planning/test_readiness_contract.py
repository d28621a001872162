# SPDX-License-Identifier: Apache-2.0
"""Readiness is what the plan makes of each loss."""

import dataclasses

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import readiness
from heat_spreader.tests.unit.planning import stories
from heat_spreader.tests.unit.planning import strategies

NOW = stories.NOW
# Most clouds are well.
CLOUD_STATES = st.sampled_from(
    ['UP'] * 4 + ['SUSPECT', 'DOWN', 'RECOVERING', 'UNAUTHORIZED', 'UNSEEN']
)
ORDERS = st.sampled_from(['ENABLED'] * 5 + ['CORDONED', 'DRAINING'])
DECLARED = st.sampled_from([None] * 6 + ['UP', 'DOWN'])
COUNTS = st.one_of(st.none(), st.integers(0, 12))


@st.composite
def stacks(draw):
    """A stack whose clouds may be in any trouble."""
    wanted = draw(strategies.specifications(limits=True))
    members = tuple(
        dataclasses.replace(
            stories.member(
                part.cloud,
                part.weight,
                draw(COUNTS),
                draw(CLOUD_STATES),
                admin_state=draw(ORDERS),
                declared=draw(DECLARED),
                read=draw(st.booleans()),
                failed_over=draw(st.integers(0, 7)) == 0,
            ),
            part=part,
        )
        for part in wanted.parts
    )
    return facts.Stack('id', wanted, members)


def without(stack, cloud, planned):
    """The stack after a plan, and then the loss of a cloud."""
    waiting = {m.cloud: m.failed_over for m in planned.members}
    down = states.CloudState.DOWN
    members = tuple(
        dataclasses.replace(
            m,
            cloud=dataclasses.replace(m.cloud, state=down)
            if m.cloud.name == cloud
            else m.cloud,
            failed_over=waiting[m.cloud.name],
        )
        for m in stack.members
    )
    return dataclasses.replace(stack, members=members)


class TestReadinessContract(base.BaseTestCase):
    @hypothesis.settings(strategies.CONTRACT, max_examples=2000)
    @hypothesis.given(stacks())
    def test_readiness_is_what_plans_make_of_each_loss(self, stack):
        found = readiness.of_stack(stack, NOW)

        before = plan.make(stack, NOW)
        for member in stack.members:
            cloud = member.cloud.name
            target = stories.targets(before)[cloud]
            if member.share.lost or not (target or member.stack.count):
                self.assertNotIn(cloud, found.unplaced)
                continue
            after = plan.make(without(stack, cloud, before), NOW)
            gone = stories.targets(after)[cloud] + after.unplaced
            self.assertEqual(
                max(0, gone - before.unplaced),
                found.unplaced.get(cloud, 0),
                cloud,
            )
