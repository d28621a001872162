# SPDX-License-Identifier: Apache-2.0
"""What the loss of a cloud would do to all stacks together."""

import collections.abc
import dataclasses
import datetime

from heat_spreader.planning import facts
from heat_spreader.planning import readiness
from heat_spreader.planning import room


@dataclasses.dataclass(frozen=True)
class Harm:
    """What would have no place of one stack."""

    stack_id: str
    name: str
    unplaced: int


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Whether a cloud would have room for what it would have to take.

    ``free``: for how many instances there is room, as its limits were at
    ``read_at``. ``lacking``: for how many of those to take there is none.
    """

    free: int
    lacking: int
    read_at: datetime.datetime


@dataclasses.dataclass
class Outage:
    """What the loss of a cloud would do, as far as stacks were added.

    ``stacks``: how many would fail over, and ``instances``: how many they
    have there. ``moves``: how many more each other cloud would have to take.
    ``unplaced``: how many would have no place, ``harmed`` of how many stacks;
    ``harms``: of the first of these, which. ``frozen``: whether nothing would
    be moved, since too many clouds would be down.
    """

    cloud: str
    frozen: bool
    stacks: int = 0
    instances: int = 0
    moves: dict[str, int] = dataclasses.field(default_factory=dict)
    unplaced: int = 0
    harmed: int = 0
    harms: list[Harm] = dataclasses.field(default_factory=list)

    def estimates(
        self, limits: collections.abc.Mapping[str, room.Limits]
    ) -> dict[str, Estimate]:
        """Whether there is room, for each cloud whose limits are known.

        All stacks share the limits of a cloud, so it is about their sum.
        """
        return {
            cloud: Estimate(free, max(0, number - free), limits[cloud].read_at)
            for cloud, number in self.moves.items()
            if cloud in limits and (free := limits[cloud].room) is not None
        }


def of_clouds(
    clouds: collections.abc.Collection[str],
    stacks: collections.abc.Iterable[facts.Stack],
    now: datetime.datetime,
    freezing: collections.abc.Set[str],
    named: int,
) -> dict[str, Outage]:
    """The outage of each of some clouds, by the cloud.

    :param stacks: those with a member in one of them
    :param freezing: the clouds whose loss would freeze everything
    :param named: how many stacks are named at most that would be harmed
    """
    outages = {name: Outage(name, name in freezing) for name in clouds}
    for stack in stacks:
        for found in readiness.losses(stack, now, freezing):
            if found.cloud in outages:
                _add(outages[found.cloud], stack, found, named)
    return outages


def _add(
    outage: Outage, stack: facts.Stack, found: readiness.Loss, named: int
) -> None:
    outage.stacks += 1
    outage.instances += found.count
    for cloud, number in found.moves.items():
        outage.moves[cloud] = outage.moves.get(cloud, 0) + number
    if found.unplaced:
        outage.unplaced += found.unplaced
        outage.harmed += 1
        if len(outage.harms) < named:
            name = stack.specification.name
            outage.harms.append(Harm(stack.id, name, found.unplaced))
