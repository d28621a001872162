# SPDX-License-Identifier: Apache-2.0
"""Which stacks are due, which engine works on them, and the result."""

import dataclasses
import datetime

import sqlalchemy as sa

from heat_spreader.db import batch
from heat_spreader.db import events
from heat_spreader.db import members as members_db
from heat_spreader.db import models
from heat_spreader.db import session

# No stack waits longer for its next pass. What is due later than that was
# written before a clock was set back.
_LONGEST_WAIT = datetime.timedelta(minutes=20)
_STACKS = models.Stack.__table__
_MEMBERS = models.Member.__table__
# What a survey must not overwrite with what it has read before.
_FACTS = frozenset(members_db.HEAT_COLUMNS)
_KNOWLEDGE = _FACTS.union(members_db.BACKOFF_COLUMNS, ['lease_owner'])
_UPDATE = sa.update(_STACKS).where(_STACKS.c.id == sa.bindparam('of_id'))


@session.reader
def due(ctx, now, owner, limit=None):
    """The ids of stacks that are due and that this engine may work on.

    The projects take turns, and of one project the stack that has waited
    longest comes first.

    :param now: the time that all engines agree on
    :param owner: this engine, which may go on with what it has a lease of
    :param limit: how many are enough
    """
    since = sa.case(
        (models.Stack.due_at > models.Stack.due_since, models.Stack.due_at),
        else_=models.Stack.due_since,
    )
    turn = sa.func.row_number().over(
        partition_by=models.Stack.project_id,
        order_by=(since, models.Stack.id),
    )
    waiting = (
        sa.select(
            models.Stack.id, since.label('since'), turn.label('turn_number')
        )
        .where(_is_due(now), _is_free(owner))
        .subquery()
    )
    query = (
        sa.select(waiting.c.id)
        .order_by(waiting.c.turn_number, waiting.c.since, waiting.c.id)
        .limit(limit)
    )
    return ctx.session.scalars(query).all()


def _is_due(now):
    due_at = models.Stack.due_at
    # The first condition keeps those out of the search that never are.
    return sa.and_(
        due_at >= models.DUE_NOW,
        sa.or_(due_at <= now, due_at > now + _LONGEST_WAIT),
    )


def _is_free(owner):
    return sa.or_(
        models.Stack.lease_owner.is_(None), models.Stack.lease_owner == owner
    )


@session.reader
def waiting_since(ctx, now):
    """When the stack that has waited longest became due; None for none."""
    return ctx.session.scalar(
        sa.select(sa.func.min(models.Stack.due_since)).where(
            _is_due(now), models.Stack.lease_owner.is_(None)
        )
    )


@dataclasses.dataclass(frozen=True)
class Settlement:
    """What a pass over a stack found and did.

    ``stack``: the row as the pass loaded it. ``owner``: who holds the lease,
    None where none was claimed. ``values``: new ones of the stack, and
    ``members``: of members, by cloud. ``happened``: keyword arguments of
    events.add, in their order. ``request_id``: of the pass.
    """

    stack: sa.Row
    owner: str | None
    values: dict
    members: dict = dataclasses.field(default_factory=dict)
    happened: list = dataclasses.field(default_factory=list)
    request_id: str | None = None


def claim(ctx, stack, owner):
    """Whether this engine alone may act on the stack as it was loaded."""
    return stack.id in claim_all(ctx, [stack], owner, skip_locked=False)[0]


@session.writer
def claim_all(ctx, stacks, owner, skip_locked=True):
    """Let this engine alone act on stacks that are as they were loaded.

    :param skip_locked: whether to leave out what another client has locked
    :returns: the ids of those that it may act on, and of those that were left
        out or are not there
    """
    query = sa.select(
        _STACKS.c.id,
        _STACKS.c.generation,
        _STACKS.c.due_count,
        _STACKS.c.lease_owner,
    )
    rows, absent = _lock(ctx, query, stacks, skip_locked)
    claimed = {
        stack.id
        for stack in stacks
        if stack.id in rows and _is_claimable(rows[stack.id], stack, owner)
    }
    # One by one: for a list MySQL may search a small table from end to end,
    # and wait for what another client has locked.
    changes = [{'of_id': i, 'lease_owner': owner} for i in claimed]
    batch.update(ctx, _UPDATE, changes)
    return claimed, absent


def _is_claimable(row, loaded, owner):
    return (
        row.generation == loaded.generation
        and row.due_count == loaded.due_count
        and row.lease_owner in (None, owner)
    )


def _lock(ctx, query, stacks, skip_locked):
    """Lock stacks.

    :returns: their rows by id, and the ids of those without one
    """
    ids = [stack.id for stack in stacks]
    query = query.where(_STACKS.c.id.in_(ids)).with_for_update(
        skip_locked=skip_locked
    )
    rows = {row.id: row for row in ctx.session.execute(query)}
    return rows, set(ids).difference(rows)


