# SPDX-License-Identifier: Apache-2.0
"""How many instances fit into a cloud, as an estimate from its limits.

Pure. The limits are those of the project that a cloud's credentials belong to,
as Nova shows them. They are an hour old at most, they say nothing of the
hypervisors, and an instance that is no server does not count there. So they
are for people to read, and never decide where instances go.
"""

import dataclasses
import datetime

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

    @property
    def room(self) -> int | None:
        """How many instances there is room for, None where nothing limits."""
        return self.by_name['instances'].free
