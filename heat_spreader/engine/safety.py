# SPDX-License-Identifier: Apache-2.0
"""What a pass writes of the readiness of a stack.

A stack that loses its safety does so because something happened: a cloud went
down, a maximum was set. Where the pass writes an event for that, the change
of the readiness is appended to it; otherwise it is an event of its own.
"""

from heat_spreader import states
from heat_spreader.engine import notify
from heat_spreader.planning import readiness


def find(snap, planned, now):
    """The readiness.Readiness, None where a stack is not known yet."""
    if planned.status == states.StackStatus.PENDING:
        return None
    return readiness.of_stack(snap.stack, now, snap.freezing)


def survives(row, found, known):
    """The value of the column of a stack.

    While a cloud that joins it is not read yet, the last one stays.

    :param known: the facts.Stack
    """
    if found is None:
        return row.survives if known.members else None
    return found.survives


def member_values(found, cloud):
    """New values of the row of a member."""
    if found is None:
        return {}
    return {
        'unplaced_without': found.unplaced.get(cloud, 0),
        'frozen_without': cloud in found.frozen,
    }


def add_event(happened, row, found):
    """Append a change of the readiness to the last event, or write one."""
    if not _is_reported(row, found):
        return
    if not happened:
        happened.append(
            {
                'kind': states.EventKind.STACK_READINESS,
                'message': found.explain(row.name),
                'changes': {},
            }
        )
    else:
        happened[-1]['message'] += f' {found.explain(row.name)}'
    happened[-1]['changes']['survives'] = [row.survives, found.survives]


def changes(row, found, request_id):
    """The notify.Change of the readiness, if it has changed."""
    if not _is_reported(row, found):
        return []
    words = {True: notify.SAFE, False: notify.UNSAFE, None: None}
    return [
        notify.Change(
            states.EventKind.STACK_READINESS,
            words[row.survives],
            words[found.survives],
            found.explain(row.name),
            stack=row,
            request_id=request_id,
        )
    ]


def _is_reported(row, found):
    """Whether it has changed.

    That a stack is safe when it is first known is no news.
    """
    if found is None or found.survives == row.survives:
        return False
    return row.survives is not None or not found.survives
