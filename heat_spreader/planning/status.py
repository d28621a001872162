# SPDX-License-Identifier: Apache-2.0
"""The state of a member, and why, for people.

Pure, like the plan that it explains.
"""

import collections.abc
import datetime

from heat_spreader import states
from heat_spreader.planning import bounds
from heat_spreader.planning import facts
from heat_spreader.planning import orders
from heat_spreader.planning import override
from heat_spreader.planning import rules
from heat_spreader.planning import specification
from heat_spreader.planning import spread
from heat_spreader.planning import text

MemberState = states.MemberState
CloudState = states.CloudState

# The states of a cloud that is declared up in which no one is sure of that.
_UNSEEN_IF_UP = (CloudState.DOWN, CloudState.RECOVERING, CloudState.UNSEEN)
# The states of a cloud that are no trouble for its members.
_IN_USE = (CloudState.UP, CloudState.SUSPECT, CloudState.UNKNOWN)
# A state and its reason.
Judgement = tuple[MemberState, str]


def of_member(
    stack: facts.Stack,
    member: facts.Member,
    result: spread.Spread,
    retry_at: datetime.datetime | None,
    overridden: override.Override,
) -> Judgement:
    """The state of a member, and the reason."""
    target = result.targets[member.cloud.name]
    found = _cloud_trouble(stack, member, result)
    if found and orders.leaves_nothing(member):
        return orders.judge_empty(member)
    found = found or _stack_trouble(stack, member, result)
    if found:
        return found
    progress = _progress(member, target, retry_at)
    if overridden.contested:
        return _contested(member, target, overridden, progress)
    return orders.judge(member, target, progress)


def _cloud_trouble(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> Judgement | None:
    cloud = member.cloud
    if not member.allowed:
        return (
            MemberState.UNAUTHORIZED,
            f'The project may not use the cloud {cloud.name}; the count there '
            'is left unchanged.',
        )
    if cloud.declared is None and cloud.state in _IN_USE:
        # Nearly every plan is made while nothing is wrong.
        return None
    since = text.time(cloud.since)
    if declared := _declared_trouble(stack, member, result):
        return declared
    if cloud.state == CloudState.UNAUTHORIZED:
        return (
            MemberState.UNAUTHORIZED,
            f"{cloud.name} has rejected the engine's credentials since "
            f'{since}: {text.cause(cloud.reason)} The count there is left '
            'unchanged.',
        )
    if cloud.state == CloudState.MISCONFIGURED:
        return (
            MemberState.MISCONFIGURED,
            f'{cloud.name} has been misconfigured since {since}: '
            f'{cloud.reason} The count there is left unchanged.',
        )
    if cloud.state == CloudState.UNSEEN:
        return (
            MemberState.UNSEEN,
            f'The engine has not reached {cloud.name} since {since}, and the '
            f'witnesses do not confirm an outage: {cloud.reason} The count '
            'there is left unchanged.',
        )
    if cloud.state == CloudState.DOWN:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} has been unreachable since {since}: '
            f'{text.cause(cloud.reason)}'
            f'{_where_weight_goes(stack, member, result)}',
        )
    if cloud.state == CloudState.RECOVERING:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} has answered again since {since}; it must keep '
            'answering before it is trusted.'
            f'{_where_weight_goes(stack, member, result)}',
        )
    return None


def _declared_trouble(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> Judgement | None:
    cloud = member.cloud
    declared = orders.declaration(cloud)
    if cloud.declared == states.Declared.DOWN:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} has been declared down{declared}'
            f'{_where_weight_goes(stack, member, result)}',
        )
    if cloud.declared is None or cloud.state not in _UNSEEN_IF_UP:
        return None
    return (
        MemberState.UNSEEN,
        f'{cloud.name} has been declared up{declared} The engine finds it '
        f'{cloud.state} since {text.time(cloud.since)}: {cloud.reason} The '
        'count there is left unchanged.',
    )


