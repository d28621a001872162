# SPDX-License-Identifier: Apache-2.0
"""What to do about a stack: its targets, the next updates, and why.

Pure and level-triggered: facts and the time in, a plan out. It sees what is
wanted and what is there, never what was done last time. Ready capacity is
never taken below what the targets add up to: growth goes first, and a member
shrinks only as far as the others are really there.
"""

import dataclasses
import datetime
import enum
import fractions

from heat_spreader import states
from heat_spreader.planning import health
from heat_spreader.planning import spread
from heat_spreader.planning import status

CloudState = states.CloudState

FIRST_RETRY = datetime.timedelta(seconds=5)
LAST_RETRY = datetime.timedelta(minutes=10)


class Role(enum.Enum):
    """What a member can do for its stack now."""

    SERVES = 'it takes its share'
    LOST = 'it cannot serve: the failover gives its weight to the others'
    HELD = 'it can be neither changed nor given up: its count stays'


@dataclasses.dataclass(frozen=True)
class Update:
    """One change of a count in Heat."""

    cloud: str
    heat_id: str
    heat_status: str
    old: int
    new: int
    why: str


@dataclasses.dataclass(frozen=True)
class MemberPlan:
    """Where a member shall go, and how it stands."""

    cloud: str
    target: int
    effective_weight: fractions.Fraction
    state: states.MemberState
    reason: str
    failures: int
    retry_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do about a stack; ``due_at``: when to plan again unasked."""

    members: tuple[MemberPlan, ...]
    updates: tuple[Update, ...]
    unplaced: int
    status: states.StackStatus
    status_reason: str
    due_at: datetime.datetime | None


def make(stack, now, frozen=None):
    """Plan for a stack.

    :param stack: facts.Stack
    :param frozen: why nothing may be changed anywhere, None if all may
    """
    roles = {m.cloud.name: _role(m) for m in stack.members}
    roles.update(_released(stack, roles, now))
    result = _spread(stack, roles)
    updates = ()
    if not stack.paused and not frozen:
        updates = _updates(stack, roles, result, now)
    members = tuple(
        _member_plan(stack, member, result, now) for member in stack.members
    )
    verdict = status.Verdict(
        updates=updates,
        unplaced=result.unplaced,
        met=_is_met(stack, result),
        frozen=frozen,
    )
    stack_status, status_reason = status.stack_status(stack, members, verdict)
    return Plan(
        members=members,
        updates=updates,
        unplaced=result.unplaced,
        status=stack_status,
        status_reason=status_reason,
        due_at=_due_at(members, now),
    )


def _role(member):
    state = member.cloud.state
    if not member.allowed or state == CloudState.UNAUTHORIZED:
        return Role.HELD
    if state in health.GONE:
        return Role.LOST
    if not member.read:
        return Role.SERVES
    if member.missing or member.count is None:
        return Role.LOST
    if member.rejection is not None or member.suspended:
        return Role.HELD
    return Role.SERVES


def _released(stack, roles, now):
    """Rejected members that may try again.

    Only those that would grow: a member that Heat does not let shrink would
    make the others grow for each try, and shrink again after it.
    """
    trying = {
        m.cloud.name: m.count
        for m in stack.members
        if roles[m.cloud.name] is Role.HELD
        and m.cloud.state == CloudState.UP
        and m.rejection is not None
        and m.retry_at is not None
        and m.retry_at <= now
    }
    if not trying:
        return {}
    served = _spread(stack, roles | dict.fromkeys(trying, Role.SERVES))
    return {
        cloud: Role.SERVES
        for cloud, count in trying.items()
        if served.targets[cloud] > count
    }


def _spread(stack, roles):
    specification = spread.Specification(
        stack_id=stack.id,
        count=stack.count,
        failover=stack.failover,
        parts=tuple(
            spread.Part(m.cloud.name, m.weight, m.min_count, m.max_count)
            for m in stack.members
        ),
    )
    return spread.spread(
        specification,
        {cloud for cloud, role in roles.items() if role is Role.LOST},
        {
            m.cloud.name: m.count
            for m in stack.members
            if roles[m.cloud.name] is Role.HELD
        },
    )


def _updates(stack, roles, result, now):
    """The updates that may be sent now: growth, retries, safe shrinking."""
    targets = result.targets
    free = [
        m
        for m in stack.members
        if roles[m.cloud.name] is Role.SERVES and _is_free(m, now)
    ]
    updates = []
    for member in free:
        target = targets[member.cloud.name]
        if member.count < target:
            updates.append(_update(member, target, 'its share has grown'))
        elif member.count == target and member.failed and member.retry_at:
            updates.append(_update(member, target, 'its last update failed'))
    in_flight = bool(updates) or any(m.in_progress for m in stack.members)
    wanted = sum(
        target
        for cloud, target in targets.items()
        if roles[cloud] is not Role.LOST
    )
    if Role.HELD in roles.values():
        # What only a held cloud may take stays where it is until it can.
        wanted += result.unplaced
    surplus = max(0, _standing(stack, roles) - wanted)
    shrinking = [m for m in free if m.count > targets[m.cloud.name]]
    for member in sorted(shrinking, key=lambda m: m.ready, reverse=True):
        target = targets[member.cloud.name]
        # Heat takes the members with the highest numbers, and where an
        # update failed those are the ones that never became ready.
        loss = max(0, member.ready - target)
        if loss > surplus and not in_flight:
            # All else has settled and what is missing will not come soon:
            # shrink as far as the others carry it.
            target = member.ready - surplus
            loss = member.ready - target
        if loss <= surplus and target < member.count:
            updates.append(_update(member, target, 'its share has shrunk'))
            surplus -= loss
    return tuple(updates)


def _is_free(member, now):
    """Whether an update may be sent to the stack of the member now."""
    return (
        member.cloud.state == CloudState.UP
        and member.read
        and not member.in_progress
        and (member.retry_at is None or member.retry_at <= now)
    )


def _update(member, new, why):
    return Update(
        cloud=member.cloud.name,
        heat_id=member.heat_id,
        heat_status=member.heat_status,
        old=member.count,
        new=new,
        why=why,
    )


def _standing(stack, roles):
    """How many are known to be there, in clouds that can be counted on."""
    return sum(
        m.ready
        for m in stack.members
        if roles[m.cloud.name] is not Role.LOST
        and (
            m.cloud.state in (CloudState.UP, CloudState.UNAUTHORIZED)
            or not m.allowed
        )
    )


def _is_met(stack, result):
    """Whether the total is there, as far as is known."""
    ready = sum(
        m.ready for m in stack.members if m.cloud.state not in health.GONE
    )
    return ready >= sum(result.targets.values()) + result.unplaced


def _member_plan(stack, member, result, now):
    cloud = member.cloud.name
    failures, retry_at = _back_off(member, result.targets[cloud], now)
    state, reason = status.member_state(stack, member, result, retry_at)
    return MemberPlan(
        cloud=cloud,
        target=result.targets[cloud],
        effective_weight=result.effective_weights[cloud],
        state=state,
        reason=reason,
        failures=failures,
        retry_at=retry_at,
    )


def _back_off(member, target, now):
    """How often the member failed in a row, and when it may try again."""
    if member.failed and member.count == target and member.retry_at is None:
        failures = member.failures + 1
        return failures, now + retry_delay(failures)
    settled = member.heat_status.endswith('_COMPLETE')
    if settled and member.count == target and member.rejection is None:
        return 0, None
    return member.failures, member.retry_at


def retry_delay(failures):
    """How long to wait after so many failures in a row, up to a cap."""
    return min(FIRST_RETRY * 2 ** min(failures - 1, 10), LAST_RETRY)


def _due_at(members, now):
    times = [m.retry_at for m in members if m.retry_at and m.retry_at > now]
    return min(times, default=None)
