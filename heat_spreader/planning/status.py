# SPDX-License-Identifier: Apache-2.0
"""How a member and a stack stand, and why, in words for people.

Pure, like the plan that it explains.
"""

import dataclasses

from heat_spreader import states

StackStatus = states.StackStatus
MemberState = states.MemberState
CloudState = states.CloudState

MOVING = frozenset({MemberState.SCALING, MemberState.BUSY})


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What a plan found out about a stack as a whole.

    ``met``: the total is there. ``frozen``: why nothing may be changed.
    """

    updates: tuple
    unplaced: int
    met: bool
    frozen: str | None


def member_state(stack, member, result, retry_at):
    """The state of a member, and the reason."""
    cloud = member.cloud
    target = result.targets[cloud.name]
    trouble = _cloud_trouble(stack, member, result) or _stack_trouble(
        stack, member, result
    )
    if trouble:
        return trouble
    if not member.read:
        return (
            MemberState.UNKNOWN,
            f'The stack in {cloud.name} has not been read yet.',
        )
    if member.in_progress:
        if member.count == target:
            return (
                MemberState.SCALING,
                f'{cloud.name} is on its way to {target}: '
                f'{member.heat_status}.',
            )
        return (
            MemberState.BUSY,
            f'{cloud.name} has {member.count} and shall have {target}, but '
            f'Heat is at work on the stack: {member.heat_status}.',
        )
    if member.failed:
        again = f' It is tried again at {_time(retry_at)}.' if retry_at else ''
        return (
            MemberState.FAILED,
            f'{cloud.name} has {member.ready} of {member.count} ready: '
            f'{member.heat_status}, {member.heat_status_reason}.{again}',
        )
    if member.count < target:
        return (
            MemberState.SCALING,
            f'{cloud.name} shall grow from {member.count} to {target}.',
        )
    if member.count > target:
        return (
            MemberState.SCALING,
            f'{cloud.name} shall shrink from {member.count} to {target} as '
            'soon as the others are ready.',
        )
    return MemberState.OK, ''


def _cloud_trouble(stack, member, result):
    cloud = member.cloud
    if not member.allowed:
        return (
            MemberState.UNAUTHORIZED,
            f'The cloud {cloud.name} is not enabled for this project; the '
            'count there is left as it is.',
        )
    if cloud.state == CloudState.UNAUTHORIZED:
        return (
            MemberState.UNAUTHORIZED,
            f'{cloud.name} does not let the engine in since '
            f'{_time(cloud.since)}: {cloud.reason} The count there is left '
            'as it is.',
        )
    if cloud.state == CloudState.DOWN:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} is unreachable since {_time(cloud.since)}: '
            f'{cloud.reason}{_where_weight_goes(stack, member, result)}',
        )
    if cloud.state == CloudState.RECOVERING:
        return (
            MemberState.UNREACHABLE,
            f'{cloud.name} answers again since {_time(cloud.since)} and must '
            f'go on to be trusted.{_where_weight_goes(stack, member, result)}',
        )
    return None


def _stack_trouble(stack, member, result):
    cloud = member.cloud.name
    weight = _where_weight_goes(stack, member, result)
    if member.missing:
        return (
            MemberState.MISSING,
            f"{cloud} has no stack of the name '{stack.stack_name}'.{weight}",
        )
    if member.read and member.count is None:
        return (
            MemberState.PARAMETER_MISSING,
            f'The stack in {cloud} has no number parameter '
            f"'{stack.count_parameter}'.{weight}",
        )
    if member.suspended:
        return (
            MemberState.REJECTED,
            f'The stack in {cloud} is suspended, and Heat changes nothing '
            'before it is resumed.',
        )
    if member.rejection is not None:
        return (
            MemberState.REJECTED,
            f'Heat in {cloud} refused the update: {member.rejection}',
        )
    return None


def _where_weight_goes(stack, member, result):
    weight = f'{float(member.weight):g}'
    if stack.failover == states.Failover.NONE:
        return f' Its weight {weight} is left where it is: failover is none.'
    others = [
        m.cloud.name
        for m in stack.members
        if result.effective_weights[m.cloud.name] > m.weight
    ]
    if not others:
        return f' No other cloud takes its weight {weight}.'
    return f' Its weight {weight} is spread over {_join(others)}.'


def stack_status(stack, members, verdict):
    """The status of a stack, and the reason.

    :param members: the MemberPlan of each member
    """
    reasons = ' '.join(m.reason for m in members if m.state in states.TROUBLE)
    if not members:
        return StackStatus.PENDING, 'No cloud has a weight yet.'
    if stack.paused:
        return StackStatus.PAUSED, 'The user has paused the stack.'
    if verdict.frozen:
        return StackStatus.FROZEN, verdict.frozen
    unread = [m.cloud for m in members if m.state == MemberState.UNKNOWN]
    if unread:
        return StackStatus.PENDING, f'Not read yet: {_join(unread)}.'
    moving = [m for m in stack.members if m.in_progress]
    if verdict.updates or moving:
        return StackStatus.SCALING, _movement(members, verdict, reasons)
    if verdict.unplaced:
        reasons += (
            f' {verdict.unplaced} of {stack.count} fit in no cloud that can '
            'serve.'
        )
    if verdict.unplaced or (reasons and not verdict.met):
        return StackStatus.ERROR, f'The total is not met. {reasons.strip()}'
    if reasons:
        return StackStatus.DEGRADED, reasons
    if any(m.state == MemberState.SCALING for m in members):
        return StackStatus.SCALING, _movement(members, verdict, reasons)
    return StackStatus.ACTIVE, ''


def _movement(members, verdict, reasons):
    steps = [f'{u.cloud}: {u.old} -> {u.new}.' for u in verdict.updates]
    sent = {update.cloud for update in verdict.updates}
    waiting = [
        m.reason for m in members if m.state in MOVING and m.cloud not in sent
    ]
    return ' '.join([*steps, *waiting, *([reasons] if reasons else [])])


def _join(words):
    *rest, last = words
    return f'{", ".join(rest)} and {last}' if rest else last


def _time(moment):
    return f'{moment:%Y-%m-%d %H:%M:%S} UTC'
