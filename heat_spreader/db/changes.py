# SPDX-License-Identifier: Apache-2.0
"""The events of what users change."""

from heat_spreader import states
from heat_spreader.db import events
from heat_spreader.planning import specification


def add_event(ctx, row, before, after, orders=()):
    """Write the event of a change, if there is one, in the transaction.

    A stack that is only read, to be adopted, has none.

    :param before: the specification before it, None for a new stack
    :param orders: what the user ordered that would have had to wait
    """
    if row.adopting_until is not None:
        return
    changes = specification.differences(before, after)
    by = user(ctx)
    for order in orders:
        changes[order] = ['waiting', 'now']
    if before is None:
        kind = states.EventKind.STACK_CREATED
        message = f"The stack '{row.name}' is now managed, created by {by}."
        if row.generation > 1:
            running = ', '.join(f'{m.cloud} {m.count}' for m in row.members)
            message = (
                f"The stack '{row.name}' is now managed, adopted by {by} with "
                f'what runs: {running}.'
            )
    elif changes:
        kind = states.EventKind.STACK_CHANGED
        message = f'Changed by {by}: {_describe(changes)}.'
    else:
        # What is asked for is the same as before.
        return
    events.add(ctx, kind, message, stack=row, changes=changes, by=ctx.user_id)


def user(ctx):
    """Who sends the request, for the message of an event."""
    return f'the user {ctx.user_id}' if ctx.user_id else 'a user'


def _describe(changes):
    steps = [
        f'{name} {"none" if old is None else old}'
        f' -> {"none" if new is None else new}'
        for name, (old, new) in changes.items()
    ]
    return ', '.join(steps)