def settle(ctx, settlement):
    """Write what a pass found and did, and give the lease back.

    Nothing is written when another engine has a lease, when a pass that has
    seen more was faster, or when the user has deleted the stack meanwhile. A
    stack that was made due again since it was loaded stays due.

    :returns: whether it was written
    """
    write = _settle if settlement.owner is None else _settle_with_retry
    return bool(write(ctx, [settlement], skip_locked=False)[0])


def settle_all(ctx, settlements):
    """The same for several stacks, in one transaction.

    :param settlements: one for each stack
    :returns: the ids of the stacks of which it was written, and of those that
        were left out, since another client has locked them or a part of them
        or since they are not there
    """
    return _settle(ctx, settlements, skip_locked=True)


@session.writer
def _settle(ctx, settlements, skip_locked):
    stacks = [each.stack for each in settlements]
    rows, absent = _lock(ctx, sa.select(_STACKS), stacks, skip_locked)
    held = [
        each
        for each in settlements
        if each.stack.id in rows and _may_settle(rows[each.stack.id], each)
    ]
    new = {each.stack.id: _member_values(each, rows) for each in held}
    known = _lock_members(ctx, new, skip_locked)
    if skip_locked:
        partial = {
            stack_id
            for stack_id, members in new.items()
            if not members.keys() <= known[stack_id].keys()
        }
        held = [each for each in held if each.stack.id not in partial]
        absent |= partial
    settled = {each.stack.id for each in held}
    _set_members(ctx, {i: new[i] for i in settled}, known)
    _set_stacks(ctx, held, rows)
    events.add_all(
        ctx,
        [
            (rows[each.stack.id], each.request_id, event)
            for each in held
            for event in each.happened
        ],
    )
    return settled, absent


def _may_settle(row, settlement):
    """Whether a settlement is the newest, as far as the row shows.

    Without a lease two engines may have planned for a stack. It was made due
    after the first of them had loaded it, and is no longer due: the second has
    seen what was new.
    """
    overtaken = (
        settlement.owner is None
        and row.due_count != settlement.stack.due_count
        and row.due_at != models.DUE_NOW
    )
    return row.lease_owner == settlement.owner and not overtaken


def _member_values(settlement, rows):
    """New values of members by cloud, if the user still asks for the same."""
    stack = settlement.stack
    if rows[stack.id].generation == stack.generation:
        return settlement.members
    return {
        cloud: {
            name: value
            for name, value in values.items()
            if name not in members_db.PLANNED_COLUMNS
        }
        for cloud, values in settlement.members.items()
    }


def _lock_members(ctx, new, skip_locked):
    """Lock members.

    :param new: new values by stack and by cloud
    :returns: their rows as far as they get new values, likewise
    """
    known = {stack_id: {} for stack_id in new}
    names = {
        name
        for members in new.values()
        for values in members.values()
        for name in values
    }
    if not names:
        return known
    if 'heat_id' in names:
        names.update(members_db.HEAT_COLUMNS)
    query = (
        sa.select(
            _MEMBERS.c.stack_id,
            _MEMBERS.c.cloud,
            *(_MEMBERS.c[name] for name in sorted(names)),
        )
        .where(_MEMBERS.c.stack_id.in_([i for i in new if new[i]]))
        .with_for_update(skip_locked=skip_locked)
    )
    for row in ctx.session.execute(query):
        known[row.stack_id][row.cloud] = row
    return known


def _set_members(ctx, new, known):
    owners = members_db.find_owners(
        ctx,
        [
            values.get('heat_id')
            for members in new.values()
            for values in members.values()
        ],
    )
    changes, now = [], models.utcnow()
    for stack_id, members in new.items():
        for cloud, row in known[stack_id].items():
            key = (stack_id, cloud)
            values = members_db.with_owner(members.get(cloud, {}), key, owners)
            changed = _differing(row, values)
            if _KNOWLEDGE & changed.keys() or _FACTS & values.keys():
                # Also where it looks the same: it is newer than any read that
                # began before.
                changed['known_at'] = now
            if changed:
                changes.append((key, {**changed, 'updated_at': now}))
    members_db.update(ctx, changes)


def _set_stacks(ctx, settlements, rows):
    changes = []
    for each in settlements:
        row = rows[each.stack.id]
        values = {**each.values, 'lease_owner': None}
        if row.due_count != each.stack.due_count:
            values['due_at'] = row.due_at
        if changed := _differing(row, values):
            changes.append({**changed, 'of_id': row.id})
    batch.update(ctx, _UPDATE, changes)


# What was done in the clouds must be written, and the lease given back, so it
# is tried for longer than the others wait for a heartbeat. That is safe even
# where the answer to COMMIT was lost: without the lease nothing is written.
_settle_with_retry = session.with_long_retry(_settle)


def _differing(row, values):
    """Those of the values that differ from what a row has."""
    return {
        name: value
        for name, value in values.items()
        if getattr(row, name) != value
    }
