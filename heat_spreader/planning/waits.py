# SPDX-License-Identifier: Apache-2.0
"""What holds a member where it is now, in sentences for people.

Pure. The state of a member and its reason come from the plan; here is what
they do not say: what the next update is, or which members it waits for.
"""

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import text

# With these nothing is sent anywhere, and the reason is that of the stack.
_STOPPED = (states.StackStatus.PAUSED, states.StackStatus.FROZEN)
_IN_DOUBT = (states.CloudState.SUSPECT, states.CloudState.UNKNOWN)


def of_member(planned: plan.Plan, cloud: str) -> list[str]:
    """What holds a member where it is; nothing for one at its target."""
    sent = next((u for u in planned.updates if u.cloud == cloud), None)
    if sent:
        return [
            f'{sent.old} -> {sent.new} is the next update, because {sent.why}.'
        ]
    member_plan = next(m for m in planned.members if m.cloud == cloud)
    member = next(
        m for m in planned.basis.stack.members if m.cloud.name == cloud
    )
    sentences = [member_plan.reason] if member_plan.reason else []
    if planned.status in _STOPPED:
        return [*sentences, planned.status_reason]
    if member.stack.count in (None, member_plan.target):
        return sentences
    return [*sentences, *_stopped(planned, member, member_plan)]


def _stopped(
    planned: plan.Plan, member: facts.Member, member_plan: plan.MemberPlan
) -> list[str]:
    """Why no update is sent, where the state does not say it."""
    cloud = member.cloud
    if not planned.basis.shares[cloud.name].settable:
        return []
    if member.read_error and member.read_error not in member_plan.reason:
        return [f'The stack cannot be read: {member.read_error}']
    if cloud.state in _IN_DOUBT:
        return [
            f'{cloud.name} is {cloud.state}: nothing is sent until a survey '
            'finds it UP.'
        ]
    if member.changing or member_plan.target > (member.stack.count or 0):
        return []
    growing = _growing(planned)
    if not growing:
        return []
    return [f'Make before break: it waits for {text.join(growing)}.']


def _growing(planned: plan.Plan) -> list[str]:
    """The members that are not ready yet, with their numbers."""
    targets = {m.cloud: m.target for m in planned.members}
    return [
        f'{m.cloud.name} ({m.stack.ready_for_others} of '
        f'{targets[m.cloud.name]} ready)'
        for m in planned.basis.stack.members
        if not planned.basis.shares[m.cloud.name].lost
        and m.stack.ready_for_others < targets[m.cloud.name]
    ]
