# SPDX-License-Identifier: Apache-2.0
"""What users want: stacks and their weights.

Every change here adds one to the generation of the stack, makes it due for
the engine and writes an event, in one transaction.
"""

import sqlalchemy as sa
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import utils

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session

# What a user sets on the stack itself, as the API and the columns name it.
FIELDS = (
    'name',
    'stack_name',
    'count_parameter',
    'count',
    'failover',
    'paused',
)
# What the engine saw of the Heat stack of a member.
SEEN = (
    'heat_id',
    'heat_status',
    'heat_status_reason',
    'heat_updated_at',
    'count',
    'settled_count',
    'ready',
    'read_at',
)


def _find(ctx, stack_id, lock=False):
    stack = ctx.session.get(models.Stack, stack_id, with_for_update=lock)
    if stack is None:
        raise exception.StackNotFound(stack=stack_id)
    return stack


@session.reader
def get(ctx, stack_id):
    """A stack with its members, of any project.

    :raises StackNotFound: if there is none
    """
    return _find(ctx, stack_id)


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
    query = ctx.session.query(models.Stack)
    for column, value in (
        (models.Stack.project_id, project_id),
        (models.Stack.name, name),
        (models.Stack.status, status),
    ):
        if value is not None:
            query = query.filter(column == value)
    if cloud is not None:
        query = query.filter(
            models.Stack.members.any(models.Member.cloud == cloud)
        )
    if marker is not None:
        last = ctx.session.get(models.Stack, marker)
        if last is None or project_id not in (None, last.project_id):
            raise exception.MarkerNotFound(marker=marker)
        marker = last
    return utils.paginate_query(
        query,
        models.Stack,
        limit,
        list(dict.fromkeys([sort_key, 'id'])),
        marker=marker,
        sort_dir=sort_dir,
    ).all()


@session.reader
def totals(ctx):
    """How many stacks there are, and their unplaced instances, by status."""
    query = sa.select(
        models.Stack.status,
        sa.func.count(),
        sa.func.sum(models.Stack.unplaced),
    ).group_by(models.Stack.status)
    return {status: sums for status, *sums in ctx.session.execute(query)}


def _apply(stack, values, as_admin):
    """Put the wanted values on the row; the members follow the weights.

    ``as_admin`` names the clouds that an administrator gives to the stack
    although its project may not use them.
    """
    for field in FIELDS:
        if field in values:
            setattr(stack, field, values[field])
    members = {member.cloud: member for member in stack.members}
    if 'weights' in values:
        for cloud in members.keys() - values['weights'].keys():
            stack.members.remove(members.pop(cloud))
        for cloud, weight in values['weights'].items():
            _put_weight(stack, members, cloud, weight, as_admin)
    for cloud, limits in values.get('members', {}).items():
        if cloud not in members:
            raise exception.Invalid(
                f"The cloud '{cloud}' has limits but no weight in this stack. "
                'Give it a weight, 0 for a standby.'
            )
        if 'min_count' in limits:
            members[cloud].min_count = limits['min_count'] or 0
        if 'max_count' in limits:
            members[cloud].max_count = limits['max_count']


def _put_weight(stack, members, cloud, weight, as_admin):
    if cloud not in members:
        members[cloud] = models.Member(
            cloud=cloud, as_admin=cloud in as_admin, min_count=0
        )
        stack.members.append(members[cloud])
    members[cloud].weight = weight


def _check(stack):
    """Raise Invalid where the wanted values do not go together."""
    total = sum(member.weight for member in stack.members)
    if total > 1:
        raise exception.Invalid(
            f'The weights add up to {total.normalize():f}, which is more '
            'than 1.'
        )
    for member in stack.members:
        maximum = member.max_count
        if maximum is not None and member.min_count > maximum:
            raise exception.Invalid(
                f"In the cloud '{member.cloud}' the min_count "
                f'{member.min_count} is over the max_count {maximum}.'
            )
    minimum = sum(member.min_count for member in stack.members)
    if minimum > stack.count:
        raise exception.Invalid(
            f'The min_counts add up to {minimum}, which is more than the '
            f'count {stack.count}.'
        )


