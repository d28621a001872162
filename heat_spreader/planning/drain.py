# SPDX-License-Identifier: Apache-2.0
"""What a drain would do to stacks, for those who would refuse it."""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import loss
from heat_spreader.planning import orders
from heat_spreader.planning import rules
from heat_spreader.planning import spread


@dataclasses.dataclass(frozen=True)
class Effect:
    """What a drain would do to a stack that it harms.

    ``unplaced``: how many instances no other cloud could take; they would
    stay. ``last``: no other cloud serves the stack.
    """

    stack_id: str
    name: str
    unplaced: int
    last: bool


def of_cloud(
    stacks: collections.abc.Iterable[facts.Stack],
    cloud: str,
    now: datetime.datetime,
) -> list[Effect]:
    """The effects on the stacks that a drain of a cloud would harm.

    :param stacks: those with a member in the cloud
    """
    effects = (of_member(stack, cloud, now) for stack in stacks)
    return [effect for effect in effects if effect]


def of_member(
    stack: facts.Stack, cloud: str, now: datetime.datetime
) -> Effect | None:
    """The effect of a drain of one member, None if it does no harm."""
    before = orders.apply(stack, now)
    member = next(m for m in before.members if m.cloud.name == cloud)
    after = loss.replace(before, _drained(member.cloud))
    shares = loss.shares(after)
    if shares[cloud] is not rules.Share.DRAINED:
        # Nothing is set there, so nothing can be drained.
        return None
    unplaced = loss.unplaced(
        spread.of_stack(before, loss.shares(before)),
        spread.of_stack(after, shares),
        cloud,
        stays=member.part.min_count,
    )
    if not unplaced:
        return None
    serving = any(
        share in _SERVING for name, share in shares.items() if name != cloud
    )
    return Effect(
        stack.id, stack.specification.name, unplaced, last=not serving
    )


# A held cloud serves with what it has.
_SERVING = (rules.Share.OWN, rules.Share.CAPPED, rules.Share.HELD)


def _drained(cloud: facts.Cloud) -> facts.Cloud:
    use = facts.Use(states.AdminState.DRAINING)
    return dataclasses.replace(cloud, use=use)


def down(
    clouds: collections.abc.Iterable[facts.Cloud], cloud: str
) -> list[facts.Cloud]:
    """The other clouds that are down, as surveyed or as declared."""
    return [
        other
        for other in clouds
        if other.name != cloud
        and other.declared is not states.Declared.UP
        and other.rule.share.lost
    ]
