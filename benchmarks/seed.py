# SPDX-License-Identifier: Apache-2.0
"""The stacks of a benchmark in the database: made, changed, looked at.

Many stacks are changed in one transaction, which users would do one by one:
what a benchmark measures begins with the change.
"""

import decimal

import sqlalchemy as sa

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks

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
    """Create the stacks, each with the target SHARE in every cloud."""
    for name in names:
        ctx = context.RequestContext(project_id='default', overwrite=False)
        stacks.create(
            ctx,
            {
                'name': name,
                'stack_name': name,
                'count_parameter': 'count',
                'count': SHARE * len(in_clouds),
                'failover': failover,
                'weights': even_weights(in_clouds),
            },
        )


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
    return _count(models.Stack.id)


def are_all_active():
    """Whether every stack is at its targets, as the user asked last."""
    waiting = sa.or_(
        models.Stack.status != states.StackStatus.ACTIVE,
        models.Stack.observed_generation < models.Stack.generation,
    )
    return not _count(models.Stack.id, waiting)


def cloud_states():
    """The state of each cloud, by name."""
    return {row.name: row.state for row in _clouds()}


def owners():
    """The engine that surveys each cloud, by name."""
    return {row.name: row.lease_owner for row in _clouds()}


def _clouds():
    with context.for_engine() as ctx:
        return clouds.get_all(ctx).values()


def _count(column, *conditions):
    return _scalar(sa.select(sa.func.count(column)).where(*conditions))


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
