# SPDX-License-Identifier: Apache-2.0
"""The state of a member, the status of a stack, and why, for people.

Pure, like the plan that it explains.
"""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.planning import spread

StackStatus = states.StackStatus
MemberState = states.MemberState
CloudState = states.CloudState

# A state and its reason.
_Judgement = tuple[MemberState, str]


@dataclasses.dataclass(frozen=True)
class Verdict:
    """The status of a stack.

    ``summary`` is about the stack as a whole; ``reasons`` are those of the
    members that it repeats.
    """

    status: states.StackStatus
    summary: str = ''
    reasons: tuple[str, ...] = ()

    @property
    def reason(self) -> str:
        """All that there is to read."""
        return ' '.join(filter(None, [self.summary, *self.reasons]))


def of_member(
    stack: facts.Stack,
    member: facts.Member,
    result: spread.Spread,
    retry_at: datetime.datetime | None,
) -> _Judgement:
    """The state of a member, and the reason."""
    target = result.targets[member.cloud.name]
    return (
        _cloud_trouble(stack, member, result)
        or _stack_trouble(stack, member, result)
        or _progress(member, target, retry_at)
    )


def _cloud_trouble(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> _Judgement | None:
    cloud = member.cloud
    since = _time(cloud.since)
    if not member.allowed:
        return (
            MemberState.UNAUTHORIZED,
            f'The project may not use the cloud {cloud.name}; the count there '
            'is left unchanged.',
        )
    if cloud.state == CloudState.UNAUTHORIZED:
        return (
            MemberState.UNAUTHORIZED,
            f"{cloud.name} has rejected the engine's credentials since "
            f'{since}: {cloud.reason} The count there is left unchanged.',
        )
    if cloud.state == CloudState.MISCONFIGURED:
        return (
            MemberState.MISCONFIGURED,
            f'{cloud.name} has been misconfigured since {since}: '
            f'{cloud.reason} The count there is left unchanged.',
        )
    if cloud.state == CloudState.DOWN:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} has been unreachable since {since}: '
            f'{cloud.reason}{_where_weight_goes(stack, member, result)}',
        )
    if cloud.state == CloudState.RECOVERING:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} has answered again since {since}; it must keep '
            'answering before it is trusted.'
            f'{_where_weight_goes(stack, member, result)}',
        )
    return None


