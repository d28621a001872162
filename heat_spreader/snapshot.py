# SPDX-License-Identifier: Apache-2.0
"""The one reader that turns rows into facts, for the API and the engine."""

import dataclasses
import datetime
import functools

import sqlalchemy as sa

from heat_spreader import access
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import members as members_db
from heat_spreader.db import readiness as readiness_db
from heat_spreader.db import requests as requests_db
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import facts
from heat_spreader.planning import health
from heat_spreader.planning import readiness

# How many stacks are in memory at once where a cloud may have many.
_CHUNK = 500


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """What a plan for a stack is made from, and the rows that it is about.

    ``frozen``: why nothing may be changed anywhere, None if all may.
    ``freezing``: the clouds whose loss would freeze everything.
    """

    row: sa.Row
    members: list[sa.Row]
    stack: facts.Stack
    frozen: str | None
    freezing: frozenset[str]


def clouds(ctx, conf):
    """Every enabled cloud by name, those that were never surveyed too."""
    return _clouds(conf, clouds_db.get_all(ctx))


def _clouds(conf, rows):
    return {
        name: _cloud(rows[name]) if name in rows else facts.Cloud(name)
        for name in conf.clouds.enabled
    }


def current_clouds(ctx, conf):
    """The same; a cloud that no engine surveys any more is UNKNOWN."""
    rows, abandoned = clouds_db.get_with_abandoned(
        ctx,
        datetime.timedelta(seconds=3 * conf.engine.survey_interval),
        datetime.timedelta(seconds=conf.engine.heartbeat_timeout),
    )
    found = _clouds(conf, rows)
    for name in found.keys() & abandoned.keys():
        cloud = found[name]
        found[name] = dataclasses.replace(
            cloud,
            state=states.CloudState.UNKNOWN,
            reason='No engine has surveyed the cloud since '
            f'{abandoned[name]:%Y-%m-%d %H:%M:%S} UTC; it was {cloud.state} '
            'then.',
        )
    return found


def stack(ctx, conf, stack_id):
    """The snapshot of a stack.

    :raises StackNotFound: if there is none
    """
    found = stacks(ctx, conf, [stack_id])
    if not found:
        raise exception.StackNotFound(stack=stack_id)
    return found[stack_id]


def stacks(ctx, conf, stack_ids):
    """The snapshots of those stacks that there are, by id."""
    rows, members, cloud_rows = stacks_db.load(ctx, stack_ids)
    known = _clouds(conf, cloud_rows)
    limit = conf.health.max_down_clouds
    frozen = health.frozen(known.values(), limit)
    freezing = readiness.freezing(known.values(), limit)
    return {
        row.id: Snapshot(
            row=row,
            members=members[row.id],
            stack=_stack(conf, row, members[row.id], known),
            frozen=frozen,
            freezing=freezing,
        )
        for row in rows
    }


def of_preview(conf, rows, suppose):
    """The Snapshots of a stack before and after a change.

    :param rows: previews.Rows
    :param suppose: returns the clouds to assume, from those that there are
    :returns: None for that before, where the stack is new
    """
    known = _clouds(conf, rows.clouds)
    before = rows.before and _of_rows(conf, rows.before, known)
    assumed = suppose(known)
    for member in rows.after.members:
        cloud = assumed.get(member.cloud)
        if member.cloud in rows.retries and cloud and cloud.full:
            full = dataclasses.replace(
                cloud.full, until=member.cap_until, tries=0
            )
            assumed[cloud.name] = dataclasses.replace(cloud, full=full)
    return before, _of_rows(conf, rows.after, assumed)


def _of_rows(conf, row, known):
    limit = conf.health.max_down_clouds
    return Snapshot(
        row=row,
        members=row.members,
        stack=_stack(conf, row, row.members, known),
        frozen=health.frozen(known.values(), limit),
        freezing=readiness.freezing(known.values(), limit),
    )


def stacks_in(ctx, conf, cloud, known):
    """Yield each stack with a member in a cloud, in the open transaction.

    :param cloud: the name of the cloud
    :param known: facts.Cloud by name, for those that are enabled
    """
    stack_ids = clouds_db.stacks_in(ctx, cloud)
    for start in range(0, len(stack_ids), _CHUNK):
        chunk = stack_ids[start : start + _CHUNK]
        yield from stacks_of(ctx, conf, chunk, known)


def every_stack(ctx, conf, known, cloud=None):
    """Yield each stack, or each with a member in a cloud.

    Each part of them is read in a transaction of its own: neither locks nor
    much memory are held, however many there are.

    :param known: facts.Cloud by name, for those that are enabled
    """
    stack_ids = readiness_db.find_ids(ctx, cloud)
    for start in range(0, len(stack_ids), _CHUNK):
        chunk = stack_ids[start : start + _CHUNK]
        rows, members, _ = stacks_db.load(ctx, chunk)
        for row in rows:
            yield _stack(conf, row, members[row.id], known)


