# SPDX-License-Identifier: Apache-2.0
"""What users ask for: stacks and their weights.

Every change here adds one to the generation of the stack, makes it due for
the engine and writes an event, in one transaction.
"""

import types

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import exception
from heat_spreader import states
from heat_spreader import suggest
from heat_spreader.db import adoption
from heat_spreader.db import capacity
from heat_spreader.db import changes
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import paging
from heat_spreader.db import requests
from heat_spreader.db import session
from heat_spreader.planning import specification

_STACKS, _MEMBERS = models.Stack.__table__, models.Member.__table__
# Made once: to make the longest statement takes longer than to run it.
_ONE = (
    sa.select(*_STACKS.c, *_MEMBERS.c)
    .outerjoin_from(_STACKS, _MEMBERS)
    .where(_STACKS.c.id == sa.bindparam('stack_id'))
    .order_by(_MEMBERS.c.cloud)
)
_OWN = _ONE.where(_STACKS.c.project_id == sa.bindparam('project_id'))
_OWNER = sa.select(_STACKS.c.project_id, _STACKS.c.user_id).where(
    _STACKS.c.id == sa.bindparam('stack_id')
)
# What a list has of each stack and of each member.
_LISTED = [
    _STACKS.c[name]
    for name in (
        *('id', 'project_id', 'user_id', 'created_at', 'updated_at'),
        *specification.FIELDS,
        *('generation', 'observed_generation'),
        *('status', 'status_reason', 'unplaced', 'survives'),
    )
]
_LISTED_OF_MEMBERS = [
    _MEMBERS.c[name]
    for name in (
        *('stack_id', 'cloud', 'weight', 'effective_weight'),
        *('min_count', 'max_count', *specification.ORDER),
        *('target', 'count', 'ready'),
        *('state', 'reason', 'since', 'heat_id', 'heat_status'),
        *('cap', 'cap_until', 'cap_reason', 'retry_at'),
        *('unplaced_without', 'frozen_without', 'updated_at'),
    )
]


def find(ctx, stack_id, generation=None, lock=True):
    """The models.Stack, in the open transaction.

    :raises StackNotFound: if there is none
    :raises GenerationConflict: if it is not at the generation given
    """
    stack = ctx.session.get(models.Stack, stack_id, with_for_update=lock)
    if stack is None:
        raise exception.StackNotFound(stack=stack_id)
    if generation not in (None, stack.generation):
        raise exception.GenerationConflict(
            current=stack.generation, given=generation
        )
    return stack


@session.reader
def get(ctx, stack_id):
    """A stack with its members, of any project; plain values, no objects.

    :raises StackNotFound: if there is none
    """
    stack = _get(ctx, _ONE, stack_id=stack_id)
    if stack is None:
        raise exception.StackNotFound(stack=stack_id)
    return stack


@session.reader
def find_own(ctx, stack_id):
    """The same of a stack in the project of the caller, or None."""
    return _get(ctx, _OWN, stack_id=stack_id, project_id=ctx.project_id)


@session.reader
def owner(ctx, stack_id):
    """The project and the user of a stack; both are None if there is none."""
    row = ctx.session.execute(_OWNER, {'stack_id': stack_id}).one_or_none()
    project_id, user_id = row or (None, None)
    return {'project_id': project_id, 'user_id': user_id}


def _get(ctx, query, **values):
    rows = ctx.session.execute(query, values).all()
    if not rows:
        return None
    end = len(_STACKS.c)
    return _plain(
        _STACKS,
        rows[0][:end],
        members=[
            _plain(_MEMBERS, row[end:]) for row in rows if row[end] is not None
        ],
    )


def _plain(table, values, **more):
    """The values of a row of a table, by the names of its columns."""
    return types.SimpleNamespace(
        **dict(zip(table.c.keys(), values, strict=True)), **more
    )


@session.reader
def load(ctx, stack_ids):
    """All that plans for stacks are made from, as load_rows() has it."""
    return load_rows(ctx, stack_ids)


