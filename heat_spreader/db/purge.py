# SPDX-License-Identifier: Apache-2.0
"""Events are deleted: those that are old, and the oldest of too many.

Each batch is a transaction: no lock is held for long, and what one that is cut
short has deleted stays deleted.
"""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session

BATCH = 1000

_EVENTS = models.Event.__table__


def older_than(ctx, before):
    """Delete the events from before a time; return how many there were."""
    gone = 0
    while deleted := batch_older_than(ctx, before):
        gone += deleted
    return gone


@session.writer
def batch_older_than(ctx, before):
    """Delete the oldest of the events from before a time.

    :returns: how many there were, at most BATCH
    """
    condition = _EVENTS.c.created_at < before
    return _delete(ctx, condition, _EVENTS.c.created_at)


def beyond_each_stack(ctx, most):
    """Delete the oldest events of each stack that has more than ``most``."""
    for stack_id in _stacks_beyond(ctx, most):
        _delete_beyond(ctx, most, _EVENTS.c.stack_id == stack_id)


def beyond(ctx, most):
    """Delete the oldest events where there are more than ``most`` in all."""
    # A range of the primary key: SQLite would call it a scan otherwise.
    _delete_beyond(ctx, most, _EVENTS.c.number > 0)


@session.reader
def _stacks_beyond(ctx, most):
    """The ids of the stacks that have more events, also of deleted ones."""
    query = (
        sa.select(_EVENTS.c.stack_id)
        .where(_EVENTS.c.stack_id.is_not(None))
        .group_by(_EVENTS.c.stack_id)
        .having(sa.func.count() > most)
    )
    return ctx.session.scalars(query).all()


def _delete_beyond(ctx, most, condition):
    last = _last_beyond(ctx, most, condition)
    if last is None:
        return
    old = sa.and_(condition, _EVENTS.c.number <= last)
    while _delete_batch(ctx, old):
        pass


@session.reader
def _last_beyond(ctx, most, condition):
    """The number of the newest event that is too many, None without one."""
    return ctx.session.scalar(
        sa.select(_EVENTS.c.number)
        .where(condition)
        .order_by(_EVENTS.c.number.desc())
        .offset(most)
        .limit(1)
    )


@session.writer
def _delete_batch(ctx, condition):
    return _delete(ctx, condition, _EVENTS.c.number)


def _delete(ctx, condition, order):
    # The numbers first: a DELETE that searches locks all that it looks at, and
    # PostgreSQL knows no LIMIT there.
    old = ctx.session.scalars(
        sa.select(_EVENTS.c.number)
        .where(condition)
        .order_by(order)
        .limit(BATCH)
    ).all()
    ctx.session.execute(sa.delete(_EVENTS).where(_EVENTS.c.number.in_(old)))
    return len(old)
