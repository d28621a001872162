# SPDX-License-Identifier: Apache-2.0
"""What is known when a plan is made: frozen values, made by snapshot.py."""

import dataclasses
import datetime
import functools

from heat_spreader import states
from heat_spreader.planning import rules
from heat_spreader.planning import specification

# A drain of a cloud comes before the wait for its failback.
_MAY_WAIT = (rules.Share.OWN, rules.Share.CAPPED, rules.Share.HELD)

# What becomes of the share of each member, by cloud.
Shares = dict[str, rules.Share]


@dataclasses.dataclass(frozen=True)
class Order:
    """When and why an administrator orders something for a cloud.

    ``since``: when it began or will begin. ``until``: None for no end.
    ``by``: the id of the user.
    """

    since: datetime.datetime | None = None
    until: datetime.datetime | None = None
    reason: str = ''
    by: str | None = None


# A cloud in these is drained, or will be.
DRAINS = (states.AdminState.DRAINING, states.AdminState.DRAINED)


@dataclasses.dataclass(frozen=True)
class Use:
    """How an administrator lets a cloud be used.

    ``order`` is None for a cloud about which nothing was ever ordered.
    ``drill``: a drain that is an exercise. ``of_stack``: the owner of a stack
    orders it, for that stack alone.
    """

    state: states.AdminState = states.AdminState.ENABLED
    order: Order | None = None
    drill: bool = False
    of_stack: bool = False


# The reason of a cap that only the stack has, whatever the cloud has room for.
HEAT_LIMIT = 'limit of Heat: resources per stack'


@dataclasses.dataclass(frozen=True)
class Full:
    """A cloud in which some stack found no room for more instances.

    ``until``: when one stack there tries one more. ``tries``: how often there
    was no room in a row.
    """

    since: datetime.datetime
    until: datetime.datetime
    tries: int = 1
    reason: str = ''


@dataclasses.dataclass(frozen=True)
class Cap:
    """What a member may have at most, since no more found room.

    ``count``: what was last seen to fit. ``until`` and ``tries`` are as in
    Full.
    """

    count: int
    until: datetime.datetime
    tries: int = 1
    reason: str = ''

    @property
    def wide(self) -> bool:
        """Whether the whole cloud has no room, not only this stack."""
        return self.reason != HEAT_LIMIT


@dataclasses.dataclass(frozen=True)
class Cloud:
    """A cloud as the surveys found it, and what is ordered for it.

    ``since``: when it entered the state, None for one that was never
    surveyed. ``failures`` and ``successes``: surveys in a row.
    ``answered_at``: when a survey last succeeded. ``outages``:
    when each of the last outages began that were close to one another.

    ``use`` is in effect, ``planned`` the use from a later time on, None for
    no other. ``declared``: the state that an administrator declares, with the
    order ``declaration``. ``full`` is None while there is room, as far as is
    known.
    """

    name: str
    state: states.CloudState = states.CloudState.UNKNOWN
    since: datetime.datetime | None = None
    reason: str = ''
    failures: int = 0
    successes: int = 0
    checked_at: datetime.datetime | None = None
    answered_at: datetime.datetime | None = None
    outages: tuple[datetime.datetime, ...] = ()
    use: Use = Use()
    planned: Use | None = None
    declared: states.Declared | None = None
    declaration: Order | None = None
    full: Full | None = None

    @property
    def admin_state(self) -> states.AdminState:
        """What an administrator orders."""
        return self.use.state

    @functools.cached_property
    def rule(self) -> rules.Rule:
        """What its state and all that is ordered mean."""
        return rules.RULES[self.state, self.declared, self.use.state]

    @property
    def draining(self) -> bool:
        """Whether it is drained, or will be."""
        return self.use.state in DRAINS


# The updated_at of a stack that the next survey must read again.
STALE = ''


@dataclasses.dataclass(frozen=True)
class HeatStack:
    """The Heat stack of a member as it was last read.

    Without ``id`` the cloud has no such stack; without ``count`` the stack
    has no such parameter, or one whose value is no count: ``count_problem``
    is what is wrong with it.
    ``settled_count``: the count when Heat last completed the stack. ``ready``
    is None where it is unknown; ``ready_problem`` is why, if the stack failed.
    """

    id: str | None = None
    status: str = ''
    status_reason: str = ''
    updated_at: str | None = None
    count: int | None = None
    count_problem: str = ''
    settled_count: int | None = None
    ready: int | None = 0
    ready_problem: str = ''

    @property
    def ready_for_others(self) -> int:
        """How many instances others may count on: none that is unknown."""
        return self.ready or 0

    @property
    def ready_at_most(self) -> int:
        """How many instances an update may remove: all where unknown."""
        return (self.count or 0) if self.ready is None else self.ready

    @property
    def in_progress(self) -> bool:
        return self.status.endswith('_IN_PROGRESS')

    @property
    def complete(self) -> bool:
        return self.status.endswith('_COMPLETE')

    @property
    def failed(self) -> bool:
        return self.status.endswith('_FAILED')

    @property
    def suspended(self) -> bool:
        # Heat takes no update of a suspended stack before it is resumed.
        return self.status == 'SUSPEND_COMPLETE'

    @property
    def rolled_back(self) -> bool:
        return self.status in ('ROLLBACK_COMPLETE', 'ROLLBACK_FAILED')

    @property
    def missing(self) -> bool:
        return self.id is None or self.status.startswith('DELETE_')


NO_STACK = HeatStack()


