# SPDX-License-Identifier: Apache-2.0
"""Which stacks are due, which engine works on them, and the result."""

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader.db import events
from heat_spreader.db import members as members_db
from heat_spreader.db import models
from heat_spreader.db import session


@session.reader
def due(ctx, now):
    """The ids of stacks that are due and free, the oldest first."""
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
    row = ctx.session.get(models.Stack, stack.id, with_for_update=True)
    if row is None or not _is_held(row, owner):
        return False
    if row.due_at != stack.due_at:
        values = {**values, 'due_at': row.due_at}
    _set(row, {**values, 'lease_owner': None, 'lease_until': None})
    outdated = row.generation != stack.generation
    owners = members_db.find_owners(
        ctx, [values.get('heat_id') for values in members.values()]
    )
    for member in row.members:
        values = members_db.with_owner(
            members.get(member.cloud, {}), (row.id, member.cloud), owners
        )
        _set_member(member, values, outdated)
    for event in happened:
        events.add(ctx, stack=row, **event)
    try:
        ctx.session.flush()
    except db_exc.DBDuplicateEntry as exc:
        # A survey was faster to find the Heat stack of a member.
        raise db_exc.RetryRequest(exc) from exc
    return True


def _set_member(member, values, outdated):
    """Set new values of a member.

    :param outdated: whether they are about what the user no longer asks for
    """
    if outdated:
        values = {
            name: value
            for name, value in values.items()
            if name not in members_db.BACKOFF_COLUMNS
        }
    if _set(member, values):
        member.updated_at = models.utcnow()


# What was done in the clouds must be written, and the lease given back, so it
# is tried for as long as the lease of any engine may last. That is safe even
# where the answer to COMMIT was lost: without the lease nothing is written.
_settle_with_retry = session.with_long_retry(_settle)


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
