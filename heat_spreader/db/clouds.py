# SPDX-License-Identifier: Apache-2.0
"""The health of the clouds, as the engine saw it last."""

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session


@session.reader
def get_all(ctx):
    """Every cloud the engine has looked at, by name."""
    return {
        cloud.name: cloud
        for cloud in ctx.session.scalars(sa.select(models.Cloud))
    }


@session.reader
def count_stacks(ctx, project_id=None):
    """How many stacks of a project, or of all, have a member in each cloud."""
    query = sa.select(
        models.Member.cloud, sa.func.count(models.Member.stack_id)
    ).group_by(models.Member.cloud)
    if project_id is not None:
        query = query.join(models.Stack).where(
            models.Stack.project_id == project_id
        )
    return dict(ctx.session.execute(query).tuples().all())


@session.writer
def save(ctx, name, values):
    """Write the health of a cloud.

    A change of its state makes an event, and every stack with a member there
    due.

    :returns: the row, and the events that were written
    """
    cloud = ctx.session.get(models.Cloud, name, with_for_update=True)
    if cloud is None:
        cloud = models.Cloud(name=name, state=states.CloudState.UNKNOWN)
        ctx.session.add(cloud)
    before = cloud.state
    for column, value in values.items():
        setattr(cloud, column, value)
    if cloud.state == before:
        return cloud, []
    reason = f': {cloud.reason}' if cloud.reason else '.'
    event = events.add(
        ctx,
        states.EventKind.CLOUD_STATE,
        f'The cloud {name} went from {before} to {cloud.state}{reason}',
        cloud=name,
        changes={'state': [before, cloud.state]},
    )
    ctx.session.execute(
        sa.update(models.Stack)
        .where(models.Stack.members.any(models.Member.cloud == name))
        .values(due_at=models.utcnow())
        .execution_options(synchronize_session=False)
    )
    return cloud, [event]
