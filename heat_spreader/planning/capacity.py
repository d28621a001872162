# SPDX-License-Identifier: Apache-2.0
"""Clouds without room: what a member may have there, and when to try more.

Pure and level-triggered, like the plan. An update that failed for want of room
gives the member a cap: what is ready there. What the cloud cannot take goes to
the others, and the failed stack is brought back to the cap, which completes
it. The cloud is full then, for every stack there: none gets more than it has.
After 5, 10, 20 and from then on 30 minutes one stack tries one more, and the
first success ends it for all. A limit that Heat has for each stack concerns
that stack alone.
"""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import shortage
from heat_spreader.planning import spread
from heat_spreader.planning import status
from heat_spreader.planning import text

FIRST_WAIT = datetime.timedelta(minutes=5)
LAST_WAIT = datetime.timedelta(minutes=30)

# A member in one of these is FULL instead where the cloud is.
_EXPLAINED = (
    states.MemberState.OK,
    states.MemberState.SCALING,
    states.MemberState.BUSY,
    states.MemberState.FAILED,
)

# What each plan finds out about clouds: Full, or None for one that has room.
Found = dict[str, facts.Full | None]


def next_try(now: datetime.datetime, tries: int) -> datetime.datetime:
    """When to try again after a number of tries that found no room."""
    doublings = min(max(0, tries - 1), 10)
    return now + min(FIRST_WAIT * (1 << doublings), LAST_WAIT)


def apply(stack: facts.Stack, now: datetime.datetime) -> facts.Stack:
    """The stack with the caps that hold now."""
    if not any(map(_is_concerned, stack.members)):
        return stack
    members = tuple(_apply(member, now) for member in stack.members)
    return dataclasses.replace(stack, members=members)


def _is_concerned(member: facts.Member) -> bool:
    return bool(
        member.cap
        or member.cloud.full
        or member.rejection is not None
        or member.failing
    )


def _apply(member: facts.Member, now: datetime.datetime) -> facts.Member:
    found = _shortage(member)
    if _has_found_room(member, found):
        return _with_room(member)
    known = _known_cap(member, found)
    cap = _after_failure(member, known, found, now) if found else known
    if cap is None:
        return dataclasses.replace(member, cap=None)
    member = dataclasses.replace(
        member, cap=cap, trying=_is_over(cap.until, now)
    )
    if cap.wide and member.cloud.full is None:
        full = facts.Full(now, cap.until, cap.tries, cap.reason)
        cloud = dataclasses.replace(member.cloud, full=full)
        member = dataclasses.replace(member, cloud=cloud)
    if found and not member.stack.failed:
        # Nothing is wrong with the stack, and the cap says the rest.
        member = dataclasses.replace(member, rejection=None, sent_count=None)
    return member


def _shortage(member: facts.Member) -> shortage.Shortage | None:
    """The shortage that the last update met."""
    if member.rejection is not None:
        return shortage.of_text(member.rejection)
    if member.failing:
        return shortage.of_text(member.stack.status_reason)
    return None


def _has_found_room(
    member: facts.Member, found: shortage.Shortage | None
) -> bool:
    """Whether more are there than were last seen to fit."""
    return (
        member.cap is not None
        and (member.cap.wide or member.cloud.full is None)
        and found is None
        and member.stack.complete
        and (member.stack.count or 0) > member.cap.count
    )


def _known_cap(
    member: facts.Member, found: shortage.Shortage | None
) -> facts.Cap | None:
    """The cap before what the last update has met.

    A cap of a cloud that is full for all has the times of the cloud, but for
    one that is being tried.
    """
    cap, full = member.cap, member.cloud.full
    if full is None:
        return None if cap and cap.wide else cap
    if cap and (found or cap.wide):
        is_beyond = (member.stack.count or 0) > cap.count
        if is_beyond or not cap.wide:
            return cap
        return facts.Cap(cap.count, full.until, full.tries, cap.reason)
    if found or member.keeps is None:
        return None
    return facts.Cap(member.keeps, full.until, full.tries, full.reason)


def _after_failure(
    member: facts.Member,
    cap: facts.Cap | None,
    found: shortage.Shortage,
    now: datetime.datetime,
) -> facts.Cap | None:
    """The cap after an update that has found no room.

    Where it is unknown how many are ready, nothing is known of the room
    either.
    """
    heat = member.stack
    count = heat.count or 0
    if heat.ready is None:
        return cap
    if cap is None:
        # What is complete does not fail for want of room.
        is_short = not heat.failed or heat.ready < count
        return _make(member, heat.ready, 0, found, now) if is_short else None
    if heat.failed and count <= cap.count:
        # Not even that fits: Heat removes the instances with the highest
        # numbers, and those may be the ones that are ready.
        fits = max(0, min(heat.ready, count - 1))
        return dataclasses.replace(cap, count=fits)
    if _is_over(cap.until, now):
        return _make(member, heat.ready, cap.tries, found, now)
    return cap


