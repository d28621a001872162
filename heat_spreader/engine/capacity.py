# SPDX-License-Identifier: Apache-2.0
"""What a plan finds about the room in clouds, for all stacks there.

It is written before the pass acts: should the engine be killed then, the next
pass over the stack finds the same again.
"""

import functools

from oslo_log import log as logging

from heat_spreader.db import capacity as capacity_db
from heat_spreader.engine import act
from heat_spreader.engine import metrics
from heat_spreader.planning import capacity

LOG = logging.getLogger(__name__)

# Seconds after which a stack looks again that another has preceded.
_WAIT = 1.0


def note(ctx, snap, planned):
    """Write which clouds a plan has found to be full, or to have room.

    :param snap: the snapshot.Snapshot that was planned for
    :param planned: plan.Plan
    """
    for member in snap.stack.members:
        name, known = member.cloud.name, member.cloud.full
        if name not in planned.full:
            continue
        full = planned.full[name]
        LOG.info(
            'The cloud %(cloud)s %(what)s.',
            {
                'cloud': name,
                'what': f'has no room for more: {full.reason}'
                if full
                else 'has room again',
            },
        )
        if full:
            capacity_db.begin(ctx, name, full)
        else:
            capacity_db.end(ctx, name, known)


def claim(ctx, snap, updates, now):
    """Which updates may be sent: one stack tries whether a cloud has room.

    :param snap: the snapshot.Snapshot that was planned for
    :returns: these updates, and the act.Outcome of each of the others
    """
    members = {member.cloud.name: member for member in snap.stack.members}
    sent, outcomes = [], []
    for update in updates:
        full = members[update.cloud].cloud.full
        may_send = functools.partial(_claim, ctx, update.cloud, full, now)
        if update.tries and full and not may_send():
            metrics.updated(update.cloud, act.Result.FULL)
            outcomes.append(
                act.Outcome(update, act.Result.FULL, {}, wait=_WAIT)
            )
        else:
            sent.append(update)
    return tuple(sent), outcomes


def release(ctx, snap, updates):
    """Let another stack try what was claimed, and was not sent.

    :param snap: the snapshot.Snapshot that was planned for
    """
    members = {member.cloud.name: member for member in snap.stack.members}
    for update in updates:
        full = members[update.cloud].cloud.full
        if update.tries and full:
            capacity_db.release(ctx, update.cloud, full)


def _claim(ctx, name, full, now):
    until = capacity.next_try(now, full.tries + 1)
    return capacity_db.claim(ctx, name, full, until)
