# SPDX-License-Identifier: Apache-2.0
"""A stack that is adopted: what runs is read before anything is asked for.

Only the engine reads clouds. So there is a row first that asks for nothing: it
is paused, its count and its weights are 0, and nothing but its adoption can
change it. It is no stack yet: it has no events, and an engine deletes it when
its time is over. The adoption makes it ask for what the engine has read.
"""

import datetime

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import adoption

# How long a client may take.
LIFETIME = datetime.timedelta(hours=1)


def only_read(values):
    """The values of a new stack that only has what runs there read.

    :param values: with the clouds as ``adopt``
    """
    asked = {name: value for name, value in values.items() if name != 'adopt'}
    nothing = dict.fromkeys(values['adopt'], 0)
    return {**asked, 'count': 0, 'weights': nothing, 'paused': True}


def begin(row):
    """Let a new row be one of a stack that is adopted.

    :param row: models.Stack, not written yet
    """
    row.adopting_until = models.utcnow() + LIFETIME


def take_over(row, values):
    """The values of a request, with what is adopted as total and weights.

    :param row: models.Stack, which is managed afterwards
    :raises AdoptionRefused: if what runs cannot be adopted, or if either the
        stack or the request is not about an adoption
    """
    if 'adopt' not in values:
        if row.adopting_until is not None:
            raise exception.AdoptionRefused(
                f"The stack '{row.name}' is being adopted, and cannot be "
                'changed before that has ended. If the command that does it '
                'was interrupted, delete the stack: nothing is changed in the '
                'clouds.'
            )
        return values
    if row.adopting_until is None:
        raise exception.AdoptionRefused(
            f"The stack '{row.name}' is managed already. Set its count and "
            'its weights instead.'
        )
    found = _adopt(row, values['adopt'])
    row.adopting_until = None
    _forget_passes(row)
    return {
        'paused': values.get('paused', False),
        'count': found.count,
        'weights': found.weights,
    }


def _forget_passes(row):
    """Forget what passes have made of a stack that asked for nothing."""
    row.status, row.status_reason = states.StackStatus.PENDING, ''
    row.survives = None
    for member in row.members:
        member.effective_weight = None


def _adopt(row, clouds):
    members = {member.cloud: member for member in row.members}
    if other := sorted(set(clouds) - members.keys()):
        raise exception.AdoptionRefused(
            f'The adoption began without {", ".join(other)}. It has: '
            f'{", ".join(sorted(members))}.'
        )
    try:
        return adoption.adopt(
            adoption.Running(
                cloud,
                members[cloud].count,
                members[cloud].state,
                members[cloud].reason,
            )
            for cloud in sorted(clouds)
        )
    except adoption.CannotAdopt as exc:
        raise exception.AdoptionRefused(str(exc)) from None


@session.writer
def abandon(ctx, stack_id, now):
    """Delete a stack whose adoption has not ended in time.

    :returns: whether it was deleted
    """
    row = ctx.session.get(models.Stack, stack_id, with_for_update=True)
    until = row and row.adopting_until
    if until is None or until > now:
        return False
    ctx.session.delete(row)
    return True
