# SPDX-License-Identifier: Apache-2.0
"""What happened to stacks and clouds."""

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader.db import models
from heat_spreader.db import session

PURGE_BATCH = 1000


def add(ctx, kind, message, *, stack=None, cloud=None, **details):
    """Write an event in the transaction that is open."""
    event = {'kind': kind, 'message': message, 'cloud': cloud, **details}
    add_all(ctx, [(stack, ctx.request_id, event)])


def add_all(ctx, happened):
    """Write events in the transaction that is open, in their order.

    :param happened: for each, its stack or None, the id of the request, and
        the keyword arguments of add()
    """
    if happened:
        rows = [
            _values(stack, request_id, **event)
            for stack, request_id, event in happened
        ]
        ctx.session.execute(sa.insert(models.Event.__table__), rows)


def _values(stack, request_id, kind, message, cloud=None, **details):
    return {
        'kind': kind,
        'message': message,
        'project_id': stack.project_id if stack else None,
        'stack_id': stack.id if stack else None,
        'cloud': cloud,
        'details': details,
        'request_id': request_id,
    }


@session.reader
def get_all(ctx, stack, limit=None, marker=None):
    """The events of a stack and of the clouds it is in, oldest first.

    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    table = models.Event.__table__
    of_its_clouds = sa.and_(
        table.c.stack_id.is_(None),
        table.c.cloud.in_([member.cloud for member in stack.members]),
        table.c.created_at >= stack.created_at,
    )
    # The marker itself is read too, which shows that it is one of them.
    start, skipped = (0, 0) if marker is None else (marker, 1)
    size = limit and limit + skipped
    # Each of both has an index that is in the order of the ids.
    parts = [
        sa.select(table)
        .where(condition, table.c.id >= start)
        .order_by(table.c.id)
        .limit(size)
        .subquery()
        .select()
        for condition in (table.c.stack_id == stack.id, of_its_clouds)
    ]
    query = sa.union_all(*parts).order_by('id').limit(size)
    return _after(ctx.session.execute(query).all(), marker)


@session.reader
def get_of_cloud(ctx, cloud, limit=None, marker=None):
    """The events of a cloud itself, not those of stacks, oldest first.

    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    table = models.Event.__table__
    start, skipped = (0, 0) if marker is None else (marker, 1)
    query = (
        sa.select(table)
        .where(
            table.c.stack_id.is_(None),
            table.c.cloud == cloud,
            table.c.id >= start,
        )
        .order_by(table.c.id)
        .limit(limit and limit + skipped)
    )
    return _after(ctx.session.execute(query).all(), marker)


def _after(rows, marker):
    """The rows after the marker, which is the first of them if it exists."""
    if marker is None:
        return rows
    if not rows or rows[0].id != marker:
        raise exception.MarkerNotFound(marker=marker)
    return rows[1:]


def purge(ctx, before):
    """Delete the events from before a time; return how many there were.

    Each batch is a transaction: no lock is held for long, and what one that
    is cut short has deleted stays deleted.
    """
    gone = 0
    while deleted := purge_batch(ctx, before):
        gone += deleted
    return gone


@session.writer
def purge_batch(ctx, before):
    """Delete the oldest of the events from before a time.

    :returns: how many there were, at most PURGE_BATCH
    """
    # The ids first: a DELETE that searches locks all that it looks at, and
    # PostgreSQL knows no LIMIT there.
    old = ctx.session.scalars(
        sa.select(models.Event.id)
        .where(models.Event.created_at < before)
        .order_by(models.Event.created_at)
        .limit(PURGE_BATCH)
    ).all()
    ctx.session.execute(
        sa.delete(models.Event)
        .where(models.Event.id.in_(old))
        .execution_options(synchronize_session=False)
    )
    return len(old)
