# SPDX-License-Identifier: Apache-2.0
"""The rows of a stack as a request would leave them.

A request is carried out by the code that carries out the real one, up to the
point where it writes: the rows are changed in a session that only reads, and
are thrown away with it. So no row is locked, and a reader needs no right to
write.
"""

import dataclasses
import types
import typing

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import requests
from heat_spreader.db import session
from heat_spreader.db import stacks

_STACKS, _MEMBERS = models.Stack.__table__, models.Member.__table__


@dataclasses.dataclass(frozen=True)
class Rows:
    """The rows of a stack, and those of its members, before and after.

    ``before`` is None for a new stack, whose id is ''. ``clouds``: the rows
    of all clouds by name. ``retries``: the clouds in which more is tried now.
    """

    before: typing.Any
    after: typing.Any
    clouds: dict
    retries: tuple[str, ...] = ()


@session.reader
def of_change(ctx, stack_id, values, generation=None, as_admin=()):
    """The Rows of a stack that is changed, or not, where no value is given.

    The parameters and the errors are those of stacks.update().
    """
    with ctx.session.no_autoflush:
        row = stacks.find(ctx, stack_id, generation, lock=False)
        before = after = _plain(row)
        orders = requests.Orders()
        if values:
            *_, orders = requests.change(ctx, row, values, as_admin)
            _check_name(ctx, row)
            after = _plain(row)
        return Rows(before, after, clouds.rows(ctx), orders.retries)


@session.reader
def of_creation(ctx, values, as_admin=()):
    """The Rows of a stack that is created.

    The parameters and the errors are those of stacks.create().
    """
    with ctx.session.no_autoflush:
        row = requests.fill(ctx, requests.wanted(values), as_admin)
        _check_name(ctx, row)
        return Rows(None, _plain(row), clouds.rows(ctx))


def _check_name(ctx, row):
    """Refuse a name that another stack of the project has.

    A constraint does so where the row is written.
    """
    query = sa.select(_STACKS.c.id).where(
        _STACKS.c.project_id == row.project_id, _STACKS.c.name == row.name
    )
    if ctx.session.scalar(query) not in (None, row.id):
        raise exception.StackExists(name=row.name)


def _plain(row):
    """The values of a row and of its members, which change no more."""
    members = sorted(row.members, key=lambda member: member.cloud)
    return types.SimpleNamespace(
        **_values(_STACKS, row, id=row.id or ''),
        members=[
            types.SimpleNamespace(
                **_values(_MEMBERS, member, stack_id=row.id or '')
            )
            for member in members
        ],
    )


def _values(table, row, **known):
    """The values by name; those of a new row have the defaults."""
    return {
        column.name: _value(column, getattr(row, column.name))
        for column in table.c
    } | known


def _value(column, value):
    if value is not None or column.default is None:
        return value
    default = column.default.arg
    return default(None) if column.default.is_callable else default
