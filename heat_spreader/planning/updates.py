# SPDX-License-Identifier: Apache-2.0
"""Which updates may be sent now, and why.

Ready capacity is never taken below what the targets add up to: growth goes
first, and a member shrinks only as far as the others are really there.
"""

import collections.abc
import dataclasses

from heat_spreader import states
from heat_spreader.planning import capacity
from heat_spreader.planning import facts
from heat_spreader.planning import override
from heat_spreader.planning import rules
from heat_spreader.planning import spread
from heat_spreader.planning import status


@dataclasses.dataclass(frozen=True)
class Update:
    """One change of a count in Heat; ``why`` goes on from "because".

    ``set_back``: it undoes what something else has changed. ``tries``: it
    shows whether a cloud that is full has room again. ``repeats``: it, or one
    like it, was sent before, without success.
    """

    cloud: str
    heat_id: str | None
    heat_status: str
    old: int
    new: int
    why: str
    set_back: bool = False
    tries: bool = False
    repeats: bool = False


# What becomes of a share that goes to the others as they become ready.
_GIVEN_UP = (rules.Share.DRAINED, rules.Share.WAITING)
# What something else does to the count of each member, by cloud.
Overrides = dict[str, override.Override]


def make(
    stack: facts.Stack,
    shares: facts.Shares,
    result: spread.Spread,
    free: list[facts.Member],
    overrides: Overrides,
    overflow: capacity.Overflow,
) -> tuple[Update, ...]:
    """The updates that may be sent now: growth, retries, safe shrinking.

    :param free: the members that may be updated now
    """
    growth = [
        *_growth(stack, free, shares, result, overrides, overflow),
        *_retries(free, result),
    ]
    in_flight = bool(growth) or any(m.changing for m in stack.members)
    surplus = _surplus(stack, shares, result, overflow)
    shrinking = _shrinking(free, shares, result, overrides, surplus, in_flight)
    return (*growth, *(_told(each, stack, overflow) for each in shrinking))


def probes(
    stack: facts.Stack,
    shares: facts.Shares,
    retrying: collections.abc.Container[str],
) -> collections.abc.Iterator[Update]:
    """Updates that change nothing, to find out what the credentials may.

    The others grow before a member shrinks, and would do so in vain while it
    may not be changed.

    :param retrying: the clouds of the rejected members that may try again
    """
    for member in stack.members:
        if (
            member.cloud.name in retrying
            and shares[member.cloud.name] is rules.Share.HELD
            and member.rejected_as == states.MemberState.UNAUTHORIZED
            and not member.changing
        ):
            why = 'this shows whether the stack may be changed now'
            yield _update(member, _count(member), why)


def _growth(
    stack: facts.Stack,
    free: list[facts.Member],
    shares: facts.Shares,
    result: spread.Spread,
    overrides: Overrides,
    overflow: capacity.Overflow,
) -> collections.abc.Iterator[Update]:
    causes = [status.lost(stack, shares), overflow.because]
    lost = ' and '.join(filter(None, causes))
    undisturbed: dict[str, int] | None = None
    for member in free:
        target = result.targets[member.cloud.name]
        if not member.cloud.rule.grow or _count(member) >= target:
            continue
        overridden = overrides[member.cloud.name]
        if overridden.now:
            yield _set_back(member, target, overridden)
            continue
        if member.trying and member.cap and target > member.cap.count:
            yield _try(member, target)
            continue
        if lost and undisturbed is None:
            undisturbed = spread.of_stack(
                capacity.without_caps(stack, overflow.reasons),
                _without_failover(shares),
            ).targets
        why = _why_grown(member, target, undisturbed, lost)
        yield _update(member, target, why)


def _without_failover(shares: facts.Shares) -> facts.Shares:
    return {
        cloud: share if share is rules.Share.HELD else rules.Share.OWN
        for cloud, share in shares.items()
    }


def _why_grown(
    member: facts.Member,
    target: int,
    undisturbed: dict[str, int] | None,
    lost: str,
) -> str:
    own = target if undisturbed is None else undisturbed[member.cloud.name]
    if target <= own:
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


