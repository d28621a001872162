# SPDX-License-Identifier: Apache-2.0
"""How far the drain of a cloud has come, and its end."""

import dataclasses

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import drill
from heat_spreader.planning import facts

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
        f'after {drill.duration(seconds)}: {left} stayed there, and the '
        'others carry the rest.',
        since=drill.begun(row.admin_since),
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


def report(ctx, row):
    """What a drill has shown until now, in the transaction that is open.

    :param row: of the cloud
    :returns: drill.Report, None if the cloud is in no drill
    """
    if not row.drill or row.admin_state not in facts.DRAINS:
        return None
    query = sa.select(models.Member.stack_id, models.Member.drill).where(
        models.Member.cloud == row.name
    )
    since = drill.begun(row.admin_since)
    worst = {'unplaced': {}, 'missing': {}}
    for stack_id, note in ctx.session.execute(query):
        for key, numbers in worst.items():
            if note and note['since'] == since and note[key]:
                numbers[stack_id] = note[key]
    return drill.Report(_seconds(ctx, row), **worst)


def _seconds(ctx, row):
    """How long it took until the cloud was drained for the first time."""
    query = sa.select(models.Event.details).where(
        models.Event.cloud == row.name,
        models.Event.stack_id.is_(None),
        models.Event.kind == states.EventKind.CLOUD_ADMIN,
    )
    since = drill.begun(row.admin_since)
    for details in ctx.session.scalars(query.order_by(models.Event.number)):
        if 'seconds' in details and details['since'] == since:
            return details['seconds']
    return None
