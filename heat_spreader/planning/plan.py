# SPDX-License-Identifier: Apache-2.0
"""What to do about a stack: its targets, the next updates, and why.

Pure and level-triggered: facts and the time in, a plan out. It sees what is
wanted and what is there, never what was done last time. Ready capacity is
never taken below what the targets add up to: growth goes first, and a member
shrinks only as far as the others are really there.
"""

import collections.abc
import dataclasses
import datetime
import fractions

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import spread
from heat_spreader.planning import status

FIRST_RETRY = datetime.timedelta(seconds=5)
LAST_RETRY = datetime.timedelta(minutes=10)

_Shares = dict[str, facts.Share]


@dataclasses.dataclass(frozen=True)
class Update:
    """One change of a count in Heat; ``why`` goes on from "because"."""

    cloud: str
    heat_id: str | None
    heat_status: str
    old: int
    new: int
    why: str


@dataclasses.dataclass(frozen=True)
class BackOff:
    """How often a member failed in a row, and when it may try again."""

    failures: int
    retry_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class MemberPlan:
    """The target of a member, and its state."""

    cloud: str
    target: int
    effective_weight: fractions.Fraction
    state: states.MemberState
    reason: str
    back_off: BackOff


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do about a stack; ``due_at``: when to plan again unasked."""

    members: tuple[MemberPlan, ...]
    updates: tuple[Update, ...]
    unplaced: int
    verdict: status.Verdict
    due_at: datetime.datetime | None

    @property
    def status(self) -> states.StackStatus:
        """The status of the stack."""
        return self.verdict.status

    @property
    def status_reason(self) -> str:
        """Why the stack has that status."""
        return self.verdict.reason


def make(
    stack: facts.Stack, now: datetime.datetime, frozen: str | None = None
) -> Plan:
    """Plan for a stack.

    :param frozen: why nothing may be changed anywhere, None if all may
    """
    shares = {m.cloud.name: m.share for m in stack.members}
    shares.update(_released(stack, shares, now))
    result = _spread(stack, shares)
    if not stack.weights_complete:
        result = _without_shrinking(stack, shares, result)
    members = tuple(
        _member_plan(stack, member, result, now) for member in stack.members
    )
    updates: tuple[Update, ...] = ()
    if not stack.specification.paused and not frozen:
        updates = _updates(stack, shares, result, now)
    return Plan(
        members=members,
        updates=updates,
        unplaced=result.unplaced,
        verdict=status.of_stack(
            stack,
            {m.cloud: (m.state, m.reason) for m in members},
            {u.cloud: (u.old, u.new) for u in updates},
            result.unplaced,
            _is_met(stack, result),
            frozen,
        ),
        due_at=_due_at(members, now),
    )


def back_off(
    failures: int,
    now: datetime.datetime,
    wait: datetime.timedelta = datetime.timedelta(),
) -> BackOff:
    """The back-off after one more failure in a row, with a cap.

    :param failures: how many there were before
    :param wait: how long the cloud asks to wait at least
    """
    delay = min(FIRST_RETRY * 2 ** min(failures, 10), LAST_RETRY)
    return BackOff(failures + 1, now + max(delay, wait))


def _released(
    stack: facts.Stack, shares: _Shares, now: datetime.datetime
) -> _Shares:
    """Rejected members that may try again.

    Only those that would grow: a member that Heat does not let shrink would
    make the others grow for each try, and shrink again after it.
    """
    trying = {
        m.cloud.name: m.stack.count or 0
        for m in stack.members
        if shares[m.cloud.name] is facts.Share.HELD
        and m.cloud.rule.changeable
        and m.rejection is not None
        and m.retry_at is not None
        and m.retry_at <= now
    }
    if not trying:
        return {}
    own = dict.fromkeys(trying, facts.Share.OWN)
    served = _spread(stack, shares | own)
    return {
        cloud: facts.Share.OWN
        for cloud, count in trying.items()
        if served.targets[cloud] > count
    }


def _spread(stack: facts.Stack, shares: _Shares) -> spread.Spread:
    return spread.spread(
        stack.id,
        stack.specification,
        {c for c, share in shares.items() if share is facts.Share.SPREAD},
        {
            m.cloud.name: m.stack.count
            for m in stack.members
            if shares[m.cloud.name] is facts.Share.HELD
        },
    )


def _without_shrinking(
    stack: facts.Stack, shares: _Shares, result: spread.Spread
) -> spread.Spread:
    """The same, and no member that was read gets less than it has.

    Weights that are set one by one must not take away what runs.
    """
    counts = {
        m.cloud.name: _count(m)
        for m in stack.members
        if shares[m.cloud.name] is facts.Share.OWN
    }
    targets = {
        cloud: max(target, counts.get(cloud, 0))
        for cloud, target in result.targets.items()
    }
    return dataclasses.replace(result, targets=targets)


def _updates(
    stack: facts.Stack,
    shares: _Shares,
    result: spread.Spread,
    now: datetime.datetime,
) -> tuple[Update, ...]:
    """The updates that may be sent now: growth, retries, safe shrinking."""
    free = [
        m
        for m in stack.members
        if shares[m.cloud.name] is facts.Share.OWN and _is_free(m, now)
    ]
    growth = [
        *_growth(stack, free, shares, result),
        *_retries(free, result),
    ]
    in_flight = bool(growth) or any(m.stack.in_progress for m in stack.members)
    surplus = _surplus(stack, shares, result)
    return (*growth, *_shrinking(free, result, surplus, in_flight))


def _is_free(member: facts.Member, now: datetime.datetime) -> bool:
    """Whether an update may be sent to the stack of the member now."""
    return (
        member.cloud.rule.changeable
        and member.heat is not None
        and not member.heat.in_progress
        and (member.retry_at is None or member.retry_at <= now)
    )


def _growth(
    stack: facts.Stack,
    free: list[facts.Member],
    shares: _Shares,
    result: spread.Spread,
) -> collections.abc.Iterator[Update]:
    undisturbed: dict[str, int] | None = None
    for member in free:
        target = result.targets[member.cloud.name]
        if not member.cloud.rule.grow or _count(member) >= target:
            continue
        if undisturbed is None:
            undisturbed = _spread(stack, _without_failover(shares)).targets
        why = _why_grown(
            member, target, undisturbed, status.lost(stack, shares)
        )
        yield _update(member, target, why)


def _without_failover(shares: _Shares) -> _Shares:
    return {
        cloud: facts.Share.OWN if share is facts.Share.SPREAD else share
        for cloud, share in shares.items()
    }


def _why_grown(
    member: facts.Member, target: int, undisturbed: dict[str, int], lost: str
) -> str:
    own = undisturbed[member.cloud.name]
    if target <= own or not lost:
        return 'its share has grown'
    if _count(member) >= own:
        return lost
    return f'its share has grown and {lost}'


def _retries(
    free: list[facts.Member], result: spread.Spread
) -> collections.abc.Iterator[Update]:
    for member in free:
        target = result.targets[member.cloud.name]
        failed = member.stack.failed and member.retry_at is not None
        if failed and _count(member) == target:
            yield _update(member, target, 'its last update failed')


def _surplus(
    stack: facts.Stack, shares: _Shares, result: spread.Spread
) -> int:
    """How many ready instances there are beyond what must be there."""
    required = sum(
        target
        for cloud, target in result.targets.items()
        if shares[cloud] is not facts.Share.SPREAD
    )
    if facts.Share.HELD in shares.values():
        # What only a held cloud may take stays where it is until it can.
        required += result.unplaced
    return max(0, _ready_capacity(stack, shares) - required)


def _ready_capacity(stack: facts.Stack, shares: _Shares) -> int:
    """How many are known to be there, in clouds that can be counted on."""
    return sum(
        m.stack.ready
        for m in stack.members
        if shares[m.cloud.name] is not facts.Share.SPREAD
        and (m.cloud.rule.ready is facts.Ready.COUNTS or not m.allowed)
    )


def _shrinking(
    free: list[facts.Member],
    result: spread.Spread,
    surplus: int,
    in_flight: bool,
) -> collections.abc.Iterator[Update]:
    """Updates that remove no more ready instances than the surplus."""
    for member in sorted(free, key=lambda m: m.stack.ready, reverse=True):
        target = result.targets[member.cloud.name]
        if not member.cloud.rule.shrink or _count(member) <= target:
            continue
        ready = member.stack.ready
        # Heat removes the instances with the highest numbers, and where an
        # update failed those are the ones that never became ready.
        loss = max(0, ready - target)
        if loss > surplus and not in_flight:
            # All else has settled and what is missing will not come soon:
            # shrink as far as the others carry it.
            target = ready - surplus
            loss = ready - target
        if loss <= surplus and target < _count(member):
            yield _update(member, target, 'its share has shrunk')
            surplus -= loss


def _count(member: facts.Member) -> int:
    # A member that takes its own share and was read has a count.
    return member.stack.count or 0


def _update(member: facts.Member, new: int, why: str) -> Update:
    return Update(
        cloud=member.cloud.name,
        heat_id=member.stack.id,
        heat_status=member.stack.status,
        old=_count(member),
        new=new,
        why=why,
    )


def _is_met(stack: facts.Stack, result: spread.Spread) -> bool:
    """Whether the total is there, as far as is known."""
    ready = sum(
        m.stack.ready
        for m in stack.members
        if m.cloud.rule.ready is not facts.Ready.IGNORED and not m.duplicate_of
    )
    return ready >= sum(result.targets.values()) + result.unplaced


def _member_plan(
    stack: facts.Stack,
    member: facts.Member,
    result: spread.Spread,
    now: datetime.datetime,
) -> MemberPlan:
    cloud = member.cloud.name
    target = result.targets[cloud]
    pause = _back_off(member, target, now)
    state, reason = status.of_member(stack, member, result, pause.retry_at)
    return MemberPlan(
        cloud=cloud,
        target=target,
        effective_weight=result.effective_weights[cloud],
        state=state,
        reason=reason,
        back_off=pause,
    )


def _back_off(
    member: facts.Member, target: int, now: datetime.datetime
) -> BackOff:
    at_target = member.stack.count == target
    if member.stack.failed and at_target and member.retry_at is None:
        return back_off(member.failures, now)
    if member.stack.complete and at_target and member.rejection is None:
        return BackOff(0, None)
    return BackOff(member.failures, member.retry_at)


def _due_at(
    members: tuple[MemberPlan, ...], now: datetime.datetime
) -> datetime.datetime | None:
    times = [
        m.back_off.retry_at
        for m in members
        if m.back_off.retry_at and m.back_off.retry_at > now
    ]
    return min(times, default=None)
