# SPDX-License-Identifier: Apache-2.0
"""What administrators order for clouds: how to use them, what they are.

Each change here is an event and makes the stacks with a member in the cloud
due, in one transaction. What the database has is in effect: the engine that
surveys a cloud begins what is planned and ends what is over.
"""

import collections.abc
import dataclasses

import sqlalchemy as sa
from oslo_db import exception as db_exc

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import drains
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts
from heat_spreader.planning import text

_NOTHING = facts.Order()


# Of these columns of the clouds a check depends.
_CHECKED = (
    *('state', 'admin_state', 'admin_since', 'admin_until'),
    *('planned_state', 'planned_from', 'planned_until', 'declared'),
)
_NEVER_SURVEYED = models.Cloud(
    state=states.CloudState.UNKNOWN, admin_state=states.AdminState.ENABLED
)
_ATTEMPTS = 10


@dataclasses.dataclass(frozen=True)
class Check:
    """What may refuse an order.

    ``clouds``: the names of those on whose states and orders it depends.
    ``refuse`` is called with the context in an open transaction, and raises
    an exception to refuse.
    """

    clouds: collections.abc.Collection[str]
    refuse: collections.abc.Callable


class _OutdatedError(Exception):
    """A cloud has got another state or order since the check."""


def _checked(change, ctx, name, use, check):
    """Make a change that a check allows; return what it returns.

    The check of many stacks takes seconds: no lock is held for so long. The
    transaction of the change locks the clouds, and changes nothing if one of
    them is not as the check has seen it.
    """
    for _ in range(_ATTEMPTS):
        seen = _examine(ctx, check) if check else {}
        try:
            return change(ctx, name, use, seen)
        except _OutdatedError:
            continue
    raise exception.Conflict(
        'The states of the clouds, or the orders for them, change all the '
        'time. Repeat the request.'
    )


@session.reader
def _examine(ctx, check):
    """Let a check refuse; return what it has seen of the clouds, by name."""
    rows = clouds.rows(ctx)
    seen = {name: _seen(rows.get(name)) for name in check.clouds}
    check.refuse(ctx)
    return seen


def _seen(row):
    row = row or _NEVER_SURVEYED
    return tuple(getattr(row, column) for column in _CHECKED)


def set_use(ctx, name, use, check=None):
    """Order how a cloud is used from now on.

    It replaces what is in effect; what is planned for later stays.

    :param use: facts.Use, with an order
    :param check: what may refuse the order, a Check
    """
    _then_make_due(ctx, _checked(_set_use, ctx, name, use, check))


@session.writer
def _set_use(ctx, name, use, seen):
    row = _lock(ctx, name, seen)
    before, report = row.admin_state, drains.report(ctx, row)
    _put_use(row, use)
    return _record(
        ctx,
        row,
        f'The cloud {name} went from {before} to {use.state}'
        f'{_until(use.order)}, ordered by {_user(use.order.by)}'
        f'{_drill(_reason(use.order), report)}',
        {'admin_state': [before, use.state]},
        use.order,
        drill=use.drill,
        **_details(report),
    )


def plan_use(ctx, name, use, check=None):
    """Order how a cloud will be used, from a later time on.

    :param use: facts.Use, with an order
    :param check: what may refuse the order, a Check
    :raises CloudPlanned: if something else is planned for the cloud
    """
    _then_make_due(ctx, _checked(_plan_use, ctx, name, use, check))


@session.writer
def _plan_use(ctx, name, use, seen):
    row = _lock(ctx, name, seen)
    if row.planned_state is not None:
        raise exception.CloudPlanned(
            cloud=name,
            state=row.planned_state,
            begin=text.time(row.planned_from),
        )
    _put_plan(row, use)
    return _record(
        ctx,
        row,
        f'The cloud {name} will be {use.state} from '
        f'{text.time(use.order.since)}{_until(use.order)}, ordered by '
        f'{_user(use.order.by)}{_reason(use.order)}',
        {'planned_state': [None, use.state]},
        use.order,
        drill=use.drill,
    )


def cancel_plan(ctx, name):
    """Cancel what is planned for a cloud; without effect if nothing is."""
    _then_make_due(ctx, _cancel_plan(ctx, name))


@session.writer
def _cancel_plan(ctx, name):
    row = _lock(ctx, name)
    before, begin = row.planned_state, row.planned_from
    if before is None:
        return set()
    _put_plan(row, None)
    order = facts.Order(by=ctx.user_id)
    return _record(
        ctx,
        row,
        f'The cloud {name} will not be {before} from {text.time(begin)}, '
        f'ordered by {_user(order.by)}.',
        {'planned_state': [before, None]},
        order,
    )


def declare(ctx, name, declared, order):
    """Declare that a cloud is up or down, whatever the surveys find.

    :param declared: states.Declared, or None to end what is declared
    :param order: facts.Order
    """
    _then_make_due(ctx, _declare(ctx, name, declared, order))


@session.writer
def _declare(ctx, name, declared, order):
    row = _lock(ctx, name)
    before = row.declared
    if before is declared is None:
        return set()
    _put_declaration(row, declared, order if declared else _NOTHING)
    what = (
        f'declared {declared}' if declared else f'no longer declared {before}'
    )
    return _record(
        ctx,
        row,
        f'The cloud {name} is {what}{_until(order)}, ordered by '
        f'{_user(order.by)}{_reason(order)}',
        {'declared': [before, declared]},
        order,
    )


