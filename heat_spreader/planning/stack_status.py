# SPDX-License-Identifier: Apache-2.0
"""The status of a stack, and why, for people.

Pure, like the plan that it explains.
"""

import collections.abc
import dataclasses

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import specification
from heat_spreader.planning import status
from heat_spreader.planning import text

_SETTLING = (states.MemberState.SCALING, states.MemberState.DRAINING)


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


def of_stack(
    stack: facts.Stack,
    members: collections.abc.Mapping[str, status.Judgement],
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
        return Verdict(
            states.StackStatus.PENDING, 'No cloud has a weight yet.'
        )
    if stack.specification.paused:
        return Verdict(states.StackStatus.PAUSED, 'The user paused the stack.')
    if frozen:
        return Verdict(states.StackStatus.FROZEN, frozen)
    unread = [m.cloud.name for m in stack.members if _is_unread(m, members)]
    if unread:
        return Verdict(
            states.StackStatus.PENDING,
            f'Not read yet: {text.join(unread)}.',
            tuple(
                f'{m.cloud.name}: {m.read_error}'
                for m in stack.members
                if m.cloud.name in unread and m.read_error
            ),
        )
    reasons = tuple(
        reason
        for state, reason in members.values()
        if state in states.TROUBLE or state == states.MemberState.UNKNOWN
    )
    moving = updates.keys() | {
        m.cloud.name for m in stack.members if m.changing
    }
    if any(members[cloud][0] not in states.TROUBLE for cloud in moving):
        return _scaling(stack, members, updates, reasons)
    if unplaced or (reasons and not met):
        full = any(s == states.MemberState.FULL for s, _ in members.values())
        return _error(stack, unplaced, reasons, full)
    if reasons:
        return Verdict(states.StackStatus.DEGRADED, _placed(stack), reasons)
    if any(state in _SETTLING for state, _ in members.values()):
        return _scaling(stack, members, updates, reasons)
    # What is ordered is no trouble, but people must find it.
    notes = tuple(filter(None, (reason for _, reason in members.values())))
    return Verdict(states.StackStatus.ACTIVE, _placed(stack), notes)


def _is_unread(
    member: facts.Member,
    members: collections.abc.Mapping[str, status.Judgement],
) -> bool:
    state, _ = members[member.cloud.name]
    return state == states.MemberState.UNKNOWN and member.heat is None


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
    stack: facts.Stack,
    unplaced: int,
    reasons: tuple[str, ...],
    is_full: bool,
) -> Verdict:
    summary = ' '.join(filter(None, [_placed(stack), 'The total is not met.']))
    if unplaced:
        summary += (
            f' {unplaced} of {stack.specification.count} do not fit in any '
            'cloud that can serve.'
        )
        if is_full:
            summary += (
                ' Make room where a cloud is full, for example with a higher '
                'quota, and then use --retry-capacity of "stack set"; or ask '
                'for a lower count.'
            )
    return Verdict(states.StackStatus.ERROR, summary, reasons)


def _scaling(
    stack: facts.Stack,
    members: collections.abc.Mapping[str, status.Judgement],
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
    return Verdict(states.StackStatus.SCALING, summary, reasons)