def _stack_trouble(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> _Judgement | None:
    cloud = member.cloud.name
    weight = _where_weight_goes(stack, member, result)
    if member.missing and member.stack.id is not None:
        return (
            MemberState.MISSING,
            f'The stack in {cloud} is being deleted, or could not be: '
            f'{_heat_reason(member.stack)}.{weight}',
        )
    if member.missing:
        return (
            MemberState.MISSING,
            f"{cloud} has no stack named '{member.stack_name}'.{weight}",
        )
    if member.duplicate_of:
        return (
            MemberState.CONFLICT,
            f'The stack in {cloud} is the same Heat stack as that in '
            f'{member.duplicate_of}: the two cloud entries lead to one Heat '
            'project. Nothing is changed through '
            f'{cloud}.{weight}',
        )
    if member.stack.count_problem:
        return (
            MemberState.PARAMETER_MISSING,
            f"The parameter '{member.count_parameter}' of the stack in "
            f'{cloud} {member.stack.count_problem}.{weight}',
        )
    if member.parameter_missing:
        return (
            MemberState.PARAMETER_MISSING,
            f'The stack in {cloud} has no number parameter '
            f"'{member.count_parameter}'.{weight}",
        )
    if member.heat and member.read_error is not None:
        return (
            MemberState.UNKNOWN,
            f'The stack in {cloud} cannot be read: {member.read_error} Its '
            f'count was {member.heat.count} when it was last read.',
        )
    if member.stack.suspended:
        return (
            MemberState.REJECTED,
            f'The stack in {cloud} is suspended; Heat accepts no update '
            'until it is resumed.',
        )
    if member.rejection is not None:
        return (
            member.rejected_as,
            f'Heat in {cloud} rejected the update: {member.rejection} The '
            f'count {member.stack.count} is held.',
        )
    return None


def _progress(
    member: facts.Member, target: int, retry_at: datetime.datetime | None
) -> _Judgement:
    cloud, heat = member.cloud.name, member.heat
    if heat is None:
        reason = f' {member.read_error}' if member.read_error else ''
        return (
            MemberState.UNKNOWN,
            f'The stack in {cloud} has not been read yet.{reason}',
        )
    count = heat.count or 0
    if member.unanswered and count != target:
        return (
            MemberState.BUSY,
            f'{cloud} has {count} and will get {target}, but has not answered '
            'an update yet.',
        )
    if heat.in_progress and count == target:
        return (
            MemberState.SCALING,
            f'{cloud} is changing to {target}: {heat.status}.',
        )
    if heat.in_progress:
        return (
            MemberState.BUSY,
            f'{cloud} has {count} and will get {target}, but Heat is still '
            f'working on the stack: {heat.status}.',
        )
    again = f' The next attempt is at {_time(retry_at)}.' if retry_at else ''
    if heat.failed:
        return (
            MemberState.FAILED,
            f'{_how_many_ready(cloud, heat)} {_heat_reason(heat)}.{again}',
        )
    if member.undone:
        return (
            MemberState.FAILED,
            f'Heat rolled the update of {cloud} from {count} to '
            f'{member.sent_count} back: {_heat_reason(heat)}.{again}',
        )
    if member.last_error is not None and count != target:
        return (
            MemberState.FAILED,
            f'The update of {cloud} from {count} to {target} failed: '
            f'{member.last_error}{again}',
        )
    if count < target:
        return (
            MemberState.SCALING,
            f'{cloud} will grow from {count} to {target}.',
        )
    if count > target:
        return (
            MemberState.SCALING,
            f'{cloud} will shrink from {count} to {target} when the others '
            'are ready.',
        )
    return MemberState.OK, ''


def _how_many_ready(cloud: str, heat: facts.HeatStack) -> str:
    if heat.ready is None:
        return (
            f'{cloud} has the count {heat.count}, and how many of its '
            f'instances are ready is unknown: {heat.ready_problem}'
        )
    return f'{cloud} has {heat.ready} of {heat.count or 0} instances ready:'


def _heat_reason(heat: facts.HeatStack) -> str:
    return ', '.join(filter(None, [heat.status, heat.status_reason]))


def _where_weight_goes(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> str:
    weight = specification.format_weight(member.part.weight)
    if stack.specification.failover == states.Failover.NONE:
        return f' Its weight {weight} stays where it is: failover is none.'
    others = [
        m.cloud.name
        for m in stack.members
        if result.effective_weights[m.cloud.name] > m.part.weight
    ]
    if not others:
        return f' No other cloud takes its weight {weight}.'
    return f' Its weight {weight} is spread over {_join(others)}.'


def lost(
    stack: facts.Stack, shares: collections.abc.Mapping[str, facts.Share]
) -> str:
    """Which clouds have lost their weight, '' where none has.

    It goes on from "because": cairo is DOWN.
    """
    clauses = [
        f'{m.cloud.name} is {_lost_state(m)}'
        for m in stack.members
        if shares[m.cloud.name] is facts.Share.SPREAD and m.part.weight
    ]
    return _join(clauses) if clauses else ''


def _lost_state(member: facts.Member) -> str:
    if member.cloud.rule.share is facts.Share.SPREAD:
        return member.cloud.state
    if member.missing:
        return MemberState.MISSING
    if member.duplicate_of:
        return MemberState.CONFLICT
    return MemberState.PARAMETER_MISSING


def of_stack(
    stack: facts.Stack,
    members: collections.abc.Mapping[str, _Judgement],
    updates: collections.abc.Mapping[str, tuple[int, int]],
    unplaced: int,
    met: bool,
    frozen: str | None,
) -> Verdict:
    """The status of a stack.

    :param members: the state and the reason of each member by cloud
    :param updates: the old and the new count of each update by cloud
    :param met: whether the total is there
    :param frozen: why nothing may be changed, None if all may
    """
    if not members:
        return Verdict(StackStatus.PENDING, 'No cloud has a weight yet.')
    if stack.specification.paused:
        return Verdict(StackStatus.PAUSED, 'The user paused the stack.')
    if frozen:
        return Verdict(StackStatus.FROZEN, frozen)
    unread = [m.cloud.name for m in stack.members if _is_unread(m, members)]
    if unread:
        return Verdict(StackStatus.PENDING, f'Not read yet: {_join(unread)}.')
    reasons = tuple(
        reason
        for state, reason in members.values()
        if state in states.TROUBLE or state == MemberState.UNKNOWN
    )
    if updates or any(m.changing for m in stack.members):
        return _scaling(stack, members, updates, reasons)
    if unplaced or (reasons and not met):
        return _error(stack, unplaced, reasons)
    if reasons:
        return Verdict(StackStatus.DEGRADED, _placed(stack), reasons)
    if any(state == MemberState.SCALING for state, _ in members.values()):
        return _scaling(stack, members, updates, reasons)
    return Verdict(StackStatus.ACTIVE, _placed(stack))


def _is_unread(
    member: facts.Member, members: collections.abc.Mapping[str, _Judgement]
) -> bool:
    state, _ = members[member.cloud.name]
    return state == MemberState.UNKNOWN and member.heat is None


def _placed(stack: facts.Stack) -> str:
    """How many of the total are placed where the weights are less than 1."""
    wanted = stack.specification
    if wanted.complete:
        return ''
    weight = specification.format_weight(wanted.weight)
    placed = (
        f'{wanted.total} of {wanted.count}: the weights add up to {weight}'
    )
    if stack.weights_complete:
        return f'{placed}.'
    return f'{placed}; nothing shrinks until they add up to 1.'


def _error(
    stack: facts.Stack, unplaced: int, reasons: tuple[str, ...]
) -> Verdict:
    summary = ' '.join(filter(None, [_placed(stack), 'The total is not met.']))
    if unplaced:
        summary += (
            f' {unplaced} of {stack.specification.count} do not fit in any '
            'cloud that can serve.'
        )
    return Verdict(StackStatus.ERROR, summary, reasons)


def _scaling(
    stack: facts.Stack,
    members: collections.abc.Mapping[str, _Judgement],
    updates: collections.abc.Mapping[str, tuple[int, int]],
    reasons: tuple[str, ...],
) -> Verdict:
    steps = [
        f'{cloud}: {old} -> {new}.' for cloud, (old, new) in updates.items()
    ]
    waiting = [
        reason
        for cloud, (state, reason) in members.items()
        if state in states.MOVING and cloud not in updates
    ]
    summary = ' '.join([*steps, *waiting, *filter(None, [_placed(stack)])])
    return Verdict(StackStatus.SCALING, summary, reasons)


def _join(words: list[str]) -> str:
    *rest, last = words
    return f'{", ".join(rest)} and {last}' if rest else last


def _time(moment: datetime.datetime | None) -> str:
    return f'{moment:%Y-%m-%d %H:%M:%S} UTC' if moment else 'an unknown time'
