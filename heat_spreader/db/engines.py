# SPDX-License-Identifier: Apache-2.0
"""The engines: their heartbeats, and what becomes of their leases.

No clock of a host decides which engine is alive: an engine counts its
heartbeats, and the others watch the counter, each by its own monotonic clock.
"""

import datetime

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session

_KEPT = datetime.timedelta(days=1)
_WITH_LEASES = (models.Stack, models.Member, models.Cloud)


def clock(ctx):
    """The time of the database, which is the same for every host, as SQL.

    SQLite has none: its file is on one host.
    """
    match ctx.session.get_bind().dialect.name:
        case 'postgresql':
            time = sa.func.timezone('UTC', sa.func.clock_timestamp())
        case 'mysql':
            time = sa.func.utc_timestamp(6)
        case _:
            return sa.literal(models.utcnow(), models.Timestamp)
    return sa.type_coerce(time, models.Timestamp)


def database_time(ctx):
    """The time of the database, in the transaction that is open."""
    if ctx.session.get_bind().dialect.name == 'sqlite':
        return models.utcnow()
    return ctx.session.scalar(sa.select(clock(ctx)))


@session.reader
def now(ctx):
    """The time that the hosts agree on."""
    return database_time(ctx)


@session.writer
def register(ctx, engine_id, host, version):
    """Add an engine that starts; forget those that stopped a day ago.

    :returns: the time of the database
    """
    time = database_time(ctx)
    ctx.session.execute(
        sa.delete(models.Engine).where(models.Engine.stopped_at < time - _KEPT)
    )
    ctx.session.add(
        models.Engine(
            id=engine_id,
            host=host,
            version=version,
            started_at=time,
            heartbeat_at=time,
        )
    )
    return time


@session.writer
def beat(ctx, engine_id):
    """Write a heartbeat.

    :returns: the time of the database, None if the others took the engine
        for dead and its leases are free
    """
    time = database_time(ctx)
    written = ctx.session.execute(
        sa.update(models.Engine)
        .where(
            models.Engine.id == engine_id, models.Engine.stopped_at.is_(None)
        )
        .values(beats=models.Engine.beats + 1, heartbeat_at=time)
    )
    return time if written.rowcount else None


@session.reader
def running(ctx):
    """The number of heartbeats of each engine that has not stopped, by id."""
    query = sa.select(models.Engine.id, models.Engine.beats).where(
        models.Engine.stopped_at.is_(None)
    )
    return dict(ctx.session.execute(query).tuples().all())


@session.writer
def stop(ctx, engine_id, beats=None):
    """Write that an engine has stopped.

    :param beats: of an engine that is taken for dead: how many heartbeats it
        had; one more, and it is not
    :returns: whether it was written; not now, if the row is locked
    """
    query = sa.select(models.Engine).where(
        models.Engine.id == engine_id, models.Engine.stopped_at.is_(None)
    )
    if beats is not None:
        query = query.where(models.Engine.beats == beats)
    # An engine that was suspended in the midst of a heartbeat locks its row.
    row = ctx.session.scalar(query.with_for_update(skip_locked=True))
    if row is None:
        return False
    row.stopped_at = database_time(ctx)
    return True


@session.reader
def lease_owners(ctx):
    """The ids of all engines that have a lease, alive or not."""
    return {
        owner
        for table in _WITH_LEASES
        for owner in ctx.session.scalars(
            sa.select(table.lease_owner)
            .where(table.lease_owner.is_not(None))
            .distinct()
        )
    }


@session.writer
def free(ctx, engine_ids):
    """Free the leases of engines that do not run.

    What another client has locked keeps its owner until the next time.
    """
    for table in (models.Stack, models.Cloud):
        (key,) = sa.inspect(table).primary_key
        query = sa.select(key).where(table.lease_owner.in_(engine_ids))
        free = ctx.session.scalars(query.with_for_update(skip_locked=True))
        _update(ctx, table, key.in_(free.all()), {'lease_owner': None})
    # What became of an update that such an engine had sent is not known.
    query = (
        sa.select(models.Member.stack_id, models.Member.cloud)
        .join(models.Stack)
        .where(models.Member.lease_owner.in_(engine_ids))
        .with_for_update(skip_locked=True)
    )
    for stack_id, cloud in ctx.session.execute(query).all():
        member = sa.and_(
            models.Member.stack_id == stack_id, models.Member.cloud == cloud
        )
        _update(ctx, models.Member, member, {'lease_owner': None})
        _update(
            ctx, models.Stack, models.Stack.id == stack_id, models.due_now()
        )


def _update(ctx, table, condition, values):
    ctx.session.execute(
        sa.update(table)
        .where(condition)
        .values(values)
        .execution_options(synchronize_session=False)
    )


@session.reader
def last_report(ctx):
    """When any engine wrote its last heartbeat, None for never; and the time.

    Both are times of the database.
    """
    query = sa.select(
        sa.func.max(models.Engine.heartbeat_at), clock(ctx).label('now')
    )
    return tuple(ctx.session.execute(query).one())


@session.reader
def get_all(ctx):
    """Every engine that has not stopped, and how much it holds.

    :returns: triples of a row, the number of clouds and that of stacks, in
        the order in which they started; and the time of the database
    """
    held = {
        table: dict(
            ctx.session.execute(
                sa.select(table.lease_owner, sa.func.count())
                .where(table.lease_owner.is_not(None))
                .group_by(table.lease_owner)
            )
            .tuples()
            .all()
        )
        for table in (models.Cloud, models.Stack)
    }
    rows = ctx.session.scalars(
        sa.select(models.Engine)
        .where(models.Engine.stopped_at.is_(None))
        .order_by(models.Engine.started_at, models.Engine.id)
    ).all()
    return [
        (
            row,
            held[models.Cloud].get(row.id, 0),
            held[models.Stack].get(row.id, 0),
        )
        for row in rows
    ], database_time(ctx)