def stacks_of(ctx, conf, stack_ids, known):
    """Yield those stacks that there are, in the open transaction."""
    rows, members, _ = stacks_db.load_rows(ctx, stack_ids)
    for row in rows:
        yield _stack(conf, row, members[row.id], known)


def open_clouds(ctx, conf):
    """The same as clouds(), in the open transaction."""
    return _clouds(conf, clouds_db.rows(ctx))


def _stack(conf, row, members, known):
    return facts.Stack(
        row.id,
        requests_db.specification_of(row, members),
        tuple(
            _member(
                member,
                row,
                known.get(member.cloud) or facts.Cloud(member.cloud),
                access.is_allowed(
                    conf, row.project_id, member.cloud, member.as_admin
                ),
            )
            for member in members
        ),
        row.weights_complete,
    )


def members_in(ctx, conf, cloud, stack_ids, idle=False):
    """Some members in a cloud, by the id of their stack.

    :param cloud: facts.Cloud
    :param idle: as in members.in_cloud()
    """

    @functools.cache
    def is_allowed(project_id, as_admin):
        return access.is_allowed(conf, project_id, cloud.name, as_admin)

    wanted = list(stack_ids)
    return {
        row.stack_id: _member(
            row, row, cloud, is_allowed(row.project_id, row.as_admin)
        )
        for start in range(0, len(wanted), _CHUNK)
        for row in members_db.in_cloud(
            ctx, cloud.name, wanted[start : start + _CHUNK], idle
        )
    }


def _cloud(row):
    return facts.Cloud(
        name=row.name,
        state=states.CloudState(row.state),
        since=row.since,
        reason=row.reason,
        failures=row.failures,
        successes=row.successes,
        checked_at=row.checked_at,
        answered_at=row.answered_at,
        outages=tuple(map(datetime.datetime.fromisoformat, row.outages)),
        use=_use(row),
        planned=_planned(row),
        declared=row.declared and states.Declared(row.declared),
        declaration=_declaration(row),
        full=_full(row),
    )


def _full(row):
    if row.full_since is None:
        return None
    return facts.Full(
        row.full_since, row.full_until, row.full_tries, row.full_reason
    )


def _use(row):
    if row.admin_since is None:
        return facts.Use()
    order = facts.Order(
        row.admin_since, row.admin_until, row.admin_reason, row.admin_by
    )
    return facts.Use(states.AdminState(row.admin_state), order, row.drill)


def _planned(row):
    if row.planned_state is None:
        return None
    order = facts.Order(
        row.planned_from,
        row.planned_until,
        row.planned_reason,
        row.planned_by,
    )
    state = states.AdminState(row.planned_state)
    return facts.Use(state, order, row.planned_drill)


def _declaration(row):
    if row.declared is None:
        return None
    return facts.Order(
        row.declared_since,
        row.declared_until,
        row.declared_reason,
        row.declared_by,
    )


def _member(row, stack, cloud, allowed):
    """A member.

    :param stack: what has the columns of its stack: a row of stacks, or the
        row of a list of members, which has them too
    """
    return facts.Member(
        stack_id=row.stack_id,
        stack_name=row.stack_name,
        count_parameter=stack.count_parameter,
        cloud=cloud,
        part=requests_db.part_of(row),
        allowed=allowed,
        heat=heat_stack(row),
        duplicate_of=row.duplicate_of,
        read_error=row.read_error,
        unread_as=row.unread_as and states.MemberState(row.unread_as),
        unread_since=row.unread_since,
        sent_count=row.sent_count,
        rejection=row.rejection,
        rejected_as=states.MemberState(
            row.rejected_as or states.MemberState.REJECTED
        ),
        last_error=row.last_error,
        failures=row.failures,
        retry_at=row.retry_at,
        unanswered=row.lease_owner is not None,
        set_backs=tuple(map(datetime.datetime.fromisoformat, row.set_backs)),
        failed_over=row.failed_over,
        cap=_cap(row),
        version=row.known_at,
    )


def _cap(row):
    if row.cap is None:
        return None
    return facts.Cap(row.cap, row.cap_until, row.cap_tries, row.cap_reason)


def heat_stack(row):
    """The Heat stack of the row of a member, None if it was never read."""
    if row.read_at is None:
        return None
    return facts.HeatStack(
        id=row.heat_id,
        status=row.heat_status or '',
        status_reason=row.heat_status_reason or '',
        updated_at=row.heat_updated_at,
        count=row.count,
        count_problem=row.count_problem or '',
        settled_count=row.settled_count,
        ready=row.ready,
        ready_problem=row.ready_problem or '',
    )
