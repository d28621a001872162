# SPDX-License-Identifier: Apache-2.0
"""Clouds that have no room for more: what one stack finds, all learn.

Each change here is one conditional UPDATE: of several engines that find the
same, one writes it.
"""

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import text

_CLOUDS = models.Cloud.__table__
_ROOM = dict.fromkeys(
    ('full_since', 'full_until', 'full_tries', 'full_reason')
)


def begin(ctx, name, full):
    """Write that a cloud is full, if it is not known yet.

    :param full: facts.Full
    """
    _then_make_due(ctx, _begin(ctx, name, full))


@session.writer
def _begin(ctx, name, full):
    values = {
        'full_since': full.since,
        'full_until': full.until,
        'full_tries': full.tries,
        'full_reason': full.reason,
    }
    if not _set(ctx, name, _CLOUDS.c.full_since.is_(None), values):
        return set()
    return _record(
        ctx,
        name,
        f'The cloud {name} has no room for more instances ({full.reason}). No '
        'stack gets more there than it has. One stack tries one more at '
        f'{text.time(full.until)}.',
        [None, full.reason],
    )


def end(ctx, name, full):
    """Write that a cloud has room again.

    :param full: facts.Full, what was known
    """
    _then_make_due(ctx, _end(ctx, name, full))


@session.writer
def _end(ctx, name, full):
    if not _set(ctx, name, _CLOUDS.c.full_since == full.since, _ROOM):
        return set()
    return _record(
        ctx,
        name,
        f'The cloud {name} has room for more instances again. It was full '
        f'since {text.time(full.since)} ({full.reason}).',
        [full.reason, None],
    )


@session.writer
def claim(ctx, name, full, until):
    """Whether this stack alone may try whether a cloud has room again.

    :param full: facts.Full, what was known
    :param until: when the next one may
    """
    values = {'full_until': until, 'full_tries': full.tries + 1}
    known = sa.and_(
        _CLOUDS.c.full_since == full.since, _CLOUDS.c.full_until == full.until
    )
    return _set(ctx, name, known, values)


@session.writer
def release(ctx, name, full):
    """Let another try, since what was to try was not sent after all.

    :param full: facts.Full, what was known before claim()
    """
    values = {'full_until': full.until, 'full_tries': full.tries}
    claimed = sa.and_(
        _CLOUDS.c.full_since == full.since,
        _CLOUDS.c.full_tries == full.tries + 1,
    )
    _set(ctx, name, claimed, values)


def order_retry(row):
    """Have a stack try at once what has no room; nothing is written yet.

    :param row: models.Stack
    :returns: the clouds in which it has no room
    """
    now = models.utcnow()
    capped = [member for member in row.members if member.cap is not None]
    for member in capped:
        member.cap_until, member.cap_tries = now, 0
    return tuple(member.cloud for member in capped)


def retry(ctx, names):
    """Let it try in these clouds, too, in the open transaction."""
    # Locked in the order of their names, as everywhere.
    for name in sorted(names):
        ctx.session.execute(
            sa.update(_CLOUDS)
            .where(_CLOUDS.c.name == name, _CLOUDS.c.full_since.is_not(None))
            .values(full_until=models.utcnow(), full_tries=0)
        )


def _set(ctx, name, condition, values):
    """Whether the row of a cloud met the condition, and has the values."""
    query = sa.update(_CLOUDS).where(_CLOUDS.c.name == name, condition)
    return bool(ctx.session.execute(query.values(values)).rowcount)


def _record(ctx, name, message, change):
    """Write an event, and make the stacks there due.

    :returns: the ids of those that another client has locked
    """
    events.add(
        ctx,
        states.EventKind.CLOUD_CAPACITY,
        message,
        cloud=name,
        changes={'full': change},
    )
    return clouds.make_stacks_due(ctx, name)


def _then_make_due(ctx, stack_ids):
    """Make stacks due that were locked, in a transaction of its own."""
    if stack_ids:
        clouds.make_due(ctx, stack_ids, wait=True)
