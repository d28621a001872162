# SPDX-License-Identifier: Apache-2.0
"""What to do about a stack: its targets, the next updates, and why.

Pure and level-triggered: facts and the time in, a plan out. It sees what is
wanted and what is there, never what was done last time.
"""

import dataclasses
import datetime
import fractions

from heat_spreader import states
from heat_spreader.planning import capacity
from heat_spreader.planning import facts
from heat_spreader.planning import failback
from heat_spreader.planning import orders
from heat_spreader.planning import override
from heat_spreader.planning import rules
from heat_spreader.planning import spread
from heat_spreader.planning import stack_status
from heat_spreader.planning import status
from heat_spreader.planning import updates

FIRST_RETRY = datetime.timedelta(seconds=5)
LAST_RETRY = datetime.timedelta(minutes=10)


@dataclasses.dataclass(frozen=True)
class BackOff:
    """How often a member failed in a row, and when it may try again."""

    failures: int
    retry_at: datetime.datetime | None


@dataclasses.dataclass(frozen=True)
class MemberPlan:
    """The target of a member, and its state.

    ``failed_over``: it must wait for a failback, now or when it is back.
    ``cap``: what it may have at most, None for no limit.
    """

    cloud: str
    target: int
    effective_weight: fractions.Fraction
    state: states.MemberState
    reason: str
    back_off: BackOff
    overridden: override.Override
    failed_over: bool = False
    cap: facts.Cap | None = None

    @property
    def wake_ups(self) -> list[datetime.datetime]:
        """When time alone changes what to do."""
        times = (
            self.back_off.retry_at,
            self.overridden.retry_at,
            self.overridden.ends_at,
            self.cap.until if self.cap else None,
        )
        return [time for time in times if time is not None]


@dataclasses.dataclass(frozen=True)
class Basis:
    """What the targets of a plan come from, for those who explain them.

    ``stack``: the facts, with each cloud as it may be used now. ``shares``:
    what becomes of each share. ``spread``: before what must not shrink yet is
    kept.
    """

    stack: facts.Stack
    shares: facts.Shares
    spread: spread.Spread


@dataclasses.dataclass(frozen=True)
class Plan:
    """What to do about a stack.

    ``missing``: how many ready instances it lacks, as far as is known.
    ``due_at``: when to plan again unasked. ``full``: the clouds that are found
    to be full now, and those that no longer are.
    """

    members: tuple[MemberPlan, ...]
    updates: tuple[updates.Update, ...]
    unplaced: int
    missing: int
    verdict: stack_status.Verdict
    due_at: datetime.datetime | None
    basis: Basis
    full: capacity.Found

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
    acting = not stack.specification.paused and not frozen
    stack = orders.apply(stack, now)
    uncapped, stack = stack, capacity.apply(stack, now)
    full = capacity.found(uncapped, stack)
    if acting:
        stack = failback.without_needless(stack)
    retrying = _retrying(stack, now)
    stack = _without_settled(stack, retrying)
    shares = _shares(stack, retrying)
    result = spread.of_stack(stack, shares)
    basis = Basis(stack, shares, result)
    outlook = failback.outlook(stack, shares, result, acting)
    overflow = capacity.overflow(stack, shares)
    if not stack.weights_complete:
        result = _without_shrinking(stack, shares, result)
    pauses = {
        m.cloud.name: _back_off(m, result.targets[m.cloud.name], now)
        for m in stack.members
    }
    overrides = {
        m.cloud.name: override.of_member(m, result.targets[m.cloud.name], now)
        for m in stack.members
    }
    members = tuple(
        _member_plan(
            stack, member, result, pauses, overrides, outlook, overflow
        )
        for member in stack.members
    )
    sent: tuple[updates.Update, ...] = ()
    if acting:
        free = [
            m
            for m in stack.members
            if shares[m.cloud.name].settable
            and _is_free(m, now, pauses, overrides)
        ]
        sent = (
            *updates.make(stack, shares, result, free, overrides, overflow),
            *updates.probes(stack, shares, retrying),
        )
    missing = _missing(stack, result)
    verdict = _verdict(stack, members, sent, result, missing, frozen)
    return Plan(
        members=members,
        updates=sent,
        unplaced=result.unplaced,
        missing=missing,
        verdict=outlook.explain_stack(verdict, result.targets),
        due_at=_due_at(stack, members, now),
        basis=basis,
        full=full,
    )


