# SPDX-License-Identifier: Apache-2.0
"""Read the Heat stack of a member: new values of its row."""

import dataclasses

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader.db import members as members_db
from heat_spreader.planning import facts

LOG = logging.getLogger(__name__)

# Values of the row of a member whose stack could be read.
READABLE = dict.fromkeys(('read_error', 'unread_as', 'unread_since'))


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