def _wanted(stack):
    """What the user wants, by names that a reader of events understands."""
    wanted = {field: getattr(stack, field) for field in FIELDS}
    for member in stack.members:
        wanted[f'weight of {member.cloud}'] = f'{member.weight.normalize():f}'
        wanted[f'min_count of {member.cloud}'] = member.min_count or None
        wanted[f'max_count of {member.cloud}'] = member.max_count
    return {name: value for name, value in wanted.items() if value is not None}


def _change(ctx, stack, values, as_admin=()):
    """Apply, check and record what the user wants, in the open transaction."""
    before = _wanted(stack)
    _apply(stack, values, as_admin)
    _check(stack)
    elsewhere = any(
        name in before and before[name] != getattr(stack, name)
        for name in ('stack_name', 'count_parameter')
    )
    for member in stack.members:
        # What Heat refused of the old wishes says nothing of the new ones,
        # and what one Heat stack is like says nothing of another.
        member.rejection, member.failures, member.retry_at = None, 0, None
        if elsewhere:
            for column in SEEN:
                setattr(member, column, None)
    stack.generation += 1
    stack.due_at = stack.updated_at = models.utcnow()
    try:
        ctx.session.add(stack)
        ctx.session.flush()
    except db_exc.DBDuplicateEntry:
        raise exception.StackExists(name=values['name']) from None
    after = _wanted(stack)
    changes = {
        name: [before.get(name), after.get(name)]
        for name in before | after
        if before.get(name) != after.get(name)
    }
    if stack.generation == 1:
        kind = states.EventKind.STACK_CREATED
        message = f"The stack '{stack.name}' was put under control."
    else:
        kind = states.EventKind.STACK_CHANGED
        message = 'The user changed: ' + (
            ', '.join(
                f'{name} {"none" if old is None else old}'
                f' -> {"none" if new is None else new}'
                for name, (old, new) in changes.items()
            )
            or 'nothing'
        )
    events.add(ctx, kind, message, stack=stack, changes=changes)
    return stack


@session.writer
def create(ctx, values, as_admin=()):
    """Put a stack of the caller's project under control.

    :raises StackExists: if the project has one of that name
    :raises Invalid: if the values do not go together
    """
    stack = models.Stack(
        project_id=ctx.project_id, user_id=ctx.user_id, generation=0
    )
    return _change(ctx, stack, values, as_admin)


@session.writer
def update(ctx, stack_id, values, generation=None, as_admin=()):
    """Change what is wanted of a stack; weights, where given, replace all.

    :raises StackNotFound: if there is none
    :raises GenerationConflict: if the stack is not at the generation given
    :raises StackExists: if the new name is taken in the project
    :raises Invalid: if the values do not go together
    """
    stack = _find(ctx, stack_id, lock=True)
    if generation not in (None, stack.generation):
        raise exception.GenerationConflict(
            current=stack.generation, given=generation
        )
    return _change(ctx, stack, values, as_admin)


@session.writer
def delete(ctx, stack_id):
    """End the control of a stack; nothing is changed in any cloud.

    :raises StackNotFound: if there is none
    """
    stack = _find(ctx, stack_id, lock=True)
    events.add(
        ctx,
        states.EventKind.STACK_DELETED,
        f"The stack '{stack.name}' is no longer under control; the stacks in "
        'the clouds stay as they are.',
        stack=stack,
    )
    ctx.session.delete(stack)


@session.writer
def set_weight(ctx, stack_id, cloud, weight, as_admin=()):
    """Set the weight of one cloud, which joins the stack if it is new there.

    :raises StackNotFound: if there is no such stack
    :raises Invalid: if the weights would add up to more than 1
    """
    stack = _find(ctx, stack_id, lock=True)
    weights = {member.cloud: member.weight for member in stack.members}
    weights[cloud] = weight
    return _change(ctx, stack, {'weights': weights}, as_admin)


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
    return _change(ctx, stack, {'weights': weights})
