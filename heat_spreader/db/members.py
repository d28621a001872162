# SPDX-License-Identifier: Apache-2.0
"""What the surveys read of the members, cloud by cloud."""

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import exception
from heat_spreader.db import batch
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
    'count_problem',
    'settled_count',
    'ready',
    'ready_problem',
    'read_at',
    'read_error',
    'unread_as',
    'unread_since',
    'owned_heat_id',
    'duplicate_of',
)
# What an update that did not succeed sets; a new request begins anew.
BACKOFF_COLUMNS = (
    'sent_count',
    'rejection',
    'rejected_as',
    'last_error',
    'failures',
    'retry_at',
    'set_backs',
)

# What there is room for, as facts.Cap has it.
CAP_COLUMNS = ('cap', 'cap_until', 'cap_tries', 'cap_reason')
# What a pass writes only if the user still asks for the same.
PLANNED_COLUMNS = (*BACKOFF_COLUMNS, *CAP_COLUMNS, 'failed_over')

_TABLE = models.Member.__table__
_UPDATE = sa.update(_TABLE).where(
    _TABLE.c.stack_id == sa.bindparam('of_stack'),
    _TABLE.c.cloud == sa.bindparam('of_cloud'),
)
_COMPARED = (
    models.Member.stack_id,
    models.Member.stack_name,
    models.Member.heat_id,
    models.Member.heat_status,
    models.Member.heat_updated_at,
    models.Member.duplicate_of,
    models.Member.read_at,
    models.Member.read_error,
    models.Member.failures,
    models.Member.known_at,
)
_COLUMNS = (
    models.Member.stack_id,
    models.Member.cloud,
    models.Member.stack_name,
    models.Member.weight,
    models.Member.min_count,
    models.Member.max_count,
    models.Member.as_admin,
    models.Member.admin_state,
    models.Member.admin_from,
    models.Member.admin_until,
    models.Member.admin_reason,
    *(
        getattr(models.Member, column)
        for column in (*HEAT_COLUMNS, *BACKOFF_COLUMNS, *CAP_COLUMNS)
    ),
    models.Member.failed_over,
    models.Member.lease_owner,
    models.Member.known_at,
    models.Stack.count_parameter,
    models.Stack.project_id,
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
        'count_problem': heat.count_problem or None,
        'settled_count': heat.settled_count,
        'ready': heat.ready,
        'ready_problem': heat.ready_problem or None,
    }


def cap_values(cap):
    """The columns of a cap.

    :param cap: facts.Cap, or None
    """
    values = (
        (cap.count, cap.until, cap.tries, cap.reason) if cap else [None] * 4
    )
    return dict(zip(CAP_COLUMNS, values, strict=True))


def differs(member, values):
    """Whether values are other than those that the member was loaded with.

    :param member: facts.Member
    """
    known = {
        **heat_values(member.stack),
        'read_error': member.read_error,
        'unread_as': member.unread_as,
        'duplicate_of': member.duplicate_of,
        **{column: getattr(member, column) for column in BACKOFF_COLUMNS},
    }
    if member.rejection is None:
        known['rejected_as'] = None
    return any(
        known[column] != value
        for column, value in values.items()
        if column in known
    )


def find_owners(ctx, heat_ids):
    """The stack id and the cloud of the member that owns each Heat stack."""
    wanted = {heat_id for heat_id in heat_ids if heat_id is not None}
    if not wanted:
        return {}
    query = sa.select(
        models.Member.owned_heat_id,
        models.Member.stack_id,
        models.Member.cloud,
    ).where(models.Member.owned_heat_id.in_(wanted))
    return {
        heat_id: (stack_id, cloud)
        for heat_id, stack_id, cloud in ctx.session.execute(query)
    }


def check_taken(ctx, stack_id, wanted):
    """Refuse a Heat stack that another stack has, of whatever project.

    :param stack_id: None for a new stack
    :raises StackTaken: if there is one
    """
    query = sa.select(models.Member.cloud).where(
        models.Member.stack_name == wanted.stack_name,
        models.Member.cloud.in_([part.cloud for part in wanted.parts]),
    )
    if stack_id is not None:
        query = query.where(models.Member.stack_id != stack_id)
    cloud = ctx.session.scalar(query.order_by(models.Member.cloud).limit(1))
    if cloud is not None:
        raise exception.StackTaken(stack_name=wanted.stack_name, cloud=cloud)


def with_owner(values, key, owners):
    """The values of a member that was read, with what its Heat id proves.

    The member that had the Heat stack first keeps it. A later one counts for
    nothing.

    :param values: from heat_values(), or a part of them
    :param key: the stack id and the cloud of the member
    :param owners: from find_owners(); a stack without an owner gets this one
    """
    if 'heat_id' not in values:
        return values
    heat_id = values['heat_id']
    if heat_id is None:
        return {**values, 'owned_heat_id': None, 'duplicate_of': None}
    owner = owners.setdefault(heat_id, key)
    if owner == key:
        return {**values, 'owned_heat_id': heat_id, 'duplicate_of': None}
    return {
        **values,
        'owned_heat_id': None,
        'duplicate_of': owner[1],
        'settled_count': 0,
        'ready': 0,
        'ready_problem': None,
    }


