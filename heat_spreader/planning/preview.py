# SPDX-License-Identifier: Apache-2.0
"""What the engine would do: its own plans, one after the other.

Pure. The first plan is made from the facts. Then its updates are applied as
if Heat had completed them, and the next plan is made from that, until one
sends nothing more. So a preview has no rules of its own. The time stands
still: what waits for a later attempt, waits at the end as well.
"""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import updates

# More than any stack needs: growth, shrinking, and what a drain leaves.
MAX_WAVES = 50
_ASSUMED = 'the preview assumes it.'
# In these a member has its target, and what went wrong before is forgotten.
_SETTLED = (states.MemberState.OK, states.MemberState.WAITING)

Clouds = collections.abc.Mapping[str, facts.Cloud]


@dataclasses.dataclass(frozen=True)
class Hypotheses:
    """What a preview assumes about clouds, by name.

    ``down``: surveys find it DOWN; what is ordered or declared for it stays.
    ``back``: it is in full service: UP, with nothing ordered or declared by an
    administrator. ``drained``: an administrator drains it. A cloud may be back
    and drained, or down and drained.
    """

    down: frozenset[str] = frozenset()
    drained: frozenset[str] = frozenset()
    back: frozenset[str] = frozenset()

    @property
    def clouds(self) -> frozenset[str]:
        """All that are named."""
        return self.down | self.drained | self.back


@dataclasses.dataclass(frozen=True)
class Preview:
    """What would happen to a stack.

    ``first``: the plan for what is there now, under the hypotheses; ``last``:
    the plan after all waves. ``waves``: the updates that are sent together;
    each wave waits until the one before is ready. ``ended``: whether the last
    plan sends nothing. ``unread``: the clouds in which the Heat stack was not
    read yet, so that no update there is known.
    """

    first: plan.Plan
    last: plan.Plan
    waves: tuple[tuple[updates.Update, ...], ...]
    ended: bool
    unread: tuple[str, ...]


def suppose(
    clouds: Clouds, hypotheses: Hypotheses, now: datetime.datetime
) -> dict[str, facts.Cloud]:
    """The clouds as the hypotheses have them, by name."""
    return {
        name: _suppose(cloud, hypotheses, now)
        for name, cloud in clouds.items()
    }


def _suppose(
    cloud: facts.Cloud, hypotheses: Hypotheses, now: datetime.datetime
) -> facts.Cloud:
    if cloud.name in hypotheses.back:
        cloud = in_service(cloud, now)
    if cloud.name in hypotheses.down:
        cloud = dataclasses.replace(
            cloud, state=states.CloudState.DOWN, since=now, reason=_ASSUMED
        )
    if cloud.name in hypotheses.drained:
        order = facts.Order(now, reason=_ASSUMED)
        use = facts.Use(states.AdminState.DRAINING, order)
        cloud = dataclasses.replace(cloud, use=use)
    return cloud


def in_service(cloud: facts.Cloud, now: datetime.datetime) -> facts.Cloud:
    """The same cloud UP, with nothing ordered or declared for it."""
    return dataclasses.replace(
        cloud,
        state=states.CloudState.UP,
        since=now,
        reason='',
        use=facts.Use(),
        declared=None,
        declaration=None,
    )


def make(
    stack: facts.Stack, now: datetime.datetime, frozen: str | None = None
) -> Preview:
    """What would happen to a stack, at one moment.

    :param stack: with the clouds as they are supposed to be
    :param frozen: why nothing may be changed anywhere, None if all may
    """
    first = planned = plan.make(stack, now, frozen)
    waves: list[tuple[updates.Update, ...]] = []
    while len(waves) < MAX_WAVES and (
        planned.updates or any(map(_ends, stack.members))
    ):
        if planned.updates:
            waves.append(planned.updates)
        stack = _after(stack, planned, now)
        planned = plan.make(stack, now, frozen)
    return Preview(
        first=first,
        last=planned,
        waves=tuple(waves),
        ended=not planned.updates,
        unread=tuple(m.cloud.name for m in stack.members if m.heat is None),
    )


def _ends(member: facts.Member) -> bool:
    """Whether Heat works on the member and will be seen to end."""
    return (
        member.changing
        and member.heat is not None
        and member.read_error is None
        and member.cloud.rule.changeable
    )


def _after(
    stack: facts.Stack, planned: plan.Plan, now: datetime.datetime
) -> facts.Stack:
    """The facts after a pass, when Heat has ended all that it works on."""
    sent = {update.cloud: update for update in planned.updates}
    plans = {member.cloud: member for member in planned.members}
    members = []
    for member in stack.members:
        recorded = _recorded(member, plans[member.cloud.name])
        if member.cloud.name in planned.full:
            full = planned.full[member.cloud.name]
            cloud = dataclasses.replace(member.cloud, full=full)
            recorded = dataclasses.replace(recorded, cloud=cloud)
        if update := sent.get(member.cloud.name):
            recorded = _updated(recorded, update, plans[update.cloud], now)
        elif _ends(member):
            recorded = _completed(recorded, member.stack.count)
        members.append(recorded)
    return dataclasses.replace(stack, members=tuple(members))


def _recorded(member: facts.Member, planned: plan.MemberPlan) -> facts.Member:
    """A member with what a pass writes of its plan."""
    member = dataclasses.replace(
        member,
        failures=planned.back_off.failures,
        retry_at=planned.back_off.retry_at,
        set_backs=planned.overridden.set_backs,
        failed_over=planned.failed_over,
        cap=planned.cap,
    )
    if planned.state in _SETTLED:
        member = dataclasses.replace(
            member,
            sent_count=planned.target,
            rejection=None,
            rejected_as=states.MemberState.REJECTED,
            last_error=None,
        )
    return member


def _updated(
    member: facts.Member,
    update: updates.Update,
    planned: plan.MemberPlan,
    now: datetime.datetime,
) -> facts.Member:
    """A member whose update Heat has accepted and completed."""
    set_backs = member.set_backs
    if update.set_back:
        set_backs = planned.overridden.after(now)
    member = dataclasses.replace(
        member,
        sent_count=update.new,
        rejection=None,
        last_error=None,
        failures=0,
        retry_at=None,
        set_backs=set_backs,
    )
    return _completed(member, update.new)


def _completed(member: facts.Member, count: int | None) -> facts.Member:
    heat = dataclasses.replace(
        member.stack,
        status='UPDATE_COMPLETE',
        status_reason='',
        count=count,
        settled_count=count,
        ready=count,
        ready_problem='',
    )
    return dataclasses.replace(member, heat=heat, unanswered=False)