def load_rows(ctx, stack_ids):
    """The rows of stacks, in the transaction that is open; no objects.

    :returns: the rows of those stacks that there are, those of their members
        by the id of the stack, and those of all clouds by name
    """
    table = models.Stack.__table__
    query = sa.select(table).where(table.c.id.in_(stack_ids))
    found = ctx.session.execute(query).all()
    table = models.Member.__table__
    query = sa.select(table).where(table.c.stack_id.in_(stack_ids))
    their = {row.id: [] for row in found}
    for row in ctx.session.execute(query.order_by(table.c.cloud)):
        their.setdefault(row.stack_id, []).append(row)
    # The clouds after the stacks, never before: a change of a cloud makes its
    # stacks due, and a pass that had the new due_at and the old cloud would
    # settle a stack with the change unseen.
    return found, their, clouds.rows(ctx)


@session.reader
def get_all(
    ctx,
    project_id=None,
    name=None,
    status=None,
    survives=None,
    cloud=None,
    limit=None,
    marker=None,
    sort_key='created_at',
    sort_dir='asc',
):
    """The stacks of a project, or of all, that pass every filter given.

    :raises MarkerNotFound: if the marker is not the id of a stack there
    """
    visible = {} if project_id is None else {'project_id': project_id}
    wanted = {
        **visible,
        **{'name': name, 'status': status, 'survives': survives},
    }
    query = sa.select(*_LISTED).where(
        *(_STACKS.c[n] == v for n, v in wanted.items() if v is not None)
    )
    if cloud is not None:
        query = query.where(
            sa.exists().where(
                models.Member.stack_id == _STACKS.c.id,
                models.Member.cloud == cloud,
            )
        )
    if marker is not None:
        query = query.where(
            paging.after(ctx, _STACKS, sort_key, sort_dir, marker, visible)
        )
    query = query.order_by(*paging.order(_STACKS, sort_key, sort_dir))
    rows = ctx.session.execute(query.limit(limit)).all()
    if rows:
        return _with_members(ctx, rows)
    if marker is not None:
        known = paging.find(_STACKS, 'id', marker, visible)
        if ctx.session.scalar(known) is None:
            raise exception.MarkerNotFound(marker=marker)
    return []


def _with_members(ctx, rows):
    """The rows of stacks, each with those of its members."""
    their = {row.id: [] for row in rows}
    query = sa.select(*_LISTED_OF_MEMBERS).where(
        models.Member.stack_id.in_(their)
    )
    for member in ctx.session.execute(query.order_by(models.Member.cloud)):
        their[member.stack_id].append(member)
    return [
        types.SimpleNamespace(**row._mapping, members=their[row.id])
        for row in rows
    ]


@session.reader
def count(ctx, project_id):
    """How many stacks a project has."""
    return ctx.session.scalar(
        sa.select(sa.func.count()).where(_STACKS.c.project_id == project_id)
    )


@session.reader
def get_ids(ctx, project_id, limit):
    """The ids of the first stacks of a project, by name."""
    query = sa.select(_STACKS.c.name, _STACKS.c.id).where(
        _STACKS.c.project_id == project_id
    )
    found = ctx.session.execute(query.order_by(_STACKS.c.name).limit(limit))
    return dict(found.tuples().all())


@session.reader
def totals(ctx):
    """What all stacks add up to, by status.

    :returns: rows with how many stacks there are (``number``), the sum of
        their totals (``total``), their unplaced instances (``unplaced``), and
        how many would not survive the loss of a cloud (``unsafe``)
    """
    unsafe = sa.case((models.Stack.survives.is_(False), 1), else_=0)
    query = sa.select(
        models.Stack.status,
        sa.func.count().label('number'),
        sa.func.sum(models.Stack.count).label('total'),
        sa.func.sum(models.Stack.unplaced).label('unplaced'),
        sa.func.sum(unsafe).label('unsafe'),
    ).group_by(models.Stack.status)
    return {row.status: row for row in ctx.session.execute(query)}