def settle(
    heat: HeatStack,
    settled_count: int | None,
    completed: int | None,
    problem: str = '',
) -> HeatStack:
    """A stack that was just read, with how many instances are ready.

    :param settled_count: the count when the stack was last complete
    :param completed: of a stack that failed, its instances that are COMPLETE
    :param problem: why their number is unknown, where it is None
    """
    count = heat.count or 0
    if heat.status.startswith(('SUSPEND_', 'DELETE_')):
        return dataclasses.replace(heat, settled_count=0, ready=0)
    if heat.complete:
        return dataclasses.replace(heat, settled_count=count, ready=count)
    if heat.failed:
        ready = at_most(completed, count)
        return dataclasses.replace(
            heat, settled_count=ready, ready=ready, ready_problem=problem
        )
    return dataclasses.replace(
        heat,
        settled_count=settled_count,
        ready=at_most(settled_count, count),
    )


def at_most(known: int | None, count: int) -> int | None:
    """The smaller number; unknown where the first one is unknown."""
    return None if known is None else min(known, count)


@dataclasses.dataclass(frozen=True)
class Member:
    """What is asked of a stack in one cloud, and what was last read there.

    ``allowed``: the cloud is enabled and the stack may use it. ``heat`` is
    None for a stack that was never read. ``duplicate_of``: the cloud of the
    member that has the same Heat stack and had it first. ``read_error``: why
    the last survey could not read the stack, ``unread_as`` the state that it
    means, ``unread_since`` when it began. ``sent_count``: what the engine
    last set the count to. ``rejection``: the reason for rejecting that, and
    ``rejected_as`` the state that it means. ``last_error``: why the last
    update failed otherwise. ``unanswered``: the cloud has not answered an
    update yet. ``set_backs``: when the engine set the count back that
    something else had changed. ``failed_over``: an outage of the cloud made
    others take its share over, and no failback was ordered since. ``cap`` is
    None where there is room, as far as is known; ``trying``: one more than it
    is tried now. ``version``: when what was read, or became of an update, was
    last written.
    """

    stack_id: str
    stack_name: str
    count_parameter: str
    cloud: Cloud
    part: specification.Part
    allowed: bool = True
    heat: HeatStack | None = None
    duplicate_of: str | None = None
    read_error: str | None = None
    unread_as: states.MemberState | None = None
    unread_since: datetime.datetime | None = None
    sent_count: int | None = None
    rejection: str | None = None
    rejected_as: states.MemberState = states.MemberState.REJECTED
    last_error: str | None = None
    failures: int = 0
    retry_at: datetime.datetime | None = None
    unanswered: bool = False
    set_backs: tuple[datetime.datetime, ...] = ()
    failed_over: bool = False
    cap: Cap | None = None
    trying: bool = False
    version: datetime.datetime | None = None

    @property
    def stack(self) -> HeatStack:
        """The Heat stack, empty where it was never read."""
        return self.heat or NO_STACK

    @property
    def changing(self) -> bool:
        """Whether Heat works on an update, or may do so."""
        return self.unanswered or self.stack.in_progress

    @property
    def missing(self) -> bool:
        """Whether the cloud was asked and has no such stack."""
        return self.heat is not None and self.heat.missing

    @property
    def parameter_missing(self) -> bool:
        """Whether the stack there has no such parameter."""
        return self.heat is not None and self.heat.count is None

    @property
    def undone(self) -> bool:
        """Whether Heat has rolled the last update of the engine back."""
        return self.stack.rolled_back and self.sent_count not in (
            None,
            self.stack.count,
        )

    @property
    def failing(self) -> bool:
        """Whether Heat could not finish the last update."""
        return self.stack.failed or self.undone

    @functools.cached_property
    def share(self) -> rules.Share:
        """What becomes of the share of the member now."""
        share = self._share_without_waiting
        if self.failed_over and self.allowed and share in _MAY_WAIT:
            return rules.Share.WAITING
        return share

    @property
    def _share_without_waiting(self) -> rules.Share:
        share = self.cloud.rule.share
        if not self.allowed:
            return rules.Share.HELD
        if not share.settable:
            return share
        if share is rules.Share.DRAINED:
            # What stops its shrinking must not make the others shrink again.
            return rules.Share.REPLACED if self._absent else share
        if self.unread_as == states.MemberState.UNAUTHORIZED:
            return rules.Share.HELD
        if self._absent:
            return rules.Share.SPREAD
        if self.rejection is not None or self.stack.suspended:
            return rules.Share.HELD
        return share

    @property
    def _absent(self) -> bool:
        """Whether nothing can be set there, as was read."""
        return self.heat is not None and bool(
            self.missing or self.parameter_missing or self.duplicate_of
        )

    @property
    def keeps(self) -> int | None:
        """How many it keeps at most if it may get no more; None if unknown.

        What a failed update did not create is not there to be kept.
        """
        if self.stack.failed:
            return self.stack.ready_at_most
        return self.stack.count

    @property
    def room(self) -> int | None:
        """How many fit there, as far as was seen; None for no limit."""
        if self.cap is not None and (self.cloud.full or not self.cap.wide):
            return self.cap.count + self.trying
        return None if self.cloud.full is None else self.keeps


@dataclasses.dataclass(frozen=True)
class Stack:
    """One stack with its members, in the order of its parts.

    ``weights_complete``: its weights have added up to 1 before, or do now.
    """

    id: str
    specification: specification.Specification
    members: tuple[Member, ...]
    weights_complete: bool = True