@session.reader
def list_in(ctx, cloud):
    """What a survey compares of all members in a cloud, as plain rows.

    Nearly every survey finds that nothing has changed, and needs no more.
    """
    query = sa.select(*_COMPARED).where(models.Member.cloud == cloud)
    return ctx.session.execute(query).all()


@session.reader
def in_cloud(ctx, cloud, stack_ids, idle=False):
    """Some members in a cloud as plain rows: no objects, for there are many.

    :param stack_ids: those of their stacks
    :param idle: whether to leave out those whose stack an engine has a lease
        of, which may be getting an update
    """
    query = (
        sa.select(*_COLUMNS)
        .join(models.Stack)
        .where(
            models.Member.cloud == cloud, models.Member.stack_id.in_(stack_ids)
        )
    )
    if idle:
        query = query.where(models.Stack.lease_owner.is_(None))
    return ctx.session.execute(query).all()


@session.reader
def has_stale(ctx, cloud):
    """Whether there is an update in a cloud whose end was not read yet."""
    query = (
        sa.select(_TABLE.c.stack_id)
        .where(
            _TABLE.c.cloud == cloud,
            _TABLE.c.heat_updated_at == facts.STALE,
            _TABLE.c.read_error.is_(None),
        )
        .limit(1)
    )
    return ctx.session.scalar(query) is not None


@session.reader
def totals(ctx):
    """The sums of target and ready over all stacks, by cloud.

    What is unknown adds nothing.
    """
    query = sa.select(
        models.Member.cloud,
        sa.func.coalesce(sa.func.sum(models.Member.target), 0),
        sa.func.coalesce(sa.func.sum(models.Member.ready), 0),
    ).group_by(models.Member.cloud)
    return {cloud: sums for cloud, *sums in ctx.session.execute(query)}


@session.reader
def shares(ctx, projects=None):
    """What each member of some stacks should have, and what is ready there.

    :param projects: whose stacks; None for those of all projects
    :returns: rows of project_id, name, count (of the stack), cloud, target and
        ready
    """
    query = sa.select(
        models.Stack.project_id,
        models.Stack.name,
        models.Stack.count,
        models.Member.cloud,
        models.Member.target,
        models.Member.ready,
    ).join(models.Stack)
    if projects is not None:
        query = query.where(models.Stack.project_id.in_(projects))
    return ctx.session.execute(query).all()


@session.writer
def save(ctx, cloud, changes):
    """Write what was read of members, and make their stacks due.

    A row that changed since it was loaded is left alone: what was read may be
    older than what the row has. So is a row that another client has locked,
    or whose stack it has locked: waiting for it would delay the others.

    :param cloud: the name of the cloud
    :param changes: pairs of a facts.Member and new values of its row
    :returns: the ids of the stacks of the rows that were left alone: those
        that are locked or no longer there, and those that have changed
    """
    versions = _lock(ctx, cloud, [member.stack_id for member, _ in changes])
    owners = find_owners(ctx, [values.get('heat_id') for _, values in changes])
    now = models.utcnow()
    rows, locked, changed = [], set(), set()
    for member, found in changes:
        if member.stack_id not in versions:
            locked.add(member.stack_id)
            continue
        if versions[member.stack_id] != member.version:
            changed.add(member.stack_id)
            continue
        values = with_owner(found, (member.stack_id, cloud), owners)
        unread = member.heat is None and 'heat_id' in values
        if unread or differs(member, values):
            if 'heat_id' in values:
                values = {**values, 'read_at': now}
            key = member.stack_id, cloud
            values = {**values, 'known_at': now, 'updated_at': now}
            rows.append((key, values))
    update(ctx, rows)
    _make_due(ctx, [stack_id for (stack_id, _), _ in rows])
    return locked, changed


def _lock(ctx, cloud, stack_ids):
    """Lock those members and their stacks that no other client has locked.

    :returns: the versions of the members by the ids of their stacks
    """
    query = (
        sa.select(models.Member.stack_id, models.Member.known_at)
        .join(models.Stack)
        .where(
            models.Member.cloud == cloud, models.Member.stack_id.in_(stack_ids)
        )
        .with_for_update(skip_locked=True)
    )
    return dict(ctx.session.execute(query).tuples().all())


def _make_due(ctx, stack_ids):
    if stack_ids:
        ctx.session.execute(
            sa.update(models.Stack)
            .where(models.Stack.id.in_(stack_ids))
            .values(models.due_now())
            .execution_options(synchronize_session=False)
        )


def update(ctx, changes):
    """Write new values of members, in the open transaction.

    :param changes: pairs of the stack id and the cloud of each, and its values
    """
    rows = [
        {**values, 'of_stack': stack_id, 'of_cloud': cloud}
        for (stack_id, cloud), values in changes
    ]
    try:
        batch.update(ctx, _UPDATE, rows)
    except db_exc.DBDuplicateEntry as exc:
        # Another survey or pass was faster to find the Heat stack.
        raise db_exc.RetryRequest(exc) from exc
