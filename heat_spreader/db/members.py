# SPDX-License-Identifier: Apache-2.0
"""What the surveys read of the members, cloud by cloud."""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts

# What a read of the Heat stack of a member sets.
HEAT_COLUMNS = (
    'heat_id',
    'heat_status',
    'heat_status_reason',
    'heat_updated_at',
    'count',
    'settled_count',
    'ready',
    'read_at',
)
# What an update that did not succeed sets; a new request begins anew.
BACKOFF_COLUMNS = ('rejection', 'failures', 'retry_at')

_COLUMNS = (
    models.Member.stack_id,
    models.Member.cloud,
    models.Member.weight,
    models.Member.min_count,
    models.Member.max_count,
    models.Member.as_admin,
    *(
        getattr(models.Member, column)
        for column in (*HEAT_COLUMNS, *BACKOFF_COLUMNS)
    ),
    models.Member.updated_at,
    models.Stack.stack_name,
    models.Stack.count_parameter,
    models.Stack.project_id,
)


def heat_stack(row):
    """The Heat stack of the row of a member, None if it was never read."""
    if row.read_at is None:
        return None
    return facts.HeatStack(
        id=row.heat_id,
        status=row.heat_status or '',
        status_reason=row.heat_status_reason or '',
        updated_at=row.heat_updated_at,
        count=row.count,
        settled_count=row.settled_count,
        ready=row.ready or 0,
    )


def heat_values(heat):
    """The columns of a Heat stack that was read.

    :param heat: facts.HeatStack
    """
    return {
        'heat_id': heat.id,
        'heat_status': heat.status or None,
        'heat_status_reason': heat.status_reason or None,
        'heat_updated_at': heat.updated_at,
        'count': heat.count,
        'settled_count': heat.settled_count,
        'ready': heat.ready,
    }


@session.reader
def in_cloud(ctx, cloud):
    """The members in a cloud as plain rows: no objects, for there are many."""
    query = (
        sa.select(*_COLUMNS)
        .join(models.Stack)
        .where(models.Member.cloud == cloud)
    )
    return ctx.session.execute(query).all()


@session.reader
def totals(ctx):
    """The sums of target and ready over all stacks, by cloud."""
    query = sa.select(
        models.Member.cloud,
        sa.func.coalesce(sa.func.sum(models.Member.target), 0),
        sa.func.coalesce(sa.func.sum(models.Member.ready), 0),
    ).group_by(models.Member.cloud)
    return {cloud: sums for cloud, *sums in ctx.session.execute(query)}


@session.writer
def save(ctx, cloud, changes):
    """Write what was read of members, and make their stacks due.

    A row that changed since it was loaded is left alone: what was read may be
    older than what the row has. The next survey reads it again.

    :param cloud: the name of the cloud
    :param changes: pairs of a facts.Member and new values of its row
    """
    now = models.utcnow()
    for member, values in changes:
        saved = ctx.session.execute(
            sa.update(models.Member)
            .where(
                models.Member.stack_id == member.stack_id,
                models.Member.cloud == cloud,
                models.Member.updated_at == member.version,
            )
            .values(read_at=now, updated_at=now, **values)
        )
        if saved.rowcount:
            ctx.session.execute(
                sa.update(models.Stack)
                .where(models.Stack.id == member.stack_id)
                .values(due_at=now)
            )
