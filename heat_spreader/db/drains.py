# SPDX-License-Identifier: Apache-2.0
"""How far the drain of a cloud has come, and its end."""

import dataclasses

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session

MemberState = states.MemberState
# In these nothing can move. What a CONFLICT has is that of another member.
_AT_REST = (
    MemberState.DRAINED,
    MemberState.MISSING,
    MemberState.PARAMETER_MISSING,
    MemberState.CONFLICT,
)


@dataclasses.dataclass(frozen=True)
class Progress:
    """How far the drain of a cloud has come.

    ``done``: nothing moves any more. ``goes_on``: something must still move,
    for certain. ``stays``: the instances that are left there.
    """

    done: bool
    goes_on: bool
    stays: int


@session.reader
def progress(ctx, cloud, now):
    """The Progress of the drain of a cloud.

    A stack that waits for a pass, or has one, may not know of it yet.
    """
    stack, member = models.Stack, models.Member
    waits = sa.or_(
        stack.due_at <= now,
        stack.lease_owner.is_not(None),
        member.lease_owner.is_not(None),
        member.state.not_in(_AT_REST),
    )
    moves = member.state == MemberState.DRAINING
    query = (
        sa.select(_number(waits), _number(moves), sa.func.sum(member.count))
        .join(stack, stack.id == member.stack_id)
        .where(member.cloud == cloud)
    )
    waiting, moving, stays = ctx.session.execute(query).one()
    return Progress(not waiting, bool(moving), int(stays or 0))


def _number(condition):
    return sa.func.sum(sa.case((condition, 1), else_=0))


@session.writer
def end(ctx, name, now, owner, stays):
    """Write that a cloud is drained.

    :param now: the time that all engines agree on
    :param owner: the engine that surveys the cloud
    :param stays: the number of instances that are left there
    :returns: whether that is new
    """
    row = _get(ctx, name, owner, states.AdminState.DRAINING)
    if row is None:
        return False
    seconds = max(0, round((now - row.admin_since).total_seconds()))
    left = f'{stays} instances' if stays else 'nothing'
    _set(
        ctx,
        row,
        states.AdminState.DRAINED,
        f'after {_duration(seconds)}: {left} stayed there, and the others '
        'carry the rest.',
        seconds=seconds,
        stays=stays,
    )
    return True


@session.writer
def resume(ctx, name, owner):
    """Write that the drain of a cloud goes on, since more can move.

    :returns: whether that is new
    """
    row = _get(ctx, name, owner, states.AdminState.DRAINED)
    if row is None:
        return False
    message = 'again: there is more to move now.'
    _set(ctx, row, states.AdminState.DRAINING, message)
    return True


def _get(ctx, name, owner, state):
    row = ctx.session.get(models.Cloud, name, with_for_update=True)
    if row is None or (row.lease_owner, row.admin_state) != (owner, state):
        return None
    return row


def _set(ctx, row, after, message, **details):
    before, row.admin_state = row.admin_state, after
    events.add(
        ctx,
        states.EventKind.CLOUD_ADMIN,
        f'The cloud {row.name} went from {before} to {after} {message}',
        cloud=row.name,
        changes={'admin_state': [before, after]},
        drill=row.drill,
        **details,
    )


def _duration(seconds):
    """Seconds as people read them: 3 min 10 s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, 'h'), (minutes, 'min'), (rest, 's')]
    return ' '.join(f'{n} {unit}' for n, unit in parts if n) or '0 s'
