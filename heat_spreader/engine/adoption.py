# SPDX-License-Identifier: Apache-2.0
"""A pass over a stack that is adopted: what runs is read, and no more.

The stack is paused, so nothing is sent. It may be gone soon: it has no events
and no notifications.
"""

import dataclasses

from heat_spreader.db import adoption
from heat_spreader.engine import record
from heat_spreader.planning import plan

_REASON = (
    'The stack is being adopted: the clouds are read, and nothing is changed '
    'there. If the command that adopts it was interrupted, delete the stack; '
    'otherwise it is deleted within an hour.'
)


def is_over(ctx, row, now):
    """Whether the time of the adoption is over; then the stack is deleted."""
    until = row.adopting_until
    if until is None or until > now:
        return False
    return adoption.abandon(ctx, row.id, now)


def without_events(made, now):
    """The record.Record of a pass, without events where it is adopted."""
    settlement = made.settlement
    until = settlement.stack.adopting_until
    if until is None:
        return made
    values = settlement.values
    times = (values['due_at'], until, now + plan.LAST_RETRY)
    values = {
        **values,
        'status_reason': _REASON,
        'due_at': min(time for time in times if time is not None),
    }
    return record.Record(
        dataclasses.replace(settlement, values=values, happened=[]), []
    )
