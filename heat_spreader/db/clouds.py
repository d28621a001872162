# SPDX-License-Identifier: Apache-2.0
"""The health of the clouds, as the engine found it last."""

import datetime

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import states
from heat_spreader.db import engines
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import drill

# In these the last survey has succeeded.
_ANSWERING = (states.CloudState.UP, states.CloudState.RECOVERING)
# In these it is not there for anyone.
_LOST = (states.CloudState.DOWN, states.CloudState.RECOVERING)


@session.reader
def get_all(ctx):
    """The row of every cloud that was ever surveyed, by name."""
    return rows(ctx)


def rows(ctx):
    """The same, in the transaction that is open."""
    found = ctx.session.execute(sa.select(models.Cloud.__table__))
    return {row.name: row for row in found}


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


@session.reader
def lease_owners(ctx):
    """The engine that surveys each cloud, None for no one, by cloud."""
    query = sa.select(models.Cloud.name, models.Cloud.lease_owner)
    return dict(ctx.session.execute(query).tuples().all())


@session.reader
def get_with_abandoned(ctx, survey_age, heartbeat_age):
    """The clouds as get_all() has them, and which of them are abandoned.

    :param survey_age: how old the last survey of such a cloud is at least
    :param heartbeat_age: the age of a heartbeat from which on an engine with
        a lease counts for none
    :returns: the rows by name, and by name when each cloud was last surveyed
        that no engine surveys
    """
    query = sa.select(
        models.Cloud.__table__,
        models.Engine.stopped_at,
        models.Engine.heartbeat_at,
        engines.clock(ctx).label('now'),
    ).outerjoin_from(
        models.Cloud,
        models.Engine,
        models.Engine.id == models.Cloud.lease_owner,
    )
    found = {row.name: row for row in ctx.session.execute(query)}
    return found, {
        name: row.checked_at
        for name, row in found.items()
        if row.checked_at is not None
        and row.checked_at < row.now - survey_age
        and not _is_alive(row, row.now - heartbeat_age)
    }


def _is_alive(engine, since):
    """Whether there is an engine that has not stopped and beats."""
    return (
        engine.heartbeat_at is not None
        and engine.stopped_at is None
        and engine.heartbeat_at >= since
    )


def claim(ctx, name, owner):
    """Whether this engine alone may survey the cloud from now on."""
    try:
        return _claim(ctx, name, owner)
    except db_exc.DBDuplicateEntry:
        # Another engine was faster to add it.
        return False


@session.writer
def _claim(ctx, name, owner):
    query = sa.select(models.Cloud).where(
        models.Cloud.name == name, models.Cloud.lease_owner.is_(None)
    )
    # A cloud that another client has locked must not hold the others.
    row = ctx.session.scalar(query.with_for_update(skip_locked=True))
    if row is not None:
        row.lease_owner = owner
        return True
    if ctx.session.get(models.Cloud, name) is not None:
        return False
    ctx.session.add(models.Cloud(name=name, lease_owner=owner))
    return True


@session.writer
def release(ctx, name, owner):
    """Give the lease of a cloud back."""
    ctx.session.execute(
        sa.update(models.Cloud)
        .where(models.Cloud.name == name, models.Cloud.lease_owner == owner)
        .values(lease_owner=None)
    )


@session.writer
def touch(ctx, name, checked_at, owner):
    """Write that a survey found nothing new, if the lease still holds."""
    ctx.session.execute(
        sa.update(models.Cloud)
        .where(models.Cloud.name == name, _is_held(owner))
        .values(
            checked_at=checked_at,
            answered_at=sa.case(
                (models.Cloud.state.in_(_ANSWERING), checked_at),
                else_=models.Cloud.answered_at,
            ),
        )
    )


@session.writer
def save_heat_url(ctx, name, url, owner):
    """Write where the Heat of a cloud is, if the lease still holds."""
    ctx.session.execute(
        sa.update(models.Cloud)
        .where(models.Cloud.name == name, _is_held(owner))
        .values(heat_url=url)
    )


