# SPDX-License-Identifier: Apache-2.0
"""What the surveys see of the members, cloud by cloud."""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session

_COLUMNS = (
    models.Member.stack_id,
    models.Member.cloud,
    models.Stack.stack_name,
    models.Stack.count_parameter,
    models.Member.heat_id,
    models.Member.heat_status,
    models.Member.heat_status_reason,
    models.Member.heat_updated_at,
    models.Member.count,
    models.Member.settled_count,
    models.Member.ready,
    models.Member.rejection,
    models.Member.read_at,
    models.Member.updated_at,
)


@session.reader
def in_cloud(ctx, cloud):
    """The members in a cloud as plain rows: no objects, for there are many."""
    return _rows(ctx, models.Member.cloud == cloud)


@session.reader
def of_stack(ctx, stack_id):
    """The members of a stack by cloud, as the same plain rows."""
    rows = _rows(ctx, models.Member.stack_id == stack_id)
    return {row.cloud: row for row in rows}


@session.reader
def totals(ctx):
    """The sums of target and ready over all stacks, by cloud."""
    query = sa.select(
        models.Member.cloud,
        sa.func.coalesce(sa.func.sum(models.Member.target), 0),
        sa.func.coalesce(sa.func.sum(models.Member.ready), 0),
    ).group_by(models.Member.cloud)
    return {cloud: sums for cloud, *sums in ctx.session.execute(query)}


def _rows(ctx, condition):
    query = sa.select(*_COLUMNS).join(models.Stack).where(condition)
    return ctx.session.execute(query).all()


@session.writer
def save(ctx, cloud, changes):
    """Put what was seen into rows, and make their stacks due.

    A row that changed since it was loaded is left alone: what was seen may be
    older than what stands there. The next survey looks again.

    :param changes: pairs of a row of in_cloud() and its new values
    """
    now = models.utcnow()
    for row, values in changes:
        saved = ctx.session.execute(
            sa.update(models.Member)
            .where(
                models.Member.stack_id == row.stack_id,
                models.Member.cloud == cloud,
                models.Member.updated_at == row.updated_at,
            )
            .values(read_at=now, updated_at=now, **values)
        )
        if saved.rowcount:
            ctx.session.execute(
                sa.update(models.Stack)
                .where(models.Stack.id == row.stack_id)
                .values(due_at=now)
            )