def _verdict(
    stack: facts.Stack,
    members: tuple[MemberPlan, ...],
    sent: tuple[updates.Update, ...],
    result: spread.Spread,
    missing: int,
    frozen: str | None,
) -> stack_status.Verdict:
    return stack_status.of_stack(
        stack,
        {m.cloud: (m.state, m.reason) for m in members},
        {u.cloud: (u.old, u.new) for u in sent},
        result.unplaced,
        not missing,
        frozen,
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


def _retrying(stack: facts.Stack, now: datetime.datetime) -> dict[str, int]:
    """The own targets of the rejected members that may try again."""
    trying = [
        m.cloud.name
        for m in stack.members
        if m.share in (rules.Share.HELD, rules.Share.WAITING)
        and m.cloud.rule.changeable
        and m.rejection is not None
        and m.read_error is None
        and m.retry_at is not None
        and _is_over(m.retry_at, now)
    ]
    if not trying:
        return {}
    shares = {
        m.cloud.name: m.cloud.rule.share
        if m.cloud.name in trying and m.share is rules.Share.HELD
        else m.share
        for m in stack.members
    }
    targets = spread.of_stack(stack, shares).targets
    return {cloud: targets[cloud] for cloud in trying}


def _without_settled(
    stack: facts.Stack, retrying: dict[str, int]
) -> facts.Stack:
    """The same, where no update is wanted any more that was rejected."""
    if not retrying:
        return stack
    members = tuple(
        dataclasses.replace(m, rejection=None)
        if retrying.get(m.cloud.name) == m.stack.count is not None
        else m
        for m in stack.members
    )
    return dataclasses.replace(stack, members=members)


def _shares(stack: facts.Stack, retrying: dict[str, int]) -> facts.Shares:
    """What becomes of each share now.

    Of the rejected members, those that would grow may try again. One that
    Heat does not let shrink would make the others grow for each try, and
    shrink again after it.
    """
    return {
        m.cloud.name: m.cloud.rule.share
        if retrying.get(m.cloud.name, 0) > (m.stack.count or 0)
        else m.share
        for m in stack.members
    }


def _without_shrinking(
    stack: facts.Stack, shares: facts.Shares, result: spread.Spread
) -> spread.Spread:
    """The same, and no member that was read gets less than it has.

    Weights that are set one by one must not take away what runs.
    """
    counts = {
        m.cloud.name: (m.keeps if m.cap else m.stack.count) or 0
        for m in stack.members
        if shares[m.cloud.name].settable
    }
    targets = {
        cloud: max(target, counts.get(cloud, 0))
        for cloud, target in result.targets.items()
    }
    return dataclasses.replace(result, targets=targets)


def _is_free(
    member: facts.Member,
    now: datetime.datetime,
    pauses: dict[str, BackOff],
    overrides: updates.Overrides,
) -> bool:
    """Whether Heat can take an update of the member now."""
    return (
        member.cloud.rule.changeable
        and member.heat is not None
        and member.read_error is None
        and not member.stack.suspended
        and not member.changing
        and _is_over(pauses[member.cloud.name].retry_at, now)
        and _is_over(overrides[member.cloud.name].retry_at, now)
    )


def _is_over(
    retry_at: datetime.datetime | None, now: datetime.datetime
) -> bool:
    """Whether it is time for the next attempt.

    A time that is too far away was written before a clock was set back.
    """
    return (
        retry_at is None or retry_at <= now or retry_at > now + 2 * LAST_RETRY
    )


def _missing(stack: facts.Stack, result: spread.Spread) -> int:
    """How many of the total are not there, as far as is known."""
    ready = sum(
        m.stack.ready_for_others
        for m in stack.members
        if m.cloud.rule.ready is not rules.Ready.IGNORED and not m.duplicate_of
    )
    return max(0, sum(result.targets.values()) + result.unplaced - ready)


def _member_plan(
    stack: facts.Stack,
    member: facts.Member,
    result: spread.Spread,
    pauses: dict[str, BackOff],
    overrides: updates.Overrides,
    outlook: failback.Outlook,
    overflow: capacity.Overflow,
) -> MemberPlan:
    cloud = member.cloud.name
    pause, overridden = pauses[cloud], overrides[cloud]
    target = result.targets[cloud]
    judgement = status.of_member(
        stack, member, result, pause.retry_at, overridden
    )
    judgement = overflow.explain_member(member, target, judgement)
    state, reason = outlook.explain_member(member, judgement)
    return MemberPlan(
        cloud=cloud,
        target=target,
        effective_weight=result.effective_weights[cloud],
        state=state,
        reason=reason,
        back_off=pause,
        overridden=overridden,
        failed_over=cloud in outlook.failed_over,
        cap=member.cap,
    )


def _back_off(
    member: facts.Member, target: int, now: datetime.datetime
) -> BackOff:
    at_target = member.stack.count == target
    failed = member.undone or (member.stack.failed and at_target)
    if failed and member.retry_at is None:
        return back_off(member.failures, now)
    if member.stack.complete and at_target and member.rejection is None:
        return BackOff(0, None)
    return BackOff(member.failures, member.retry_at)


def _due_at(
    stack: facts.Stack,
    members: tuple[MemberPlan, ...],
    now: datetime.datetime,
) -> datetime.datetime | None:
    times = [time for m in members for time in m.wake_ups]
    times += orders.wake_ups(stack)
    # No stack waits longer than this; an order may begin much later.
    longest = now + LAST_RETRY
    times = [min(time, longest) for time in times]
    return min((time for time in times if time > now), default=None)
