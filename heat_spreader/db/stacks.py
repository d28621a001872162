# SPDX-License-Identifier: Apache-2.0
"""What users ask for: stacks and their weights.

Every change here adds one to the generation of the stack, makes it due for
the engine and writes an event, in one transaction.
"""

import decimal
import fractions
import types

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import capacity
from heat_spreader.db import changes
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import failback
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.db import paging
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
# What a list has of each stack and of each member.
_LISTED = [
    _STACKS.c[name]
    for name in (
        *('id', 'project_id', 'user_id', 'created_at', 'updated_at'),
        *specification.FIELDS,
        *('generation', 'observed_generation'),
        *('status', 'status_reason', 'unplaced'),
    )
]
_LISTED_OF_MEMBERS = [
    _MEMBERS.c[name]
    for name in (
        *('stack_id', 'cloud', 'weight', 'effective_weight'),
        *('min_count', 'max_count', *specification.ORDER),
        *('target', 'count', 'ready'),
        *('state', 'reason', 'since', 'heat_id', 'heat_status'),
        *('cap', 'cap_until', 'cap_reason', 'updated_at'),
    )
]


def specification_of(row, members):
    """What the user asks for, from the rows of a stack and its members."""
    return specification.Specification(
        **{field: getattr(row, field) for field in specification.FIELDS},
        parts=tuple(map(part_of, members)),
    )


def part_of(row):
    """What the user asks for in one cloud, from the row of a member."""
    return specification.Part(
        cloud=row.cloud,
        weight=fractions.Fraction(row.weight),
        min_count=row.min_count,
        max_count=row.max_count,
        admin_state=states.AdminState(row.admin_state),
        admin_from=row.admin_from,
        admin_until=row.admin_until,
        admin_reason=row.admin_reason,
    )


def _find(ctx, stack_id, lock=False):
    stack = ctx.session.get(models.Stack, stack_id, with_for_update=lock)
    if stack is None:
        raise exception.StackNotFound(stack=stack_id)
    return stack


@session.reader
def get(ctx, stack_id):
    """A stack with its members, of any project; plain values, no objects.

    :raises StackNotFound: if there is none
    """
    rows = ctx.session.execute(_ONE, {'stack_id': stack_id}).all()
    if not rows:
        raise exception.StackNotFound(stack=stack_id)
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
    wanted = {**visible, 'name': name, 'status': status}
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
def totals(ctx):
    """How many stacks there are, and their unplaced instances, by status."""
    query = sa.select(
        models.Stack.status,
        sa.func.count(),
        sa.func.sum(models.Stack.unplaced),
    ).group_by(models.Stack.status)
    return {status: sums for status, *sums in ctx.session.execute(query)}


def _changed(before, values):
    """The specification with new values.

    :raises Invalid: if the values do not fit together
    """
    try:
        return specification.change(before, values)
    except specification.InvalidSpecification as exc:
        raise exception.Invalid(str(exc)) from None


def _write(ctx, row, before, after, as_admin, check=None, orders=()):
    """Write what the user asks for now, in the open transaction.

    :param before: the specification that the row has, None for a new one
    :param as_admin: the clouds that an administrator gives to the stack
        although its project may not use them
    :param check: is called with the context and the id of the stack after the
        change, and raises an exception to refuse it
    :param orders: what the user ordered that would have had to wait
    """
    members.check_taken(ctx, row.id, after)
    _set_specification(row, after, as_admin)
    _reset_members(row, before, after)
    failback.end_needless(row)
    row.weights_complete = bool(row.weights_complete) or after.complete
    row.generation += 1
    row.updated_at = models.utcnow()
    row.make_due()
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


def _set_specification(row, wanted, as_admin):
    for field in specification.FIELDS:
        setattr(row, field, getattr(wanted, field))
    known = {member.cloud: member for member in row.members}
    for cloud in known.keys() - {part.cloud for part in wanted.parts}:
        row.members.remove(known[cloud])
    for part in wanted.parts:
        member = known.get(part.cloud)
        if member is None:
            member = models.Member(
                cloud=part.cloud, as_admin=part.cloud in as_admin
            )
            row.members.append(member)
        member.stack_name = wanted.stack_name
        member.weight = (
            decimal.Decimal(part.weight.numerator) / part.weight.denominator
        )
        for column in ('min_count', 'max_count', *specification.ORDER):
            setattr(member, column, getattr(part, column))