@session.writer
def advance(ctx, name, now, owner):
    """End what is over and begin what is planned for now.

    :param owner: the engine that surveys the cloud
    :returns: the ids of the stacks that another client has locked; they are
        left for clouds.make_due()
    """
    row = ctx.session.get(models.Cloud, name, with_for_update=True)
    if row is None or row.lease_owner != owner:
        return set()
    skipped = set()
    for step in (_end_declaration, _end_use, _begin_plan):
        skipped |= step(ctx, row, now)
    return skipped


def _end_declaration(ctx, row, now):
    if not _is_past(row.declared_until, now):
        return set()
    before, by = row.declared, row.declared_by
    _put_declaration(row, None, _NOTHING)
    return _record(
        ctx,
        row,
        f'The cloud {row.name} is no longer declared {before}: the time that '
        f'{_user(by)} ordered is over.',
        {'declared': [before, None]},
        _NOTHING,
    )


def _end_use(ctx, row, now):
    if not _is_past(row.admin_until, now):
        return set()
    before, by, drill = row.admin_state, row.admin_by, row.drill
    report = drains.report(ctx, row)
    enabled = states.AdminState.ENABLED
    _put_use(row, facts.Use(enabled, facts.Order(since=now)))
    return _record(
        ctx,
        row,
        f'The cloud {row.name} went from {before} to {enabled}: the time that '
        f'{_user(by)} ordered is over{_drill(".", report)}',
        {'admin_state': [before, enabled]},
        _NOTHING,
        drill=drill,
        **_details(report),
    )


def _begin_plan(ctx, row, now):
    if not _is_past(row.planned_from, now):
        return set()
    planned = states.AdminState(row.planned_state)
    order = facts.Order(
        now, row.planned_until, row.planned_reason, row.planned_by
    )
    drill, before = row.planned_drill, row.admin_state
    _put_plan(row, None)
    if _is_past(order.until, now):
        return _record(
            ctx,
            row,
            f'The cloud {row.name} was never {planned}, as ordered by '
            f'{_user(order.by)}: no engine surveyed it in that time.',
            {'planned_state': [planned, None]},
            order,
            drill=drill,
        )
    _put_use(row, facts.Use(planned, order, drill))
    return _record(
        ctx,
        row,
        f'The cloud {row.name} went from {before} to {planned}{_until(order)},'
        f' as planned by {_user(order.by)}{_reason(order)}',
        {'admin_state': [before, planned], 'planned_state': [planned, None]},
        order,
        drill=drill,
    )


def _lock(ctx, name, seen=()):
    """Lock the row of a cloud, and those of others, in order of their names.

    A cloud that was never surveyed gets its row.

    :param seen: what a check has seen of the others, by name
    """
    names = sorted({name, *seen})
    query = sa.select(models.Cloud).where(models.Cloud.name.in_(names))
    query = query.order_by(models.Cloud.name).with_for_update()
    rows = {row.name: row for row in ctx.session.scalars(query)}
    missing = [models.Cloud(name=new) for new in names if new not in rows]
    ctx.session.add_all(missing)
    try:
        ctx.session.flush()
    except db_exc.DBDuplicateEntry as exc:
        # Another request or an engine was faster to add one.
        raise db_exc.RetryRequest(exc) from exc
    rows |= {row.name: row for row in missing}
    if any(_seen(rows[other]) != seen[other] for other in seen):
        raise _OutdatedError
    return rows[name]


def _put_use(row, use):
    row.admin_state, row.drill = use.state, use.drill
    row.admin_since, row.admin_until = use.order.since, use.order.until
    row.admin_reason, row.admin_by = use.order.reason, use.order.by


def _put_plan(row, use):
    order = use.order if use else _NOTHING
    row.planned_state = use and use.state
    row.planned_drill = use is not None and use.drill
    row.planned_from, row.planned_until = order.since, order.until
    row.planned_reason, row.planned_by = order.reason, order.by


def _put_declaration(row, declared, order):
    row.declared = declared
    row.declared_since, row.declared_until = order.since, order.until
    row.declared_reason, row.declared_by = order.reason, order.by


def _record(ctx, row, message, changes, order, **details):
    """Write the event of a change, and make the stacks in the cloud due.

    :returns: the ids of those that another client has locked
    """
    events.add(
        ctx,
        states.EventKind.CLOUD_ADMIN,
        message,
        cloud=row.name,
        changes=changes,
        since=order.since and order.since.isoformat(),
        until=order.until and order.until.isoformat(),
        reason=order.reason,
        by=order.by,
        **details,
    )
    return clouds.make_stacks_due(ctx, row.name)


def _then_make_due(ctx, stack_ids):
    """Make stacks due that were locked, in the transaction after the change.

    A plan that was made before it must not be the last one.
    """
    if stack_ids:
        clouds.make_due(ctx, stack_ids, wait=True)


def _is_past(moment, now):
    return moment is not None and moment <= now


def _until(order):
    return f' until {text.time(order.until)}' if order.until else ''


def _reason(order):
    return f': {order.reason}' if order.reason else '.'


def _drill(end, report):
    """The end of a sentence, and what a drill that ends has shown."""
    if report is None:
        return end
    return f'{end.removesuffix(".")}. The drill has ended: {report.sentence}'


def _details(report):
    return {'report': dataclasses.asdict(report)} if report else {}


def _user(user_id):
    return f'the user {user_id}' if user_id else 'an administrator'
