# SPDX-License-Identifier: Apache-2.0
"""Which stacks are due, which engine works on them, and the result."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import events
from heat_spreader.db import members as members_db
from heat_spreader.db import models
from heat_spreader.db import session

# No stack waits longer for its next pass. What is due later than that was
# written before a clock was set back.
_LONGEST_WAIT = datetime.timedelta(minutes=20)


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
    return sa.or_(
        models.Stack.due_at <= now, models.Stack.due_at > now + _LONGEST_WAIT
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


@session.writer
def claim(ctx, stack, owner):
    """Whether this engine alone may act on the stack as it was loaded."""
    claimed = ctx.session.execute(
        sa.update(models.Stack)
        .where(
            models.Stack.id == stack.id,
            models.Stack.generation == stack.generation,
            models.Stack.due_count == stack.due_count,
            _is_free(owner),
        )
        .values(lease_owner=owner)
    )
    return bool(claimed.rowcount)


def settle(ctx, stack, owner, values, members, happened):
    """Write what a pass found and did, and give the lease back.

    Nothing is written when another engine has a lease or the user has
    deleted the stack meanwhile. A stack that was made due again since it was
    loaded stays due.

    :param stack: the row as the pass loaded it
    :param owner: who holds the lease, None where none was claimed
    :param members: new values of members by cloud
    :param happened: keyword arguments of events.add, in order
    :returns: whether it was written
    """
    write = _settle if owner is None else _settle_with_retry
    return write(ctx, stack, owner, values, members, happened)


@session.writer
def _settle(ctx, stack, owner, values, members, happened):
    table = models.Stack.__table__
    query = sa.select(table).where(table.c.id == stack.id).with_for_update()
    row = ctx.session.execute(query).first()
    if row is None or row.lease_owner != owner:
        return False
    if row.due_count != stack.due_count:
        values = {**values, 'due_at': row.due_at}
    changed = _differing(row, {**values, 'lease_owner': None})
    if changed:
        ctx.session.execute(
            sa.update(table).where(table.c.id == row.id).values(changed)
        )
    if members:
        outdated = row.generation != stack.generation
        _set_members(ctx, row.id, members, outdated)
    events.add_all(ctx, happened, row)
    return True


def _set_members(ctx, stack_id, members, outdated):
    """Set new values of members.

    :param members: the values by cloud
    :param outdated: whether they are about what the user no longer asks for
    """
    if outdated:
        members = {
            cloud: {
                name: value
                for name, value in values.items()
                if name not in members_db.BACKOFF_COLUMNS
            }
            for cloud, values in members.items()
        }
    owners = members_db.find_owners(
        ctx, [values.get('heat_id') for values in members.values()]
    )
    table = models.Member.__table__
    query = sa.select(table).where(table.c.stack_id == stack_id)
    changes, now = [], models.utcnow()
    for row in ctx.session.execute(query):
        key = (stack_id, row.cloud)
        values = members_db.with_owner(members.get(row.cloud, {}), key, owners)
        if changed := _differing(row, values):
            changes.append(
                {
                    **changed,
                    'stack_id': stack_id,
                    'cloud': row.cloud,
                    'updated_at': now,
                }
            )
    members_db.update(ctx, changes)


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
