# SPDX-License-Identifier: Apache-2.0
"""What the engine knows when it plans: frozen values, made from rows."""

import dataclasses
import datetime
import fractions

from heat_spreader import states

NOT_YET = datetime.datetime.max.replace(tzinfo=datetime.UTC)


@dataclasses.dataclass(frozen=True)
class Cloud:
    """A cloud as the surveys found it."""

    name: str
    state: states.CloudState = states.CloudState.UNKNOWN
    since: datetime.datetime = NOT_YET
    reason: str = ''


@dataclasses.dataclass(frozen=True)
class Member:
    """What is wanted of a stack in one cloud, and what was last seen there.

    ``allowed``: the cloud is enabled and the project may use it. ``read``:
    the stack there was looked at; without ``heat_id`` there is none, without
    ``count`` it has no such parameter.
    """

    cloud: Cloud
    weight: fractions.Fraction
    min_count: int = 0
    max_count: int | None = None
    allowed: bool = True
    read: bool = False
    heat_id: str | None = None
    heat_status: str = ''
    heat_status_reason: str = ''
    count: int | None = None
    ready: int = 0
    rejection: str | None = None
    failures: int = 0
    retry_at: datetime.datetime | None = None

    @property
    def in_progress(self):
        return self.heat_status.endswith('_IN_PROGRESS')

    @property
    def failed(self):
        return self.heat_status.endswith('_FAILED')

    @property
    def suspended(self):
        # Heat takes no update of a suspended stack before it is resumed.
        return self.heat_status == 'SUSPEND_COMPLETE'

    @property
    def missing(self):
        gone = self.heat_id is None or self.heat_status.startswith('DELETE_')
        return self.read and gone


@dataclasses.dataclass(frozen=True)
class Stack:
    """One stack with its members."""

    id: str
    stack_name: str
    count_parameter: str
    count: int
    failover: str
    paused: bool
    members: tuple[Member, ...]


# What heat_updated_at is set to so that the next survey reads the stack anew.
STALE = ''


def columns(read, settled_count, complete):
    """What a read of a stack puts into the row of its member.

    :param read: clouds.cloud.StackRead
    :param settled_count: the count when the stack was last settled
    :param complete: gives how many are COMPLETE in Heat; asked only where the
        status of the stack does not tell
    """
    count, ready = read.count or 0, 0
    if read.status.startswith(('SUSPEND_', 'DELETE_')):
        settled_count = 0
    elif read.status.endswith('_COMPLETE'):
        ready = settled_count = count
    elif read.status.endswith('_FAILED'):
        ready = settled_count = min(complete(), count)
    else:
        ready = min(settled_count or 0, count)
    return {
        'heat_id': read.heat_id,
        'heat_status': read.status,
        'heat_status_reason': read.status_reason,
        'heat_updated_at': read.updated_at,
        'count': read.count,
        'settled_count': settled_count,
        'ready': ready,
    }


# What the row of a member says where the cloud has no such stack.
NO_STACK = {
    'heat_id': None,
    'heat_status': None,
    'heat_status_reason': None,
    'heat_updated_at': None,
    'count': None,
    'settled_count': None,
    'ready': 0,
}


def cloud(row):
    """A row of clouds as facts."""
    return Cloud(row.name, row.state, row.since, row.reason)


def stack(row, clouds, is_allowed):
    """A row of stacks as facts.

    :param clouds: the facts of each cloud, by name
    :param is_allowed: whether a row of members may be acted on
    """
    return Stack(
        id=row.id,
        stack_name=row.stack_name,
        count_parameter=row.count_parameter,
        count=row.count,
        failover=row.failover,
        paused=row.paused,
        members=tuple(
            _member(
                member,
                clouds.get(member.cloud, Cloud(member.cloud)),
                is_allowed(member),
            )
            for member in row.members
        ),
    )


def _member(row, cloud, allowed):
    return Member(
        cloud=cloud,
        weight=fractions.Fraction(row.weight),
        min_count=row.min_count,
        max_count=row.max_count,
        allowed=allowed,
        read=row.read_at is not None,
        heat_id=row.heat_id,
        heat_status=row.heat_status or '',
        heat_status_reason=row.heat_status_reason or '',
        count=row.count,
        ready=row.ready or 0,
        rejection=row.rejection,
        failures=row.failures,
        retry_at=row.retry_at,
    )
