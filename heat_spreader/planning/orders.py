# SPDX-License-Identifier: Apache-2.0
"""What is ordered for clouds and members, and how people read it.

An administrator orders how a cloud is used, and the owner of a stack how a
member is. The stricter order counts.
"""

import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import text

AdminState = states.AdminState
MemberState = states.MemberState
_STRICTNESS = {
    AdminState.ENABLED: 0,
    AdminState.CORDONED: 1,
    AdminState.DRAINING: 2,
    AdminState.DRAINED: 2,
}


def apply(stack: facts.Stack, now: datetime.datetime) -> facts.Stack:
    """The stack, with each cloud as it may be used for this stack now."""
    if all(m.part.admin_state == AdminState.ENABLED for m in stack.members):
        return stack
    members = tuple(_apply(member, now) for member in stack.members)
    return dataclasses.replace(stack, members=members)


def _apply(member: facts.Member, now: datetime.datetime) -> facts.Member:
    cloud, part = member.cloud, member.part
    ordered = part.admin_state_at(now)
    if _STRICTNESS[ordered] <= _STRICTNESS[cloud.use.state]:
        return member
    order = facts.Order(part.admin_from, part.admin_until, part.admin_reason)
    use = facts.Use(ordered, order, of_stack=True)
    return dataclasses.replace(
        member, cloud=dataclasses.replace(cloud, use=use)
    )


def wake_ups(stack: facts.Stack) -> list[datetime.datetime]:
    """When the orders of the owner begin and end."""
    return [
        moment
        for m in stack.members
        if m.part.admin_state != AdminState.ENABLED
        for moment in (m.part.admin_from, m.part.admin_until)
        if moment is not None
    ]


def leaves_nothing(member: facts.Member) -> bool:
    """Whether a drain has left nothing that trouble of the cloud could hit."""
    return member.cloud.draining and member.allowed and member.stack.count == 0


def judge_empty(member: facts.Member) -> tuple[MemberState, str]:
    """The state of such a member while its cloud is in trouble."""
    cloud = member.cloud
    found = f'declared {cloud.declared}' if cloud.declared else cloud.state
    return (
        MemberState.DRAINED,
        f'{cloud.name} has been drained{use(cloud)} It is {found} now, and '
        'has nothing of this stack.',
    )


def judge(
    member: facts.Member, target: int, progress: tuple[MemberState, str]
) -> tuple[MemberState, str]:
    """The progress, with what is ordered where that explains it."""
    cloud, (state, reason) = member.cloud, progress
    if state not in (MemberState.OK, MemberState.SCALING):
        return progress
    if cloud.use.state == AdminState.CORDONED:
        cordon = f'{cloud.name} has been cordoned{use(cloud)}'
        return state, ' '.join(filter(None, [reason, cordon]))
    if not cloud.draining:
        return progress
    if state == MemberState.SCALING:
        return (
            MemberState.DRAINING,
            f'{cloud.name} is being drained{use(cloud)} {reason}',
        )
    return (
        MemberState.DRAINED,
        f'{cloud.name} has been drained{use(cloud)}'
        f'{_what_stays(member, target)}',
    )


def _what_stays(member: facts.Member, target: int) -> str:
    if not target:
        return ''
    minimum = min(target, member.part.min_count)
    stays = []
    if minimum:
        stays.append(f'{minimum} by its min_count')
    if target > minimum:
        stays.append(f'{target - minimum} that no other cloud can take')
    return f' What stays there: {text.join(stays)}.'


def use(cloud: facts.Cloud) -> str:
    """Since when and why a cloud is used as ordered: it goes on a verb."""
    by = 'the owner of the stack' if cloud.use.of_stack else 'an administrator'
    return _clause(cloud.use.order, by)


def declaration(cloud: facts.Cloud) -> str:
    """Since when and why a cloud is declared up or down."""
    return _clause(cloud.declaration, 'an administrator')


def _clause(order: facts.Order | None, by: str) -> str:
    if order is None:
        return f' by {by}.'
    since = f' since {text.time(order.since)}' if order.since else ''
    reason = f': {order.reason.rstrip(" .")}' if order.reason else ''
    until = f' This ends at {text.time(order.until)}.' if order.until else ''
    return f'{since} by {by}{reason}.{until}'
