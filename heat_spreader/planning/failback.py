# SPDX-License-Identifier: Apache-2.0
"""Clouds that are back and wait for a user to order their failback.

Pure. Which clouds those are is a fact like any other, ``Member.failed_over``:
the pass that plans a failover of a stack with manual failback sets it, so that
each later pass, of whatever engine, spreads the share in the same way. A cloud
that waits gets only what fits nowhere else. What it still has beyond that is
removed when the others are ready: there are never too few, and not too many
for long.
"""

import dataclasses

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import rules
from heat_spreader.planning import specification
from heat_spreader.planning import spread
from heat_spreader.planning import stack_status
from heat_spreader.planning import status
from heat_spreader.planning import text

# With these, something else comes before a failback.
_MORE_URGENT = (
    states.StackStatus.PENDING,
    states.StackStatus.FROZEN,
    states.StackStatus.PAUSED,
)


@dataclasses.dataclass(frozen=True)
class Outlook:
    """Which clouds must wait for a failback, and what it would do.

    ``failed_over``: the clouds that wait, and those that will when they are
    back. ``targets``: after a failback, by cloud; None if no cloud waits.
    """

    failed_over: frozenset[str]
    targets: dict[str, int] | None

    def explain_member(
        self, member: facts.Member, judgement: status.Judgement
    ) -> status.Judgement:
        """The state of a member, and the reason, with what it waits for."""
        if self.targets is None or member.share is not rules.Share.WAITING:
            return judgement
        state, reason = judgement
        if state == states.MemberState.OK:
            state = states.MemberState.WAITING
        cloud = member.cloud.name
        weight = specification.format_weight(member.part.weight)
        waits = (
            f'{cloud} waits for failback: its weight {weight} stays spread '
            f'over the others. It would get {self.targets[cloud]}.'
        )
        return state, ' '.join(filter(None, [reason, waits]))

    def explain_stack(
        self, verdict: stack_status.Verdict, targets: dict[str, int]
    ) -> stack_status.Verdict:
        """The status of a stack, with what a failback would do.

        :param targets: those of now
        """
        if self.targets is None or verdict.status in _MORE_URGENT:
            return verdict
        waits = f'Waits for failback{_steps(targets, self.targets)}.'
        waits += ' The option --failback-now of "stack set" orders it.'
        summary = ' '.join(filter(None, [verdict.summary, waits]))
        return dataclasses.replace(verdict, summary=summary)


def _steps(before: dict[str, int], after: dict[str, int]) -> str:
    changed = [cloud for cloud in after if after[cloud] != before[cloud]]
    if not changed:
        return ', which would change no target'
    steps = [f'{cloud} {after[cloud]}' for cloud in changed]
    steps[0] = f'{changed[0]} would get {after[changed[0]]}'
    return f': {text.join(steps)}'


def outlook(
    stack: facts.Stack,
    shares: facts.Shares,
    result: spread.Spread,
    acting: bool,
) -> Outlook:
    """The Outlook of a stack.

    :param result: the spread of the shares
    :param acting: whether that is put into effect now
    """
    waiting = [m for m in stack.members if m.share is rules.Share.WAITING]
    failed_over = {m.cloud.name for m in stack.members if m.failed_over}
    if acting and stack.specification.failback == states.Failback.MANUAL:
        failed_over.update(
            m.cloud.name
            for m in stack.members
            if m.allowed
            and m.cloud.rule.share is rules.Share.SPREAD
            and _is_taken_over(stack, shares, result, m.cloud.name)
        )
    targets = None
    if waiting:
        returned = _returned(stack, *(m.cloud.name for m in waiting))
        targets = spread.of_stack(returned, _shares(returned)).targets
    return Outlook(frozenset(failed_over), targets)


def _is_taken_over(
    stack: facts.Stack,
    shares: facts.Shares,
    result: spread.Spread,
    cloud: str,
) -> bool:
    """Whether another cloud has a higher target because this one is lost."""
    own = spread.of_stack(stack, shares | {cloud: rules.Share.OWN}).targets
    return any(
        target > own[other]
        for other, target in result.targets.items()
        if other != cloud
    )


def without_needless(stack: facts.Stack) -> facts.Stack:
    """The same, where no cloud waits of which no other has any weight."""
    for member in stack.members:
        if member.share is rules.Share.WAITING:
            returned = _returned(stack, member.cloud.name)
            before, after = (
                spread.of_stack(each, _shares(each)).effective_weights
                for each in (stack, returned)
            )
            others = before.keys() - {member.cloud.name}
            if all(before[cloud] <= after[cloud] for cloud in others):
                stack = returned
    return stack


def _shares(stack: facts.Stack) -> facts.Shares:
    return {m.cloud.name: m.share for m in stack.members}


def _returned(stack: facts.Stack, *clouds: str) -> facts.Stack:
    """A stack after the failback of some clouds."""
    members = tuple(
        dataclasses.replace(m, failed_over=False)
        if m.cloud.name in clouds
        else m
        for m in stack.members
    )
    return dataclasses.replace(stack, members=members)