def _is_held(owner):
    if owner is None:
        return models.Cloud.lease_owner.is_(None)
    return models.Cloud.lease_owner == owner


@session.writer
def save(ctx, cloud, checked_at=None, owner=None, skipped=None, votes=None):
    """Write the health of a cloud, if the lease still holds.

    A change of its state is an event, and makes every stack with a member
    there due.

    :param cloud: facts.Cloud
    :param checked_at: when the survey began, None to keep the time
    :param owner: who holds the lease
    :param skipped: a set that gets the ids of the stacks that another client
        has locked; they are left for make_due()
    :param votes: by observer, for the event, if there was a vote
    :returns: the state that it had before, None if nothing was written
    """
    row = ctx.session.get(models.Cloud, cloud.name, with_for_update=True)
    if row is None:
        row = models.Cloud(name=cloud.name, state=states.CloudState.UNKNOWN)
        ctx.session.add(row)
    elif row.lease_owner != owner:
        return None
    before = row.state
    for column in ('state', 'since', 'reason', 'failures', 'successes'):
        setattr(row, column, getattr(cloud, column))
    row.outages = [began.isoformat() for began in cloud.outages]
    if checked_at is not None:
        row.checked_at = checked_at
        if row.state in _ANSWERING:
            row.answered_at = checked_at
    if row.state != before:
        _record_change(ctx, row, before, votes)
        skipped = set() if skipped is None else skipped
        skipped.update(make_stacks_due(ctx, row.name))
    return before


def _record_change(ctx, row, before, votes):
    # The name is in the sentence already.
    reason = row.reason.replace(f"The cloud '{row.name}' ", 'it ', 1)
    details = {'votes': votes} if votes else {}
    if before in _LOST and row.state == states.CloudState.UP and row.outages:
        began = datetime.datetime.fromisoformat(row.outages[-1])
        seconds = max(0, round((row.since - began).total_seconds()))
        details['outage_seconds'] = seconds
        lost = f'it was lost for {drill.duration(seconds)}.'
        reason = f'{lost} {reason}'.rstrip()
    why = '.'
    if reason:
        # Some are whole sentences.
        why = f': {reason}' if reason[0].islower() else f'. {reason}'
    events.add(
        ctx,
        states.EventKind.CLOUD_STATE,
        f'The cloud {row.name} went from {before} to {row.state}{why}',
        cloud=row.name,
        changes={'state': [before, row.state]},
        **details,
    )


def make_stacks_due(ctx, cloud):
    """Make every stack with a member in a cloud due, in the open transaction.

    :returns: the ids of those that another client has locked
    """
    return _make_due(ctx, stacks_in(ctx, cloud))


def stacks_in(ctx, cloud):
    """The same as find_stacks(), in the transaction that is open."""
    # Not within the UPDATE: there MySQL would lock the rows that it reads.
    query = sa.select(models.Member.stack_id).where(
        models.Member.cloud == cloud
    )
    return ctx.session.scalars(query).all()


@session.reader
def find_stacks(ctx, cloud):
    """The ids of the stacks with a member in a cloud."""
    return stacks_in(ctx, cloud)


@session.writer
def make_due(ctx, stack_ids, wait=False):
    """Make stacks due; return the ids of those that are locked still.

    :param wait: whether to wait until they are no longer locked
    """
    return _make_due(ctx, stack_ids, wait)


def _make_due(ctx, stack_ids, wait=False):
    found = sa.select(models.Stack.id).where(models.Stack.id.in_(stack_ids))
    # One stack that another client has locked must not hold the others.
    locked = found.with_for_update(skip_locked=not wait)
    free = ctx.session.scalars(locked).all()
    ctx.session.execute(
        sa.update(models.Stack)
        .where(models.Stack.id.in_(free))
        .values(models.due_now())
        .execution_options(synchronize_session=False)
    )
    return set(ctx.session.scalars(found)).difference(free)
