# SPDX-License-Identifier: Apache-2.0
"""Notifications: every change of a state, on the message bus.

They are off until [oslo_messaging_notifications] names a driver.
"""

from heat_spreader import threads

# Before the other imports.
threads.choose()

import dataclasses
import datetime
import queue
import socket
import sys
import threading

import oslo_messaging
import sqlalchemy as sa
from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import models

LOG = logging.getLogger(__name__)

# How many are kept while the message bus does not answer; then the oldest is
# dropped.
LONGEST_QUEUE = 1000
# Where its option is -1, without limit, oslo.messaging gives up at once on a
# broker that does not answer the first message.
FOREVER = sys.maxsize
# Seconds to send the rest when the engine stops.
FLUSH_TIMEOUT = 5

# The kind of a change of what is declared; its event is CLOUD_ADMIN, too.
DECLARED = 'DECLARED'
EVENT_TYPES = {
    states.EventKind.STACK_STATUS: 'multicloud.stack.status',
    states.EventKind.STACK_READINESS: 'multicloud.stack.readiness',
    states.EventKind.MEMBER_STATE: 'multicloud.member.state',
    states.EventKind.CLOUD_STATE: 'multicloud.cloud.state',
    states.EventKind.CLOUD_ADMIN: 'multicloud.cloud.admin',
    DECLARED: 'multicloud.cloud.declared',
}
# Whether a stack survives the loss of any one cloud.
SAFE, UNSAFE = 'SAFE', 'UNSAFE'
_ERROR = (states.StackStatus.ERROR, states.CloudState.DOWN)
_WARN = (
    *states.TROUBLE,
    states.StackStatus.DEGRADED,
    states.StackStatus.FROZEN,
    states.CloudState.SUSPECT,
    UNSAFE,
)


@dataclasses.dataclass(frozen=True)
class Change:
    """A change of a state.

    ``stack`` is the row of the stack, for a change of its status, of its
    readiness or of the state of a member. ``before`` and ``after`` are None
    where nothing is declared or known.
    """

    kind: str
    before: str | None
    after: str | None
    reason: str
    stack: models.Stack | sa.Row | None = None
    cloud: str | None = None
    request_id: str | None = None
    changed_at: datetime.datetime = dataclasses.field(
        default_factory=models.utcnow
    )


def payload(change):
    """The payload of the notification of a change."""
    stack = change.stack
    return {
        'request_id': change.request_id,
        'project_id': stack.project_id if stack else None,
        'stack': {'id': stack.id, 'name': stack.name} if stack else None,
        'cloud': change.cloud,
        'from': change.before and str(change.before),
        'to': change.after and str(change.after),
        'reason': change.reason,
        'changed_at': change.changed_at.strftime('%Y-%m-%dT%H:%M:%SZ'),
    }


def priority(state):
    """The priority of a notification of a state: error, warn or info."""
    if state in _ERROR:
        return 'error'
    return 'warn' if state in _WARN else 'info'


class Notifier:
    """Sends notifications in order, in a thread that nothing waits for.

    :raises ConfigurationInvalid: if the URL of the message bus is invalid
    """

    def __init__(self, conf):
        self.conf = conf
        self.queue = queue.Queue(LONGEST_QUEUE)
        self.dropped = 0
        self.thread = None
        # An invalid URL must stop the engine, not each worker in turn.
        self._transport().cleanup()

    def _transport(self):
        try:
            return oslo_messaging.get_notification_transport(self.conf)
        except (
            oslo_messaging.DriverLoadFailure,
            oslo_messaging.InvalidTransportURL,
            ValueError,
        ):
            # Its text may be the URL, with the password in it.
            raise exception.ConfigurationInvalid(
                'The transport_url in [oslo_messaging_notifications], or that '
                'in [DEFAULT], is not the URL of a message bus that '
                'oslo.messaging knows.'
            ) from None

    def start(self):
        """Begin to send, if there is a driver to send with."""
        transport = self._transport()
        options = self.conf.oslo_messaging_notifications
        if not options.driver:
            return
        notifier = oslo_messaging.Notifier(
            transport,
            publisher_id=f'heat-spreader.engine:{socket.gethostname()}',
            retry=FOREVER if options.retry < 0 else options.retry,
        )
        self.thread = threading.Thread(
            target=self._send, args=[notifier], name='notify', daemon=True
        )
        self.thread.start()

    def emit(self, changes):
        """Queue the notifications of changes; return at once."""
        if self.thread:
            for change in changes:
                self._put((change.kind, payload(change)))

    def _put(self, item):
        while True:
            try:
                self.queue.put_nowait(item)
                return
            except queue.Full:
                self._drop()

    def _drop(self):
        """Make room; the newest notifications are the most useful."""
        try:
            self.queue.get_nowait()
        except queue.Empty:
            return
        self.dropped += 1
        if self.dropped % LONGEST_QUEUE == 1:
            LOG.warning(
                'The message bus does not answer or is slow: %s notifications '
                'were dropped since the engine started.',
                self.dropped,
            )

    def _send(self, notifier):
        while (item := self.queue.get()) is not None:
            kind, content = item
            send = getattr(notifier, priority(content['to']))
            send({}, EVENT_TYPES[kind], content)
        notifier.transport.cleanup()

    def stop(self):
        """Send the rest, if that does not take long."""
        if not self.thread:
            return
        self._put(None)
        self.thread.join(FLUSH_TIMEOUT)
        if self.thread.is_alive():
            LOG.warning(
                'The message bus does not answer: about %s notifications are '
                'lost.',
                self.queue.qsize(),
            )
        self.thread = None