def _stack_trouble(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> Judgement | None:
    cloud = member.cloud.name
    if member.unread_as and (
        member.heat or member.unread_as == MemberState.UNAUTHORIZED
    ):
        return member.unread_as, _unreadable(member)
    if absence := _absence(member):
        state, reason = absence
        return state, f'{reason}{_where_weight_goes(stack, member, result)}'
    if member.stack.suspended:
        return (
            MemberState.REJECTED,
            f'The stack in {cloud} is suspended; Heat accepts no update '
            'until it is resumed.',
        )
    if member.rejection is not None:
        count, rejection = member.stack.count, member.rejection
        advice = bounds.advice(cloud, count, rejection, member.retry_at)
        return (
            member.rejected_as,
            f'Heat in {cloud} rejected the update: {text.cause(rejection)} '
            f'The count {count} is held.{advice}',
        )
    return None


def _absence(member: facts.Member) -> Judgement | None:
    """Why nothing can be set in a cloud that was read."""
    cloud = member.cloud.name
    if member.missing and member.stack.id is not None:
        return (
            MemberState.MISSING,
            f'The stack in {cloud} is being deleted, or could not be: '
            f'{heat_reason(member.stack)}',
        )
    if member.missing:
        return (
            MemberState.MISSING,
            f"{cloud} has no stack named '{member.stack_name}'.",
        )
    if member.duplicate_of:
        return (
            MemberState.CONFLICT,
            f'The stack in {cloud} is the same Heat stack as that in '
            f'{member.duplicate_of}: the two cloud entries lead to one Heat '
            f'project. Nothing is changed through {cloud}.',
        )
    if member.parameter_missing:
        return (
            MemberState.PARAMETER_MISSING,
            f"The parameter '{member.count_parameter}' of the stack in "
            f'{cloud} {member.stack.count_problem}.',
        )
    return None


def _unreadable(member: facts.Member) -> str:
    count = member.stack.count
    if count is None:
        known = 'Its count is not known.'
    else:
        known = f'Its count was {count} when it was last read.'
    return (
        f'The stack in {member.cloud.name} has been unreadable since '
        f'{text.time(member.unread_since)}: {member.read_error} {known}'
    )


def _contested(
    member: facts.Member,
    target: int,
    overridden: override.Override,
    progress: Judgement,
) -> Judgement:
    cloud, heat = member.cloud.name, member.stack
    reason = (
        f'The count in {cloud} was changed in Heat {override.LIMIT} times '
        'within 10 minutes: something else controls this Heat stack, for '
        'example another Heat Spreader, an autoscaler or a pipeline.'
    )
    if overridden.retry_at and not heat.in_progress:
        reason += (
            f' It is {heat.count} now, and is set back to {target} at '
            f'{text.time(overridden.retry_at)}.'
        )
    elif progress[1]:
        reason += f' {progress[1]}'
    return MemberState.CONTESTED, reason


def _progress(
    member: facts.Member, target: int, retry_at: datetime.datetime | None
) -> Judgement:
    cloud, heat = member.cloud.name, member.heat
    if heat is None:
        reason = f' {member.read_error}' if member.read_error else ''
        return (
            MemberState.UNKNOWN,
            f'The stack in {cloud} has not been read yet.{reason}',
        )
    count = heat.count or 0
    if found := (
        _at_work(member, heat, target)
        or _failure(member, heat, target, retry_at)
    ):
        return found
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


def _at_work(
    member: facts.Member, heat: facts.HeatStack, target: int
) -> Judgement | None:
    """What is so while Heat works on an update, or may do so."""
    cloud, count = member.cloud.name, heat.count or 0
    if member.unanswered and count != target:
        return (
            MemberState.BUSY,
            f'{cloud} has {count} and will get {target}, but has not answered '
            'an update yet.',
        )
    if not heat.in_progress:
        return None
    if member.failures and member.retry_at is None:
        return (
            MemberState.FAILED,
            f'The last update of {cloud} failed: {member.last_error} Heat is '
            f'working on the next attempt: {heat.status}.',
        )
    if count == target:
        return (
            MemberState.SCALING,
            f'{cloud} is changing to {target}: {heat.status}.',
        )
    return (
        MemberState.BUSY,
        f'{cloud} has {count} and will get {target}, but Heat is still '
        f'working on the stack: {heat.status}.',
    )


def _failure(
    member: facts.Member,
    heat: facts.HeatStack,
    target: int,
    retry_at: datetime.datetime | None,
) -> Judgement | None:
    """What is so after an update that failed."""
    cloud, count = member.cloud.name, heat.count or 0
    again = ''
    if retry_at:
        again = f' The next attempt is at {text.time(retry_at)}.'
    if heat.failed:
        return (
            MemberState.FAILED,
            f'{_how_many_ready(cloud, heat)} {heat_reason(heat)}{again}',
        )
    if member.undone:
        return (
            MemberState.FAILED,
            f'Heat rolled the update of {cloud} from {count} to '
            f'{member.sent_count} back: {heat_reason(heat)}{again}',
        )
    if member.last_error is not None and retry_at and count != target:
        return (
            MemberState.FAILED,
            f'The update of {cloud} from {count} to {target} failed: '
            f'{member.last_error}{again}',
        )
    return None


def _how_many_ready(cloud: str, heat: facts.HeatStack) -> str:
    if heat.ready is None:
        return (
            f'{cloud} has the count {heat.count}, and how many of its '
            f'instances are ready is unknown: {heat.ready_problem}'
        )
    return f'{cloud} has {heat.ready} of {heat.count or 0} instances ready:'


def heat_reason(heat: facts.HeatStack) -> str:
    """The status of a Heat stack and Heat's reason, as a sentence."""
    return ', '.join(filter(None, [heat.status, heat.status_reason])) + '.'


def _where_weight_goes(
    stack: facts.Stack, member: facts.Member, result: spread.Spread
) -> str:
    if not member.part.weight:
        return ''
    weight = specification.format_weight(member.part.weight)
    if (
        stack.specification.failover == states.Failover.NONE
        and not member.cloud.draining
    ):
        return f' Its weight {weight} stays where it is: failover is none.'
    others = [
        m.cloud.name
        for m in stack.members
        if result.effective_weights[m.cloud.name] > m.part.weight
    ]
    if not others:
        return f' No other cloud takes its weight {weight}.'
    return f' Its weight {weight} is spread over {text.join(others)}.'


def lost(
    stack: facts.Stack, shares: collections.abc.Mapping[str, rules.Share]
) -> str:
    """Which clouds do not take their weight, '' where all do.

    It goes on from "because": cairo is DOWN.
    """
    clauses = [
        f'{m.cloud.name} {_lost_state(m)}'
        for m in stack.members
        if m.part.weight and _is_lost(stack, m, shares[m.cloud.name])
    ]
    return text.join(clauses) if clauses else ''


def _is_lost(
    stack: facts.Stack, member: facts.Member, share: rules.Share
) -> bool:
    if share is rules.Share.CAPPED:
        quota = member.part.weight * stack.specification.count
        return (member.stack.count or 0) < quota
    return share.lost or share in (rules.Share.DRAINED, rules.Share.WAITING)


def _lost_state(member: facts.Member) -> str:
    if member.cloud.draining:
        return 'is drained'
    if member.share is rules.Share.WAITING:
        return 'waits for failback'
    if member.cloud.rule.share is rules.Share.CAPPED:
        return 'is cordoned'
    if member.cloud.declared == states.Declared.DOWN:
        return 'is declared down'
    if member.cloud.rule.share.lost:
        return f'is {member.cloud.state}'
    if member.missing:
        return f'is {MemberState.MISSING}'
    if member.duplicate_of:
        return f'is {MemberState.CONFLICT}'
    return f'is {MemberState.PARAMETER_MISSING}'
