# SPDX-License-Identifier: Apache-2.0
"""Send the updates of a plan; the outcome of each is a value."""

import concurrent.futures
import dataclasses
import enum

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.engine import metrics
from heat_spreader.engine import survey
from heat_spreader.planning import facts
from heat_spreader.planning import updates

LOG = logging.getLogger(__name__)


class Result(enum.Enum):
    """What became of an update."""

    ACCEPTED = 'accepted by Heat'
    MOVED = 'not sent, the stack has changed since the plan was made'
    REJECTED = 'rejected by Heat'
    BACKED_OFF = 'failed, it will be tried again'
    LATE = 'not sent, the heartbeat of the engine is too old'


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of an update, and new values for the row of its member.

    ``wait``: the seconds that the cloud asks to wait.
    """

    update: updates.Update
    result: Result
    values: dict
    message: str = ''
    wait: float = 0


class Actor:
    """Sends updates to the clouds, to each a limited number at a time."""

    def __init__(self, conf, clouds):
        self.clouds = clouds
        self.pools = {
            name: concurrent.futures.ThreadPoolExecutor(
                conf.engine.max_updates_per_cloud,
                thread_name_prefix=f'update-{name}',
            )
            for name in clouds
        }

    def perform(self, stack, planned, may_act):
        """Send the updates of one stack, in parallel; return the outcomes.

        :param stack: the facts.Stack that they were planned for
        :param may_act: says right before a request whether it may be sent
        """
        members = {member.cloud.name: member for member in stack.members}
        futures = [
            self.pools[update.cloud].submit(
                context.propagate(_send, cloud=update.cloud),
                self.clouds[update.cloud],
                members[update.cloud],
                update,
                may_act,
            )
            for update in planned
        ]
        return [future.result() for future in futures]

    def read(self, members):
        """Read members, in parallel; skip those that cannot be read.

        :returns: pairs of a member and new values of its row
        """
        futures = {
            self.pools[member.cloud.name].submit(
                context.propagate(survey.find, cloud=member.cloud.name),
                self.clouds[member.cloud.name],
                member,
            ): member
            for member in members
        }
        for future in concurrent.futures.as_completed(futures):
            member = futures[future]
            try:
                yield member, future.result()
            except exception.CloudError as exc:
                LOG.info(
                    'The stack in %(cloud)s could not be read yet: %(reason)s',
                    {'cloud': member.cloud.name, 'reason': exc},
                )

    def stop(self):
        """Let the updates under way end."""
        for pool in self.pools.values():
            pool.shutdown(wait=True)


def _send(cloud, member, update, may_act):
    outcome = apply(cloud, member, update, may_act)
    _log(member, outcome)
    metrics.updated(update.cloud, outcome.result)
    return outcome


def apply(cloud, member, update, may_act):
    """Send one update, if the stack is still as it was planned for.

    The stack is read first: an engine that was killed may have sent an update
    that was never recorded, and Heat must not get a second one while it is
    working on the first.
    """
    sending = False
    try:
        values = survey.read(cloud, member, update.heat_id)
        if (values['count'], values['heat_status']) != (
            update.old,
            update.heat_status,
        ):
            return Outcome(update, Result.MOVED, values)
        if not may_act():
            return Outcome(update, Result.LATE, {})
        sending = True
        cloud.set_parameter(
            member.stack_name,
            update.heat_id,
            member.count_parameter,
            update.new,
        )
    except exception.RemoteStackNotFound:
        # It may have been created again with another id: find it by name.
        return Outcome(update, Result.MOVED, _find_again(cloud, member))
    except exception.CloudError as exc:
        return _failed(member, update, exc, sending)
    accepted = _accepted(values, update)
    if not member.failing:
        accepted |= {'last_error': None, 'failures': 0}
    return Outcome(update, Result.ACCEPTED, accepted)


def _failed(member, update, exc, sending):
    """The outcome of an update that ended with an error.

    :param sending: whether it was the update that failed, not the read
    """
    message = str(exc)
    if isinstance(exc, exception.RemoteRejected):
        return _rejected(update, message, states.MemberState.REJECTED)
    if isinstance(exc, exception.CloudUnauthorized) and sending:
        # The credentials may read stacks, and not change them.
        return _rejected(update, message, states.MemberState.UNAUTHORIZED)
    values = {'last_error': message}
    if isinstance(exc, exception.CloudThrottled):
        return Outcome(
            update, Result.BACKED_OFF, values, message, exc.retry_after
        )
    # The update may have arrived all the same: count on what is left if it
    # has, until the next survey reads the stack.
    values['heat_updated_at'] = facts.STALE
    values['ready'] = min(member.stack.ready, update.new)
    return Outcome(update, Result.BACKED_OFF, values, message)


def _rejected(update, message, state):
    values = {'rejection': message, 'rejected_as': state}
    return Outcome(update, Result.REJECTED, values, message)


def _accepted(values, update):
    """New values of the row of a member whose update Heat has accepted."""
    return {
        'heat_status': 'UPDATE_IN_PROGRESS',
        'heat_updated_at': facts.STALE,
        'count': update.new,
        'ready': min(values['settled_count'] or 0, update.new),
        'sent_count': update.new,
        'rejection': None,
        'rejected_as': None,
        'retry_at': None,
    }


def _log(member, outcome):
    update = outcome.update
    LOG.info(
        'Stack %(stack)s in %(cloud)s: %(old)s -> %(new)s because %(why)s: '
        '%(result)s. %(message)s',
        {
            'stack': member.stack_name,
            'cloud': update.cloud,
            'old': update.old,
            'new': update.new,
            'why': update.why,
            'result': outcome.result.value,
            'message': outcome.message,
        },
    )


def _find_again(cloud, member):
    try:
        return survey.find(cloud, member)
    except exception.CloudError:
        return {'heat_updated_at': facts.STALE}
