# SPDX-License-Identifier: Apache-2.0
"""Whether instances fit into a cloud, as an estimate from its limits.

Pure. The limits are those of the project that a cloud's credentials belong to,
as Nova shows them. They are an hour old at most, they say nothing of the
hypervisors, and an instance that is no server does not count there. A flavor
is known only where a template shows it. So the estimates are for people to
read, and never decide where instances go.
"""

import dataclasses
import datetime
import math

# The limits that are read, with the names of the maximum and of what is used
# in the answer of Nova.
NAMES = {
    'instances': ('maxTotalInstances', 'totalInstancesUsed'),
    'cores': ('maxTotalCores', 'totalCoresUsed'),
    'ram': ('maxTotalRAMSize', 'totalRAMUsed'),
}


@dataclasses.dataclass(frozen=True)
class Limit:
    """A limit of a cloud: ``maximum`` is None for none. RAM is in MiB."""

    used: int
    maximum: int | None

    @property
    def free(self) -> int | None:
        """How much is left, None for no end."""
        if self.maximum is None:
            return None
        return max(0, self.maximum - self.used)


@dataclasses.dataclass(frozen=True)
class Limits:
    """The limits of a cloud by their name, and when they were read."""

    by_name: dict[str, Limit]
    read_at: datetime.datetime


@dataclasses.dataclass(frozen=True)
class Flavor:
    """What an instance of a flavor takes. RAM is in MiB."""

    cores: int
    ram: int


@dataclasses.dataclass
class Demand:
    """What a cloud would have to take, as far as stacks were added.

    ``unknown``: of how many stacks the flavor is unknown. Their instances
    take neither cores nor RAM here.
    """

    instances: int = 0
    cores: int = 0
    ram: int = 0
    unknown: int = 0

    def add(self, number: int, flavor: Flavor | None) -> None:
        """Add instances of a stack, of a flavor that is None for unknown."""
        self.instances += number
        if flavor is None:
            self.unknown += 1
        else:
            self.cores += number * flavor.cores
            self.ram += number * flavor.ram


@dataclasses.dataclass(frozen=True)
class Estimate:
    """Whether a cloud would have room for what it would have to take.

    It is about one ``limit``, a name of NAMES: the one that is used up first.
    ``needed`` and ``free`` are in its unit: instances, cores, or MiB of RAM.
    ``unknown`` is that of the Demand, ``read_at`` that of the Limits.
    """

    limit: str
    needed: int
    free: int
    unknown: int
    read_at: datetime.datetime

    @property
    def lacking(self) -> int:
        """How much of what is needed is not free."""
        return max(0, self.needed - self.free)

    @property
    def use(self) -> float:
        """Which part of what is free is needed."""
        return self.needed / self.free if self.free else math.inf


def estimate(demand: Demand, limits: Limits) -> Estimate | None:
    """Whether there is room for a demand; None where nothing limits it."""
    needed = {
        'instances': demand.instances,
        'cores': demand.cores,
        'ram': demand.ram,
    }
    found = [
        Estimate(name, needed[name], free, demand.unknown, limits.read_at)
        for name in NAMES
        if needed[name] and (free := limits.by_name[name].free) is not None
    ]
    # Of several that are used up alike, the first one.
    return max(found, key=lambda each: each.use, default=None)