def _try(member: facts.Member, target: int) -> Update:
    """One more than was last seen to fit."""
    why = f'this shows whether {member.cloud.name} has room again'
    update = _update(member, target, why)
    return dataclasses.replace(update, tries=True, repeats=True)


def _told(
    update: Update, stack: facts.Stack, overflow: capacity.Overflow
) -> Update:
    """The same, with the reason where it follows from want of room."""
    full = overflow.reasons.get(update.cloud)
    member = next(m for m in stack.members if m.cloud.name == update.cloud)
    if full is None or member.cap is None or not member.stack.failed:
        return update
    return dataclasses.replace(
        update, why=full.rstrip('.'), repeats=member.cap.tries > 1
    )


def _surplus(
    stack: facts.Stack,
    shares: facts.Shares,
    result: spread.Spread,
    overflow: capacity.Overflow,
) -> int:
    """How many ready instances there are beyond what must be there."""
    required = sum(
        target
        for cloud, target in result.targets.items()
        if not shares[cloud].lost
    )
    if overflow.reasons or any(
        _is_waited_for(m, shares[m.cloud.name]) for m in stack.members
    ):
        # What only a held, cordoned, drained or full cloud may take stays
        # where it is until it can.
        required += result.unplaced
    return max(0, _ready_capacity(stack, shares) - required)


def _is_waited_for(member: facts.Member, share: rules.Share) -> bool:
    return share is rules.Share.HELD or spread.gets_no_more(member, share)


def _ready_capacity(stack: facts.Stack, shares: facts.Shares) -> int:
    """How many are known to be there, in clouds that can be counted on."""
    return sum(
        m.stack.ready_for_others
        for m in stack.members
        if not shares[m.cloud.name].lost
        and (m.cloud.rule.ready is rules.Ready.COUNTS or not m.allowed)
        and (m.read_error is None or shares[m.cloud.name] is rules.Share.HELD)
    )


def _shrinking(
    free: list[facts.Member],
    shares: facts.Shares,
    result: spread.Spread,
    overrides: Overrides,
    surplus: int,
    in_flight: bool,
) -> collections.abc.Iterator[Update]:
    """Updates that remove no more ready instances than the surplus."""
    drained = {c for c, s in shares.items() if s in _GIVEN_UP}
    order = sorted(
        free,
        key=lambda m: (m.cloud.name in drained, m.stack.ready_at_most),
        reverse=True,
    )
    for member in order:
        target = result.targets[member.cloud.name]
        is_drained = member.cloud.name in drained
        if not member.cloud.rule.shrink or _count(member) <= target:
            continue
        ready = member.stack.ready_at_most
        # Heat removes the instances with the highest numbers, which are those
        # that never became ready where an update failed; an autoscaling group
        # removes failed ones first.
        loss = max(0, ready - target)
        if loss > surplus and (is_drained or not in_flight):
            # All else has settled and what is missing will not come soon, or
            # one slow cloud must not hold a drain: shrink as far as the
            # others carry it.
            target = ready - surplus
            loss = ready - target
        if loss <= surplus and target < _count(member):
            overridden = overrides[member.cloud.name]
            if overridden.now:
                yield _set_back(member, target, overridden)
            else:
                yield _update(member, target, _why_shrunk(member))
            surplus -= loss


def _why_shrunk(member: facts.Member) -> str:
    if member.share is rules.Share.DRAINED:
        return f'{member.cloud.name} is being drained'
    if member.share is rules.Share.WAITING:
        return 'others have replaced it, and it waits for failback'
    return 'its share has shrunk'


def _count(member: facts.Member) -> int:
    # A member that takes its own share and was read has a count.
    return member.stack.count or 0


def _set_back(
    member: facts.Member, new: int, overridden: override.Override
) -> Update:
    why = (
        f'it was changed in Heat from {member.sent_count} to {_count(member)}'
    )
    if overridden.contested:
        why += ', again: something else controls this Heat stack'
    return dataclasses.replace(_update(member, new, why), set_back=True)


def _update(member: facts.Member, new: int, why: str) -> Update:
    return Update(
        cloud=member.cloud.name,
        heat_id=member.stack.id,
        heat_status=member.stack.status,
        old=_count(member),
        new=new,
        why=why,
    )
