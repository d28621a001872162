# SPDX-License-Identifier: Apache-2.0
"""The health of the clouds, as the engine found it last."""

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session


@session.reader
def get_all(ctx):
    """Every cloud that was ever surveyed, by name."""
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
def save(ctx, cloud, checked_at=None, skipped=None):
    """Write the health of a cloud.

    A change of its state is an event, and makes every stack with a member
    there due.

    :param cloud: facts.Cloud
    :param checked_at: when it was surveyed, None to keep the time
    :param skipped: a set that gets the ids of the stacks that another client
        has locked; they are left for make_due()
    :returns: the state that it had before
    """
    row = ctx.session.get(models.Cloud, cloud.name, with_for_update=True)
    if row is None:
        row = models.Cloud(name=cloud.name, state=states.CloudState.UNKNOWN)
        ctx.session.add(row)
    before = row.state
    for column in ('state', 'since', 'reason', 'failures', 'successes'):
        setattr(row, column, getattr(cloud, column))
    if checked_at is not None:
        row.checked_at = checked_at
    if row.state != before:
        _record_change(ctx, row, before)
        skipped = set() if skipped is None else skipped
        skipped.update(_make_due(ctx, _stacks_in(ctx, row.name)))
    return before


def _record_change(ctx, row, before):
    reason = f': {row.reason}' if row.reason else '.'
    events.add(
        ctx,
        states.EventKind.CLOUD_STATE,
        f'The cloud {row.name} went from {before} to {row.state}{reason}',
        cloud=row.name,
        changes={'state': [before, row.state]},
    )


def _stacks_in(ctx, cloud):
    # Not within the UPDATE: there MySQL would lock the rows that it reads.
    query = sa.select(models.Member.stack_id).where(
        models.Member.cloud == cloud
    )
    return ctx.session.scalars(query).all()


@session.reader
def find_stacks(ctx, cloud):
    """The ids of the stacks with a member in a cloud."""
    return _stacks_in(ctx, cloud)


@session.writer
def make_due(ctx, stack_ids):
    """Make stacks due; return the ids of those that are locked still."""
    return _make_due(ctx, stack_ids)


def _make_due(ctx, stack_ids):
    found = sa.select(models.Stack.id).where(models.Stack.id.in_(stack_ids))
    # One stack that another client has locked must not hold the others.
    free = ctx.session.scalars(found.with_for_update(skip_locked=True)).all()
    ctx.session.execute(
        sa.update(models.Stack)
        .where(models.Stack.id.in_(free))
        .values(due_at=models.utcnow())
        .execution_options(synchronize_session=False)
    )
    return set(ctx.session.scalars(found)).difference(free)
