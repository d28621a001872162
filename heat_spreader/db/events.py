# SPDX-License-Identifier: Apache-2.0
"""What happened to stacks and clouds."""

import sqlalchemy as sa
from oslo_utils import uuidutils

from heat_spreader import exception
from heat_spreader.db import models
from heat_spreader.db import session

_EVENTS = models.Event.__table__


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
        ctx.session.execute(sa.insert(_EVENTS), rows)


def _values(stack, request_id, kind, message, cloud=None, **details):
    return {
        'id': uuidutils.generate_uuid(),
        'kind': kind,
        'message': message,
        'project_id': stack.project_id if stack else None,
        'stack_id': stack.id if stack else None,
        'cloud': cloud,
        'details': details,
        'request_id': request_id,
    }


@session.reader
def get_of_stack(ctx, stack, **page):
    """The events of a stack, and of the clouds it is in, since it exists.

    :param page: as for _get()
    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    since = {member.cloud: stack.created_at for member in stack.members}
    own = _EVENTS.c.stack_id == stack.id
    return _get(ctx, [own, _of_clouds(since)], **page)


@session.reader
def get_of_cloud(ctx, cloud, **page):
    """The events of a cloud itself, not those of stacks.

    :param page: as for _get()
    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    return _get(ctx, [_of_clouds({cloud: None})], **page)


@session.reader
def get_of_project(ctx, project_id, whole_cloud=None, **page):
    """The events of the stacks of a project, and of the clouds they are in.

    Those of a cloud begin with the first of the stacks that are there now.

    :param whole_cloud: a cloud of which all events are listed
    :param page: as for _get()
    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    query = (
        sa.select(models.Member.cloud, sa.func.min(models.Stack.created_at))
        .join(models.Stack)
        .where(models.Stack.project_id == project_id)
        .group_by(models.Member.cloud)
    )
    since = dict(ctx.session.execute(query).tuples().all())
    if whole_cloud is not None:
        since[whole_cloud] = None
    own = _EVENTS.c.project_id == project_id
    return _get(ctx, [own, _of_clouds(since)], **page)


@session.reader
def get_all(ctx, **page):
    """The events of all stacks and clouds.

    :param page: as for _get()
    :raises MarkerNotFound: if the marker is not the id of one of them
    """
    # A range of the primary key: SQLite would call it a scan otherwise.
    return _get(ctx, [_EVENTS.c.number > 0], **page)


@session.reader
def own_stacks(ctx, project_id, stack_ids):
    """Those of the ids that are of stacks of a project."""
    query = sa.select(models.Stack.id).where(
        models.Stack.id.in_(stack_ids), models.Stack.project_id == project_id
    )
    return set(ctx.session.scalars(query))


def _of_clouds(since):
    """The condition for the events of clouds, not of stacks.

    :param since: the time from which on, None for all, by cloud
    """
    return sa.and_(
        _EVENTS.c.stack_id.is_(None),
        sa.or_(
            sa.false(),
            *(
                sa.and_(
                    _EVENTS.c.cloud == cloud,
                    _EVENTS.c.created_at >= moment if moment else sa.true(),
                )
                for cloud, moment in since.items()
            ),
        ),
    )


def _get(
    ctx,
    conditions,
    limit=None,
    marker=None,
    sort_dir='asc',
    since=None,
    kind=None,
    cloud=None,
):
    """The events that meet one of the conditions, in the order of numbers.

    ``stack`` of a row is the name of the stack, None if it was deleted.

    :param conditions: no event meets two of them
    :param limit: how many at most
    :param marker: the id of the event after which they begin
    :param sort_dir: asc for the oldest first, desc for the newest
    :param since: the time from which on
    :param kind: the one kind
    :param cloud: the one cloud
    """
    wanted = {'kind': kind, 'cloud': cloud}
    filters = [
        _EVENTS.c[name] == value
        for name, value in wanted.items()
        if value is not None
    ]
    if since is not None:
        filters.append(_EVENTS.c.created_at >= since)
    size = limit
    if marker is not None:
        # The marker itself is read too, which shows that it is one of them.
        filters.append(_from_marker(marker, sort_dir))
        size = limit and limit + 1
    # Each has an index that is in the order of the numbers.
    parts = [
        sa.select(_EVENTS)
        .where(condition, *filters)
        .order_by(_order(_EVENTS.c.number, sort_dir))
        .limit(size)
        .subquery()
        .select()
        for condition in conditions
    ]
    found = sa.union_all(*parts).subquery()
    query = (
        sa.select(found, models.Stack.name.label('stack'))
        .outerjoin_from(
            found, models.Stack, models.Stack.id == found.c.stack_id
        )
        .order_by(_order(found.c.number, sort_dir))
        .limit(size)
    )
    return _after(ctx.session.execute(query).all(), marker)


def _order(number, sort_dir):
    return number.desc() if sort_dir == 'desc' else number


def _from_marker(marker, sort_dir):
    other = _EVENTS.alias()
    start = (
        sa.select(other.c.number).where(other.c.id == marker).scalar_subquery()
    )
    number = _EVENTS.c.number
    return number <= start if sort_dir == 'desc' else number >= start


def _after(rows, marker):
    """The rows after the marker, which is the first of them if it exists."""
    if marker is None:
        return rows
    if not rows or rows[0].id != marker:
        raise exception.MarkerNotFound(marker=marker)
    return rows[1:]
