# SPDX-License-Identifier: Apache-2.0
"""Read the Heat stack of a member: new values of its row."""

import dataclasses

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import members as members_db
from heat_spreader.planning import facts

LOG = logging.getLogger(__name__)

# Values of the row of a member whose stack could be read.
READABLE = dict.fromkeys(('read_error', 'unread_as', 'unread_since'))


def of_member(cloud, member, heat_id, now):
    """Read the Heat stack of a member, for a survey.

    :returns: new values of the row of the member, None if the cloud takes no
        request now
    """
    try:
        return by_id(cloud, member, heat_id)
    except exception.RemoteStackNotFound:
        return no_stack()
    except exception.CloudThrottled:
        return None
    except exception.CloudError as exc:
        return _unread(cloud, member, exc, now)


def _unread(cloud, member, exc, now):
    if str(exc) != member.read_error:
        LOG.warning(
            'The stack %(stack)s in %(cloud)s could not be read: %(reason)s',
            {
                'stack': member.stack_name,
                'cloud': cloud.name,
                'reason': exc,
            },
        )
    denied = isinstance(exc, exception.CloudUnauthorized)
    return {
        'read_error': str(exc),
        'unread_as': states.MemberState.UNAUTHORIZED
        if denied
        else states.MemberState.UNKNOWN,
        'unread_since': member.unread_since or now,
    }


def is_under_way(row, stack):
    """Whether Heat works on the update that the row of a member has.

    A read shows nothing new before that has ended, unless an update failed
    before: then it shows that Heat works on the next one.

    :param row: from members.list_in()
    :param stack: as the cloud lists it
    """
    return (
        (row.heat_status or '').endswith('_IN_PROGRESS')
        and not row.failures
        and row.heat_updated_at == facts.STALE
        and (row.heat_id, row.heat_status) == (stack.heat_id, stack.status)
    )


def is_conclusive(member, values):
    """Whether what was read needs no second read to confirm it.

    It is the end of an update that the engine itself has sent, or Heat works
    on the stack, which is read when that has ended, or was never updated: the
    first update gives it a time. Where it cannot be saved it is read again.
    """
    before, status = member.stack, values['heat_status'] or ''
    if values['heat_id'] and values['heat_updated_at'] is None:
        return True
    if (before.status, before.updated_at) == (
        status,
        values['heat_updated_at'],
    ):
        return False
    return status.endswith('_IN_PROGRESS') or (
        before.in_progress
        and status == 'UPDATE_COMPLETE'
        and values['count'] == member.sent_count
    )


def by_name(cloud, member):
    """Read the Heat stack of a member, found by its name.

    :returns: new values of the row of the member
    :raises CloudError: if it cannot be read
    """
    found = cloud.list_stacks([member.stack_name])
    if not found:
        return no_stack()
    return by_id(cloud, member, found[0].heat_id)


def by_id(cloud, member, heat_id):
    """Read the Heat stack of a member, found by its id.

    :returns: new values of the row of the member
    :raises CloudError: if it cannot be read
    """
    found = cloud.read_stack(
        member.stack_name, heat_id, member.count_parameter
    )
    heat = facts.HeatStack(
        id=found.heat_id,
        status=found.status,
        status_reason=found.status_reason,
        updated_at=found.updated_at,
        count=found.count,
        count_problem=found.count_problem,
    )
    completed, problem = 0, ''
    if heat.failed and not heat.missing:
        completed, problem = _count_ready(cloud, member, heat_id)
    if heat.rolled_back and member.sent_count not in (None, heat.count):
        heat = dataclasses.replace(
            heat,
            status_reason=_cause(cloud, member, heat_id) or heat.status_reason,
        )
    heat = facts.settle(heat, member.stack.settled_count, completed, problem)
    values = {**members_db.heat_values(heat), **READABLE}
    if member.rejection and _has_moved(member.stack, heat):
        values.update(
            rejection=None, rejected_as=None, failures=0, retry_at=None
        )
    return values


def _count_ready(cloud, member, heat_id):
    """How many instances are complete, or None and why that is unknown."""
    try:
        return (
            cloud.count_ready(
                member.stack_name, heat_id, member.count_parameter
            ),
            '',
        )
    except (
        exception.RemoteGroupUnknown,
        # The credentials may read the stack, and not its template.
        exception.CloudUnauthorized,
    ) as exc:
        return None, str(exc)


def _cause(cloud, member, heat_id):
    """Why Heat rolled the last update back, '' if that cannot be read."""
    try:
        return cloud.last_failure(member.stack_name, heat_id)
    except exception.CloudError as exc:
        LOG.info('The cause of a rollback could not be read: %s', exc)
        return ''


def no_stack():
    """New values of the row of a member whose cloud has no such stack."""
    return {**members_db.heat_values(facts.NO_STACK), **READABLE}


def _has_moved(before, after):
    """Whether anything changed the stack since Heat rejected an update."""
    return before.updated_at != facts.STALE and (
        before.id,
        before.status,
        before.updated_at,
    ) != (after.id, after.status, after.updated_at)
