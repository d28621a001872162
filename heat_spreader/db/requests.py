# SPDX-License-Identifier: Apache-2.0
"""What a request asks for, given to the rows of a stack.

Nothing is written here: stacks.py writes the rows, and previews.py does not.
"""

import dataclasses
import decimal
import fractions

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import adoption
from heat_spreader.db import capacity
from heat_spreader.db import failback
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.planning import specification


@dataclasses.dataclass(frozen=True)
class Orders:
    """What a user orders that would have had to wait.

    ``failbacks``: the clouds that get their weights back. ``retries``: those
    in which more is tried now.
    """

    failbacks: tuple[str, ...] = ()
    retries: tuple[str, ...] = ()

    @property
    def names(self):
        """What is ordered, for the event."""
        return [
            *(f'failback of {cloud}' for cloud in self.failbacks),
            *(f'capacity of {cloud}' for cloud in self.retries),
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


def wanted(values):
    """The specification of a new stack.

    :raises Invalid: if the values do not fit together
    """
    try:
        return specification.create(values)
    except specification.InvalidSpecification as exc:
        raise exception.Invalid(str(exc)) from None


def change(ctx, row, values, as_admin=()):
    """Give a row the values of a request; nothing is written yet.

    :param row: models.Stack
    :param as_admin: the clouds that an administrator gives to the stack
        although its project may not use them
    :returns: the specification before and after, and the Orders
    :raises AdoptionRefused: from adoption.take_over()
    :raises NothingWaits: if the failback of nothing can be ordered
    :raises StackTaken: if another stack has one of the Heat stacks
    :raises Invalid: if the values do not fit together
    """
    before = specification_of(row, row.members)
    values = adoption.take_over(row, values)
    try:
        after = specification.change(before, values)
    except specification.InvalidSpecification as exc:
        raise exception.Invalid(str(exc)) from None
    orders = Orders(
        failbacks=failback.order(row) if values.get('failback_now') else (),
        retries=capacity.order_retry(row)
        if values.get('retry_capacity')
        else (),
    )
    _set(ctx, row, before, after, as_admin)
    return before, after, orders


def fill(ctx, wanted, as_admin=()):
    """The row of a new stack of the caller's project, not written yet.

    :param wanted: its specification
    :param as_admin: as in change()
    :returns: models.Stack
    :raises StackTaken: if another stack has one of the Heat stacks
    """
    # The empty list, so that the members are loaded when the session ends.
    row = models.Stack(
        project_id=ctx.project_id,
        user_id=ctx.user_id,
        generation=0,
        members=[],
    )
    _set(ctx, row, None, wanted, as_admin)
    return row


def _set(ctx, row, before, after, as_admin):
    members.check_taken(ctx, row.id, after)
    _set_specification(row, after, as_admin)
    _reset_members(row, before, after)
    failback.end_needless(row)
    row.weights_complete = bool(row.weights_complete) or after.complete
    row.generation += 1
    row.updated_at = models.utcnow()
    row.make_due()


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
