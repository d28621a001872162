# SPDX-License-Identifier: Apache-2.0
"""The stacks of a benchmark in the database: made, changed, looked at.

Many stacks are changed in one transaction, which users would do one by one:
what a benchmark measures begins with the change.
"""

import decimal

import sqlalchemy as sa
from oslo_utils import uuidutils

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import session

# The target of each member; the total is that for every cloud.
SHARE = 4
_STEP = decimal.Decimal('0.000001')


def stack_names(number):
    """The names of the stacks."""
    return [f'stack-{n:05}' for n in range(number)]


def even_weights(names):
    """The same weight for each cloud; the last one makes it 1."""
    weight = (decimal.Decimal(1) / len(names)).quantize(
        _STEP, decimal.ROUND_DOWN
    )
    weights = dict.fromkeys(names, weight)
    weights[names[-1]] += 1 - sum(weights.values())
    return weights


def create(names, in_clouds, failover):
    """Create the stacks, each with the target SHARE in every cloud.

    Their rows are those of a stack that a user has just created.
    """
    stacks = [
        {
            'id': uuidutils.generate_uuid(),
            'project_id': 'default',
            'name': name,
            'stack_name': name,
            'count_parameter': 'count',
            'count': SHARE * len(in_clouds),
            'failover': failover,
            'weights_complete': True,
        }
        for name in names
    ]
    weights = even_weights(in_clouds)
    members = [
        {
            'stack_id': stack['id'],
            'cloud': cloud,
            'stack_name': stack['stack_name'],
            'weight': weight,
        }
        for stack in stacks
        for cloud, weight in weights.items()
    ]
    with context.for_engine() as ctx:
        _insert(ctx, models.Stack, stacks)
        _insert(ctx, models.Member, members)


def grow(names, number):
    """Add to the total of stacks, as their users would."""
    query = (
        sa.update(models.Stack)
        .where(models.Stack.name.in_(names))
        .values(
            count=models.Stack.count + number,
            generation=models.Stack.generation + 1,
            **models.due_now(),
        )
    )
    with context.for_engine() as ctx:
        _write(ctx, query)


def give(name, project_id):
    """Give a stack to another project."""
    query = (
        sa.update(models.Stack)
        .where(models.Stack.name == name)
        .values(project_id=project_id)
    )
    with context.for_engine() as ctx:
        _write(ctx, query)


def delete_all():
    """Delete every row of every table."""
    tables = reversed(models.Base.metadata.sorted_tables)
    with context.for_engine() as ctx:
        _write(ctx, *map(sa.delete, tables))


def stack_id(name):
    """The id of a stack."""
    return _scalar(sa.select(models.Stack.id).where(models.Stack.name == name))


def count_stacks():
    """How many stacks there are."""
    return _scalar(sa.select(sa.func.count(models.Stack.id)))


def are_all_active():
    """Whether every stack is at its targets, as the user asked last."""
    return are_all(states.StackStatus.ACTIVE)


def are_all(status):
    """Whether every stack has a status, since its user changed it last."""
    waiting = sa.or_(
        models.Stack.status != status,
        models.Stack.observed_generation < models.Stack.generation,
    )
    # One is enough: not all are counted at each look.
    return not _scalar(sa.select(models.Stack.id).where(waiting).limit(1))


def cloud_states():
    """The state of each cloud, by name."""
    return {row.name: row.state for row in _clouds()}


def checked_at(name):
    """When a cloud was surveyed last, with any outcome."""
    return {row.name: row.checked_at for row in _clouds()}[name]


def owners():
    """The engine that surveys each cloud, by name."""
    return {row.name: row.lease_owner for row in _clouds()}


def _clouds():
    with context.for_engine() as ctx:
        return clouds.get_all(ctx).values()


def _scalar(query):
    # As a reader, which takes no lock: what is measured must not wait.
    with context.for_engine() as ctx:
        return _read(ctx, query)


@session.reader
def _read(ctx, query):
    return ctx.session.scalar(query)


@session.writer
def _write(ctx, *queries):
    for query in queries:
        ctx.session.execute(query)


@session.writer
def _insert(ctx, model, rows):
    ctx.session.execute(sa.insert(model.__table__), rows)
