# SPDX-License-Identifier: Apache-2.0
"""The limits of the clouds, as the engines have read them last."""

import dataclasses
import datetime

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import room


@session.reader
def get_all(ctx):
    """The room.Limits of each cloud that shows them, by its name."""
    query = sa.select(models.Cloud.name, models.Cloud.limits)
    return {
        name: _limits(**values)
        for name, values in ctx.session.execute(query)
        if values
    }


def _limits(read_at, **by_name):
    return room.Limits(
        {name: room.Limit(**limit) for name, limit in by_name.items()},
        datetime.datetime.fromisoformat(read_at),
    )


@session.writer
def save(ctx, cloud, limits, owner):
    """Write the limits of a cloud, if the lease still holds."""
    values = {
        name: dataclasses.asdict(limit)
        for name, limit in limits.by_name.items()
    }
    values['read_at'] = limits.read_at.isoformat()
    ctx.session.execute(
        sa.update(models.Cloud)
        .where(models.Cloud.name == cloud, models.Cloud.lease_owner == owner)
        .values(limits=values)
    )
