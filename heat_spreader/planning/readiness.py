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
from heat_spreader.planning import text

# Members with these take more, up to their limits.
_TAKING = (rules.Share.OWN, rules.Share.CAPPED)


@dataclasses.dataclass(frozen=True)
class Loss:
    """What the loss of one cloud would do to a stack.

    ``count``: how many it has there. ``moves``: how many more each other
    cloud would get. ``unplaced``: how many would have no place. ``frozen``:
    nothing would be moved.
    """

    cloud: str
    count: int
    moves: dict[str, int]
    unplaced: int
    frozen: bool = False


@dataclasses.dataclass(frozen=True)
class Readiness:
    """Whether a stack survives the loss of any one cloud.

    ``losses``: those that it would not survive unharmed.
    """

    losses: tuple[Loss, ...] = ()

    @property
    def survives(self) -> bool:
        """Whether the others would carry the stack, whichever is lost."""
        return not self.losses

    @property
    def unplaced(self) -> dict[str, int]:
        """How many would have no place, by the cloud that is lost."""
        return {each.cloud: each.unplaced for each in self.losses}

    @property
    def frozen(self) -> frozenset[str]:
        """The clouds whose loss would do harm and move nothing."""
        return frozenset(each.cloud for each in self.losses if each.frozen)

    def explain(self, name: str) -> str:
        """What it means for the stack of that name, for people."""
        if self.survives:
            return f'{name} is safe against the loss of any one cloud.'
        harm = text.join(
            [
                f'without {each.cloud} {each.unplaced} would be lost and not '
                'replaced'
                if each.frozen
                else f'without {each.cloud} {each.unplaced} would have no '
                'place'
                for each in self.losses
            ]
        )
        return f'{name} is not safe against the loss of one cloud: {harm}.'


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
    found = losses(stack, now, freezing, all_of_them=False)
    return Readiness(tuple(each for each in found if each.unplaced))


def losses(
    stack: facts.Stack,
    now: datetime.datetime,
    freezing: collections.abc.Set[str] = frozenset(),
    all_of_them: bool = True,
) -> list[Loss]:
    """What the loss of each cloud that a stack uses would do to it.

    A cloud that is lost already is none of them.

    :param freezing: the clouds whose loss would freeze everything
    :param all_of_them: also those which can be seen at once to do no harm
    """
    stack = failback.without_needless(orders.apply(stack, now))
    shares = loss.shares(stack)
    if stack.specification.paused:
        freezing = shares.keys()
    skipped = frozenset[str]()
    if not all_of_them:
        skipped = _carried(stack, shares) - freezing
    members = [
        m
        for m in stack.members
        if m.cloud.name not in skipped and not shares[m.cloud.name].lost
    ]
    if not members:
        return []
    before = spread.of_stack(stack, shares)
    return [
        _loss(stack, member, before, member.cloud.name in freezing)
        for member in members
        if before.targets[member.cloud.name] or member.stack.count
    ]


def _loss(
    stack: facts.Stack,
    member: facts.Member,
    before: spread.Spread,
    frozen: bool,
) -> Loss:
    cloud, count = member.cloud.name, member.stack.count
    if count is None:
        count = before.targets[cloud]
    if frozen:
        return Loss(cloud, count, {}, count, frozen=True)
    lost = _without(stack, member.cloud)
    after = spread.of_stack(lost, loss.shares(lost))
    moves = {
        other: after.targets[other] - target
        for other, target in before.targets.items()
        if other != cloud and after.targets[other] > target
    }
    return Loss(cloud, count, moves, loss.unplaced(before, after, cloud))


def _without(stack: facts.Stack, cloud: facts.Cloud) -> facts.Stack:
    """The stack after the loss of a cloud."""
    after = loss.replace(stack, _down(cloud))
    return failback.without_needless(after)


def _down(cloud: facts.Cloud) -> facts.Cloud:
    # Without a time: it is not one of those that come back together.
    return dataclasses.replace(
        cloud, state=states.CloudState.DOWN, since=None, checked_at=None
    )


def _carried(stack: facts.Stack, shares: facts.Shares) -> frozenset[str]:
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
    return frozenset(
        m.cloud.name
        for m in stack.members
        # What is declared up is not moved away, whatever becomes of it.
        if m.cloud.declared is not states.Declared.UP
        and sum(n for c, n in limits.items() if c != m.cloud.name)
        >= wanted.total
    )
