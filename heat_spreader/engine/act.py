# SPDX-License-Identifier: Apache-2.0
"""Send the updates of a plan; the outcome of each is a value."""

import dataclasses
import enum
import threading

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.engine import metrics
from heat_spreader.engine import read
from heat_spreader.planning import facts
from heat_spreader.planning import updates

LOG = logging.getLogger(__name__)


class Result(enum.Enum):
    """What became of an update."""

    ACCEPTED = 'accepted by Heat'
    MOVED = 'not sent, the stack has changed since the plan was made'
    REJECTED = 'rejected by Heat'
    BACKED_OFF = 'failed, it will be tried again'
    HELD = 'not sent, the cloud has asked for fewer requests'
    PACED = 'not sent yet, failover_rate limits the updates'
    FULL = 'not sent, another stack tries whether the cloud has room'
    UNANSWERED = 'not answered yet'
    STOPPED = 'not sent, the engine is stopping'
    LATE = 'not sent, the heartbeat of the engine is too old'


# What was planned, and not even begun in Heat.
NOT_SENT = (Result.MOVED, Result.HELD, Result.STOPPED, Result.LATE)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of an update, and new values for the row of its member.

    ``wait``: the seconds that the cloud asks to wait, or that are left.
    """

    update: updates.Update
    result: Result
    values: dict
    message: str = ''
    wait: float = 0


class Actor:
    """Sends requests for single stacks, to each cloud in a lane of its own.

    :param lanes: the lane.Lane of each cloud, by name
    """

    def __init__(self, clouds, lanes):
        self.clouds = clouds
        self.lanes = lanes
        # The updates that have not ended, by stack and cloud.
        self._open = {}
        self._lock = threading.Lock()

    def perform(self, stack, planned, project, may_act):
        """Begin to send the updates of one stack; outcome() has the results.

        While an earlier update of a member has not ended, even if no row has
        that any more, it is waited for instead.

        :param stack: the facts.Stack that they were planned for
        :param project: that of the stack; in each lane the projects alternate
        :param may_act: says right before a request whether it may be sent
        :returns: pairs of an update and its lane.Request
        """
        members = {member.cloud.name: member for member in stack.members}
        return [
            self._begin(members[update.cloud], update, project, may_act)
            for update in planned
        ]

    def _begin(self, member, update, project, may_act):
        key = member.stack_id, update.cloud
        with self._lock:
            begun = self._open.get(key)
            if begun and not begun[1].ended:
                return begun
            request = self.lanes[update.cloud].begin(
                project,
                context.propagate(_send, cloud=update.cloud),
                self.clouds[update.cloud],
                member,
                update,
                may_act,
            )
            begun = self._open[key] = update, request
        request.future.add_done_callback(lambda _: self._forget(key, begun))
        return begun

    def _forget(self, key, begun):
        with self._lock:
            if self._open.get(key) is begun:
                del self._open[key]

    def read(self, members, project):
        """Begin to read members of a stack of a project.

        :returns: pairs of a member and its lane.Request, whose result is new
            values of its row, None if it could not be read
        """
        return [
            (
                member,
                self.lanes[member.cloud.name].begin(
                    project,
                    context.propagate(_find, cloud=member.cloud.name),
                    self.clouds[member.cloud.name],
                    member,
                ),
            )
            for member in members
        ]

    def stop(self):
        """Begin no more requests, and let those under way end."""
        for each in self.lanes.values():
            each.stop()


def outcome(update, request, member):
    """The outcome of an update as far as it is known now."""
    if request.ended and not request.cancelled:
        return request.result()
    if request.cancelled and request.lane.closed:
        found = Outcome(update, Result.STOPPED, {})
    elif request.cancelled:
        message = f'{update.cloud} has not answered earlier requests.'
        found = Outcome(
            update, Result.BACKED_OFF, {'last_error': message}, message
        )
    else:
        values = _uncertain(member, update)
        found = Outcome(update, Result.UNANSWERED, values)
    return _reported(member, found)


def _find(cloud, member):
    try:
        return read.by_name(cloud, member)
    except exception.CloudError as exc:
        LOG.info(
            'The stack in %(cloud)s could not be read yet: %(reason)s',
            {'cloud': cloud.name, 'reason': exc},
        )
    return None


def _send(cloud, member, update, may_act):
    return _reported(member, apply(cloud, member, update, may_act))


def _reported(member, found):
    _log(member, found)
    metrics.updated(found.update.cloud, found.result)
    return found


def apply(cloud, member, update, may_act):
    """Send one update, if the stack is still as it was planned for.

    The stack is read first: an engine that was killed may have sent an update
    that was never recorded, and Heat must not get a second one while it is
    working on the first.
    """
    sending = False
    try:
        values = read.by_id(cloud, member, update.heat_id)
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
    except exception.CloudPaused as exc:
        return Outcome(update, Result.HELD, {}, str(exc), exc.retry_after)
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
    values.update(_uncertain(member, update))
    return Outcome(update, Result.BACKED_OFF, values, message)


def _uncertain(member, update):
    """New values of the row of a member whose update may have arrived.

    Until the next survey reads the stack, count on what is left if it has.
    """
    return {
        'heat_updated_at': facts.STALE,
        'ready': facts.at_most(member.stack.ready, update.new),
    }


def _rejected(update, message, state):
    values = {'rejection': message, 'rejected_as': state}
    return Outcome(update, Result.REJECTED, values, message)


def _accepted(values, update):
    """New values of the row of a member whose update Heat has accepted."""
    return {
        'heat_status': 'UPDATE_IN_PROGRESS',
        'heat_updated_at': facts.STALE,
        'count': update.new,
        'ready': facts.at_most(values['settled_count'], update.new),
        'ready_problem': None,
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
        return read.by_name(cloud, member)
    except exception.CloudError:
        return {'heat_updated_at': facts.STALE}