def _reset_members(row, before, after):
    """Forget what the engine knows that is not about the new request."""
    columns = list(members.BACKOFF_COLUMNS)
    if before and (before.stack_name, before.count_parameter) != (
        after.stack_name,
        after.count_parameter,
    ):
        # What one Heat stack is like says nothing about another one.
        columns += members.HEAT_COLUMNS + members.CAP_COLUMNS
        for member in row.members:
            # A read that is under way is not about the new one.
            member.known_at = models.utcnow()
    for member in row.members:
        for column in columns:
            setattr(member, column, 0 if column == 'failures' else None)


def _update(ctx, row, values, as_admin=(), check=None):
    before = specification_of(row, row.members)
    after = _changed(before, values)
    orders = []
    if values.get('failback_now'):
        orders += [f'failback of {cloud}' for cloud in failback.order(row)]
    if values.get('retry_capacity'):
        orders += [f'capacity of {c}' for c in capacity.retry(ctx, row)]
    return _write(ctx, row, before, after, as_admin, check, orders)


def create(ctx, values, as_admin=(), check=None):
    """Create a stack of the caller's project.

    :param check: as in update()
    :raises StackExists: if the project has one of that name
    :raises StackTaken: if another stack has one of the Heat stacks
    :raises Invalid: if the values do not fit together
    """
    try:
        wanted = specification.create(values)
    except specification.InvalidSpecification as exc:
        raise exception.Invalid(str(exc)) from None
    return _create(ctx, wanted, as_admin, check)


@session.writer
def _create(ctx, wanted, as_admin, check):
    # The empty list, so that the members are loaded when the session ends.
    row = models.Stack(
        project_id=ctx.project_id,
        user_id=ctx.user_id,
        generation=0,
        members=[],
    )
    return _write(ctx, row, None, wanted, as_admin, check)


@session.writer
def update(ctx, stack_id, values, generation=None, as_admin=(), check=None):
    """Change what the user asks for; weights, where given, replace all.

    ``failback_now`` among the values ends the wait for a failback, and
    ``retry_capacity`` that for the next try in clouds that are full.

    :param check: is called with the context and the id of the stack after the
        change, and raises an exception to refuse it
    :raises StackNotFound: if there is none
    :raises NothingWaits: if the failback of nothing can be ordered
    :raises GenerationConflict: if the stack is not at the generation given
    :raises StackExists: if the new name is taken in the project
    :raises StackTaken: if another stack has one of the Heat stacks
    :raises Invalid: if the values do not fit together
    """
    stack = _find(ctx, stack_id, lock=True)
    if generation not in (None, stack.generation):
        raise exception.GenerationConflict(
            current=stack.generation, given=generation
        )
    return _update(ctx, stack, values, as_admin, check)


@session.writer
def delete(ctx, stack_id):
    """Stop managing a stack; nothing is changed in any cloud.

    :raises StackNotFound: if there is none
    """
    stack = _find(ctx, stack_id, lock=True)
    events.add(
        ctx,
        states.EventKind.STACK_DELETED,
        f"The stack '{stack.name}' is no longer managed; the Heat stacks in "
        'the clouds stay as they are.',
        stack=stack,
    )
    ctx.session.delete(stack)


@session.writer
def set_weight(ctx, stack_id, cloud, weight, as_admin=()):
    """Set the weight of one cloud, which joins the stack if it is new there.

    :raises StackNotFound: if there is no such stack
    :raises StackTaken: if another stack has the Heat stack there
    :raises Invalid: if the weights would add up to more than 1
    """
    stack = _find(ctx, stack_id, lock=True)
    weights = {member.cloud: member.weight for member in stack.members}
    weights[cloud] = weight
    return _update(ctx, stack, {'weights': weights}, as_admin)


@session.writer
def unset_weight(ctx, stack_id, cloud):
    """Take a cloud out of a stack; the stack in that cloud stays as it is.

    :raises StackNotFound: if there is no such stack
    :raises WeightNotFound: if the cloud has no weight in it
    """
    stack = _find(ctx, stack_id, lock=True)
    weights = {member.cloud: member.weight for member in stack.members}
    if weights.pop(cloud, None) is None:
        raise exception.WeightNotFound(stack=stack.name, cloud=cloud)
    return _update(ctx, stack, {'weights': weights})