def _make(
    member: facts.Member,
    count: int,
    tries: int,
    found: shortage.Shortage,
    now: datetime.datetime,
) -> facts.Cap:
    """The cap after one more update that has found no room."""
    cap = facts.Cap(count, next_try(now, tries + 1), tries + 1, found.reason)
    full = member.cloud.full
    if full is None or not cap.wide:
        return cap
    # Another stack tries meanwhile, or this one has told when it tries again.
    until = full.until if full.until > now else cap.until
    return dataclasses.replace(cap, until=until, tries=full.tries)


def _is_over(until: datetime.datetime, now: datetime.datetime) -> bool:
    """Whether it is time to try one more.

    A time that is too far away was written before a clock was set back.
    """
    return until <= now or until > now + 2 * LAST_WAIT


def found(before: facts.Stack, after: facts.Stack) -> Found:
    """The clouds of which apply() has found that they are full, or are not."""
    if before is after:
        return {}
    return {
        old.cloud.name: new.cloud.full
        for old, new in zip(before.members, after.members, strict=True)
        if (old.cloud.full is None) != (new.cloud.full is None)
    }


@dataclasses.dataclass(frozen=True)
class Overflow:
    """What full clouds cannot take of a stack, and where it goes.

    ``reasons``: a sentence for each such cloud, by name.
    """

    reasons: dict[str, str]

    @property
    def because(self) -> str:
        """Which clouds are full; it goes on from "because"."""
        clauses = [f'{cloud} is full' for cloud in self.reasons]
        return text.join(clauses) if clauses else ''

    def explain_member(
        self, member: facts.Member, target: int, judgement: status.Judgement
    ) -> status.Judgement:
        """The state of a member, and the reason, with what it lacks."""
        state, reason = judgement
        full = self.reasons.get(member.cloud.name)
        is_retried = member.stack.failed and member.stack.count == target
        if full is None or state not in _EXPLAINED or is_retried:
            return judgement
        if state == states.MemberState.FAILED and not member.stack.failed:
            # Not the count, but the last update of it is the trouble.
            return state, f'{reason} {full}'
        return states.MemberState.FULL, full


NO_OVERFLOW = Overflow({})


def overflow(stack: facts.Stack, shares: facts.Shares) -> Overflow:
    """The Overflow of a stack with its caps."""
    capped = [
        m
        for m in stack.members
        if m.cap and m.room is not None and shares[m.cloud.name].settable
    ]
    if not capped:
        return NO_OVERFLOW
    clouds = {m.cloud.name for m in capped}
    now = spread.of_stack(without_caps(stack, ()), shares)
    free = spread.of_stack(without_caps(stack, clouds), shares)
    lacking = {
        m.cloud.name: lack for m in capped if (lack := _lack(stack, shares, m))
    }
    gains = {
        cloud: target - free.targets[cloud]
        for cloud, target in now.targets.items()
        if target > free.targets[cloud]
    }
    unplaced = now.unplaced - free.unplaced
    return Overflow(
        {
            m.cloud.name: _sentence(
                m, _moved(lacking, m.cloud.name, gains, unplaced)
            )
            for m in capped
            if m.cloud.name in lacking
        }
    )


def without_caps(
    stack: facts.Stack, clouds: collections.abc.Container[str]
) -> facts.Stack:
    """The stack if some clouds had room, and nothing is tried in others."""
    if not any(m.cap or m.cloud.full for m in stack.members):
        return stack
    members = tuple(
        _with_room(m)
        if m.cloud.name in clouds
        else dataclasses.replace(m, trying=False)
        for m in stack.members
    )
    return dataclasses.replace(stack, members=members)


def _with_room(member: facts.Member) -> facts.Member:
    cloud = dataclasses.replace(member.cloud, full=None)
    return dataclasses.replace(member, cloud=cloud, cap=None)


def _lack(
    stack: facts.Stack, shares: facts.Shares, member: facts.Member
) -> int:
    """How many more a member would get if there were room for them."""
    alone = spread.of_stack(without_caps(stack, [member.cloud.name]), shares)
    room = member.cap.count if member.cap else 0
    return max(0, alone.targets[member.cloud.name] - room)


def _moved(
    lacking: dict[str, int], cloud: str, gains: dict[str, int], unplaced: int
) -> str:
    """Where the instances are that a cloud cannot take."""
    takers = text.join(list(gains)) if gains else ''
    if len(lacking) > 1:
        # Which of them has moved where is no question with an answer.
        number = lacking[cloud]
        went = f'; others have moved to {takers}' if takers else ''
        return f'{number} more would go there{went}'
    moved = sum(gains.values())
    parts = [f'{moved} moved to {takers}'] if moved else []
    if unplaced > 0:
        verb = 'has' if unplaced == 1 else 'have'
        parts.append(f'{unplaced} {verb} no place')
    return text.join(parts) if parts else f'{lacking[cloud]} more do not fit'


def _sentence(member: facts.Member, moved: str) -> str:
    cap = member.cap
    if cap is None:
        return ''
    again = f'tried again at {text.time(cap.until)}'
    if member.trying:
        again = 'one more is tried now'
    return (
        f'{member.cloud.name} is full at {cap.count} ({cap.reason}); {moved}; '
        f'{again}.'
    )
