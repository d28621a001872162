# SPDX-License-Identifier: Apache-2.0
"""Which stacks want work, who is at work on them, and what came of it."""

import sqlalchemy as sa

from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session

# What Heat made of the wishes of the user; a new one begins anew.
OF_THE_WISHES = ('rejection', 'failures', 'retry_at')


@session.reader
def due(ctx, now):
    """The ids of stacks that are due and not at work, oldest first."""
    query = (
        sa.select(models.Stack.id)
        .where(models.Stack.due_at <= now, _is_free(now))
        .order_by(models.Stack.due_at)
    )
    return ctx.session.scalars(query).all()


def _is_free(now):
    return sa.or_(
        models.Stack.lease_until.is_(None), models.Stack.lease_until < now
    )


@session.reader
def waiting_since(ctx, now):
    """When the stack that has waited longest became due; None for none."""
    return ctx.session.scalar(
        sa.select(sa.func.min(models.Stack.due_at)).where(
            models.Stack.due_at <= now, _is_free(now)
        )
    )


@session.writer
def claim(ctx, stack, owner, now, until):
    """Whether this engine alone may act on the stack as it was loaded."""
    claimed = ctx.session.execute(
        sa.update(models.Stack)
        .where(
            models.Stack.id == stack.id,
            models.Stack.generation == stack.generation,
            models.Stack.due_at == stack.due_at,
            _is_free(now),
        )
        .values(lease_owner=owner, lease_until=until)
    )
    return bool(claimed.rowcount)


def settle(ctx, stack, owner, values, members, happened):
    """Write what a pass found and did, and give the lease back.

    Nothing is written when another engine has taken over or the user has
    ended the control of the stack meanwhile. A stack that was made due anew
    since it was loaded stays due.

    :param stack: the row as the pass loaded it
    :param owner: who holds the lease, None where none was claimed
    :param members: new values of members by cloud
    :param happened: keyword arguments of events.add, in order
    :returns: the row, and the events that were written
    """
    write = _settle if owner is None else _settle_in_the_end
    return write(ctx, stack, owner, values, members, happened)


@session.writer
def _settle(ctx, stack, owner, values, members, happened):
    row = ctx.session.get(models.Stack, stack.id, with_for_update=True)
    if row is None or not _is_held(row, owner):
        return row, []
    if row.due_at != stack.due_at:
        values = {**values, 'due_at': row.due_at}
    _set(row, {**values, 'lease_owner': None, 'lease_until': None})
    for member in row.members:
        changes = members.get(member.cloud, {})
        if row.generation != stack.generation:
            # It is about wishes that are no longer the user's.
            changes = {
                name: value
                for name, value in changes.items()
                if name not in OF_THE_WISHES
            }
        if _set(member, changes):
            member.updated_at = models.utcnow()
    return row, [events.add(ctx, stack=row, **event) for event in happened]


# What was done in the clouds is told in the end, and the lease given back,
# for as long as the lease of any engine may last. It may be tried again even
# where COMMIT was lost: who has given the lease back writes nothing more.
_settle_in_the_end = session.patient(_settle)


def _is_held(row, owner):
    if owner is None and row.lease_owner is not None:
        return row.lease_until < models.utcnow()
    return row.lease_owner == owner


def _set(row, values):
    """Set what differs; return whether anything did."""
    changed = {
        name: value
        for name, value in values.items()
        if getattr(row, name) != value
    }
    for name, value in changed.items():
        setattr(row, name, value)
    return bool(changed)
