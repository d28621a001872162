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
    of_its_clouds = sa.and_(
        models.Event.stack_id.is_(None),
        models.Event.cloud.in_([member.cloud for member in stack.members]),
        models.Event.created_at >= stack.created_at,
    )
    query = sa.select(models.Event).where(
        sa.or_(models.Event.stack_id == stack.id, of_its_clouds)
    )
    if marker is not None:
        if not ctx.session.scalar(query.where(models.Event.id == marker)):
            raise exception.MarkerNotFound(marker=marker)
        query = query.where(models.Event.id > marker)
    return ctx.session.scalars(
        query.order_by(models.Event.id).limit(limit)
    ).all()


def purge(ctx, before):
    """Delete the events from before a time; return how many there were.

    Each batch is a transaction: no lock is held for long, and what one that
    is cut short has deleted stays deleted.
    """
    gone = 0
    while deleted := _purge_some(ctx, before):
        gone += deleted
    return gone


@session.writer
def _purge_some(ctx, before):
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
