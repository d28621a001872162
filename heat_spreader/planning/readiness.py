# SPDX-License-Identifier: Apache-2.0
"""Whether a stack would survive the loss of any one cloud.

Pure. It asks what a plan would make of each loss: a cloud is replaced by one
that is DOWN, and the total is spread again. What would have no place then and
has one now, and what no failover would move, is the harm of that loss.
"""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import failback
from heat_spreader.planning import health
from heat_spreader.planning import loss
from heat_spreader.planning import orders
from heat_spreader.planning import rules
from heat_spreader.planning import spread

# Members with these take more, up to their limits.
_TAKING = (rules.Share.OWN, rules.Share.CAPPED)


@dataclasses.dataclass(frozen=True)
class Readiness:
    """What the loss of one cloud would do to a stack.

    ``unplaced``: how many instances would have no place, by the cloud that is
    lost, for each loss that does harm. ``frozen``: those of these clouds whose
    loss would move nothing: too many clouds would be down at once, or the
    stack is paused.
    """

    unplaced: dict[str, int]
    frozen: tuple[str, ...] = ()

    @property
    def survives(self) -> bool:
        """Whether the others would carry the stack, whichever is lost."""
        return not self.unplaced


def freezing(
    clouds: collections.abc.Collection[facts.Cloud],
    max_down_clouds: int | None,
) -> frozenset[str]:
    """The clouds whose loss now would freeze everything.

    :param clouds: every enabled cloud
    :param max_down_clouds: as in health.frozen()
    """
    return frozenset(
        cloud.name
        for cloud in clouds
        if not cloud.rule.share.lost
        and health.frozen(
            [_down(each) if each is cloud else each for each in clouds],
            max_down_clouds,
        )
    )


def of_stack(
    stack: facts.Stack,
    now: datetime.datetime,
    freezing: collections.abc.Set[str] = frozenset(),
) -> Readiness:
    """The readiness of a stack.

    :param freezing: the clouds whose loss would freeze everything
    """
    stack = failback.without_needless(orders.apply(stack, now))
    shares = loss.shares(stack)
    if stack.specification.paused:
        freezing = shares.keys()
    carried = _carried(stack, shares) - freezing
    doubtful = [
        m
        for m in stack.members
        if m.cloud.name not in carried and not shares[m.cloud.name].lost
    ]
    if not doubtful:
        return Readiness({})
    result = spread.of_stack(stack, shares)
    harm = {
        m.cloud.name: _left(m, result)
        if m.cloud.name in freezing
        else loss.unplaced(
            result.unplaced, _without(stack, m.cloud), m.cloud.name
        )
        for m in doubtful
        if result.targets[m.cloud.name] or m.stack.count
    }
    unplaced = {cloud: number for cloud, number in harm.items() if number}
    return Readiness(unplaced, tuple(c for c in unplaced if c in freezing))


def _without(stack: facts.Stack, cloud: facts.Cloud) -> facts.Stack:
    """The stack after the loss of a cloud."""
    after = loss.replace(stack, _down(cloud))
    return failback.without_needless(after)


def _down(cloud: facts.Cloud) -> facts.Cloud:
    # Without a time: it is not one of those that come back together.
    return dataclasses.replace(
        cloud, state=states.CloudState.DOWN, since=None, checked_at=None
    )


def _left(member: facts.Member, result: spread.Spread) -> int:
    """What is lost with a member where nothing is moved."""
    count = member.stack.count
    return result.targets[member.cloud.name] if count is None else count


def _carried(
    stack: facts.Stack, shares: facts.Shares
) -> collections.abc.Set[str]:
    """The clouds whose loss does no harm, as can be seen without a spread.

    In nearly every stack the limits of the others hold the total.
    """
    wanted = stack.specification
    if wanted.failover == states.Failover.NONE or not all(
        share in _TAKING or share.lost for share in shares.values()
    ):
        return frozenset()
    restrictions = spread.restrictions(stack, shares)
    limits = {
        p.cloud: restrictions.limit(p)
        for p in wanted.parts
        if p.weight and shares[p.cloud] in _TAKING
    }
    return {
        m.cloud.name
        for m in stack.members
        # What is declared up is not moved away, whatever becomes of it.
        if m.cloud.declared is not states.Declared.UP
        and sum(n for c, n in limits.items() if c != m.cloud.name)
        >= wanted.total
    }