def _write(ctx, row, before, after, check, orders=()):
    """Write what the user asks for now, in the open transaction.

    :param before: the specification that the row had, None for a new one
    :param check: is called with the context and the id of the stack after the
        change, and raises an exception to refuse it
    :param orders: what the user ordered that would have had to wait
    """
    try:
        ctx.session.add(row)
        ctx.session.flush()
    except db_exc.DBDuplicateEntry as exc:
        if 'cloud' in exc.columns:
            # Another request was faster: find out which cloud it has.
            raise db_exc.RetryRequest(exc) from exc
        raise exception.StackExists(name=after.name) from None
    changes.add_event(ctx, row, before, after, orders)
    if check is not None:
        check(ctx, row.id)
    return row


def _update(ctx, row, values, as_admin=(), check=None):
    before, after, orders = requests.change(ctx, row, values, as_admin)
    if 'adopt' in values:
        # What there was before asked for nothing, and had no event.
        before = None
    capacity.retry(ctx, orders.retries)
    return _write(ctx, row, before, after, check, orders.names)


def create(ctx, values, as_admin=(), check=None):
    """Create a stack of the caller's project.

    With the clouds as ``adopt`` among the values it is one that has only read
    what runs there, until update() adopts it.

    :param check: as in update()
    :raises StackExists: if the project has one of that name
    :raises StackTaken: if another stack has one of the Heat stacks
    :raises Invalid: if the values do not fit together
    """
    adopting = 'adopt' in values
    if adopting:
        values = adoption.only_read(values)
    asked = requests.wanted(values)
    return _create(ctx, asked, as_admin, check, adopting)


@session.writer
def _create(ctx, asked, as_admin, check, adopting):
    row = requests.fill(ctx, asked, as_admin)
    if adopting:
        adoption.begin(row)
    return _write(ctx, row, None, asked, check)


@session.writer
def update(ctx, stack_id, values, generation=None, as_admin=(), check=None):
    """Change what the user asks for; weights, where given, replace all.

    ``failback_now`` among the values ends the wait for a failback, and
    ``retry_capacity`` that for the next try in clouds that are full.
    ``adopt``, clouds, makes a stack that is being adopted ask for what runs
    in them.

    :param check: is called with the context and the id of the stack after the
        change, and raises an exception to refuse it
    :raises StackNotFound: if there is none
    :raises AdoptionRefused: if it cannot be adopted, or is not to be now
    :raises NothingWaits: if the failback of nothing can be ordered
    :raises GenerationConflict: if the stack is not at the generation given
    :raises StackExists: if the new name is taken in the project
    :raises StackTaken: if another stack has one of the Heat stacks
    :raises Invalid: if the values do not fit together
    """
    stack = find(ctx, stack_id, generation)
    return _update(ctx, stack, values, as_admin, check)


@session.writer
def delete(ctx, stack_id):
    """Stop managing a stack; nothing is changed in any cloud.

    :raises StackNotFound: if there is none
    """
    stack = find(ctx, stack_id)
    if stack.adopting_until is None:
        events.add(
            ctx,
            states.EventKind.STACK_DELETED,
            f"The stack '{stack.name}' is no longer managed, deleted by "
            f'{changes.user(ctx)}; the Heat stacks in the clouds stay as they '
            'are.',
            stack=stack,
            by=ctx.user_id,
        )
    ctx.session.delete(stack)


@session.writer
def set_weight(ctx, stack_id, cloud, weight, as_admin=()):
    """Set the weight of one cloud, which joins the stack if it is new there.

    :raises StackNotFound: if there is no such stack
    :raises StackTaken: if another stack has the Heat stack there
    :raises Invalid: if the weights would add up to more than 1
    """
    stack = find(ctx, stack_id)
    weights = {member.cloud: member.weight for member in stack.members}
    weights[cloud] = weight
    return _update(ctx, stack, {'weights': weights}, as_admin)


@session.writer
def unset_weight(ctx, stack_id, cloud):
    """Take a cloud out of a stack; the stack in that cloud stays as it is.

    :raises StackNotFound: if there is no such stack
    :raises WeightNotFound: if the cloud has no weight in it
    """
    stack = find(ctx, stack_id)
    weights = {member.cloud: member.weight for member in stack.members}
    if weights.pop(cloud, None) is None:
        raise exception.WeightNotFound(
            stack=stack.name,
            cloud=cloud,
            hint=suggest.did_you_mean(cloud, weights),
        )
    return _update(ctx, stack, {'weights': weights})
