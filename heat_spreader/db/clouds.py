# SPDX-License-Identifier: Apache-2.0
"""The health of the clouds, as the engine saw it last."""

import sqlalchemy as sa

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
