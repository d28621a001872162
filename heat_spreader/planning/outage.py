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


# The flavors that are known, by the id of the stack and the cloud.
Flavors = collections.abc.Mapping[tuple[str, str], room.Flavor]


@dataclasses.dataclass
class Outage:
    """What the loss of a cloud would do, as far as stacks were added.

    ``stacks``: how many would fail over, and ``instances``: how many they
    have there. ``demands``: what each other cloud would have to take.
    ``unplaced``: how many would have no place, ``harmed`` of how many stacks;
    ``harms``: of the first of these, which. ``frozen``: whether nothing would
    be moved, since too many clouds would be down.
    """

    cloud: str
    frozen: bool
    stacks: int = 0
    instances: int = 0
    demands: dict[str, room.Demand] = dataclasses.field(default_factory=dict)
    unplaced: int = 0
    harmed: int = 0
    harms: list[Harm] = dataclasses.field(default_factory=list)

    @property
    def moves(self) -> dict[str, int]:
        """How many more instances each other cloud would have to take."""
        return {c: demand.instances for c, demand in self.demands.items()}

    def estimates(
        self, limits: collections.abc.Mapping[str, room.Limits]
    ) -> dict[str, room.Estimate]:
        """Whether there is room, for each cloud whose limits are known.

        All stacks share the limits of a cloud, so it is about their sum.
        """
        return {
            cloud: found
            for cloud, demand in self.demands.items()
            if cloud in limits
            and (found := room.estimate(demand, limits[cloud]))
        }


def of_clouds(
    clouds: collections.abc.Collection[str],
    stacks: collections.abc.Iterable[facts.Stack],
    now: datetime.datetime,
    freezing: collections.abc.Set[str],
    named: int,
    flavors: Flavors,
) -> dict[str, Outage]:
    """The outage of each of some clouds, by the cloud.

    :param stacks: those with a member in one of them
    :param freezing: the clouds whose loss would freeze everything
    :param named: how many stacks are named at most that would be harmed
    :param flavors: those of the groups, where they are known
    """
    outages = {name: Outage(name, name in freezing) for name in clouds}
    for stack in stacks:
        for found in readiness.losses(stack, now, freezing):
            if found.cloud in outages:
                _add(outages[found.cloud], stack, found, named, flavors)
    return outages


def _add(
    outage: Outage,
    stack: facts.Stack,
    found: readiness.Loss,
    named: int,
    flavors: Flavors,
) -> None:
    outage.stacks += 1
    outage.instances += found.count
    for cloud, number in found.moves.items():
        demand = outage.demands.setdefault(cloud, room.Demand())
        demand.add(number, flavors.get((stack.id, cloud)))
    if found.unplaced:
        outage.unplaced += found.unplaced
        outage.harmed += 1
        if len(outage.harms) < named:
            name = stack.specification.name
            outage.harms.append(Harm(stack.id, name, found.unplaced))
