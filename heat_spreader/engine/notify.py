# SPDX-License-Identifier: Apache-2.0
"""Notifications: what changed, told to whoever listens on the message bus.

They are off until [oslo_messaging_notifications] names a driver.
"""

from oslo_service import backend

# Before oslo.messaging, with which oslo.service takes eventlet otherwise.
backend.init_backend(backend.BackendType.THREADING)

import queue
import socket
import sys
import threading

import oslo_messaging
from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import states

LOG = logging.getLogger(__name__)

# What is kept while the message bus is away; then the oldest is dropped.
LONGEST_QUEUE = 1000
# oslo.messaging gives up at once on a broker that is away at the first message
# where its option says -1, for ever.
FOREVER = sys.maxsize
# Seconds that the rest has to be sent when the engine stops.
FLUSH_TIMEOUT = 5

EVENT_TYPES = {
    states.EventKind.STACK_STATUS: 'multicloud.stack.status',
    states.EventKind.MEMBER_STATE: 'multicloud.member.state',
    states.EventKind.CLOUD_STATE: 'multicloud.cloud.state',
}
_ERROR = (states.StackStatus.ERROR, states.CloudState.DOWN)
_WARN = (
    *states.TROUBLE,
    states.StackStatus.DEGRADED,
    states.StackStatus.FROZEN,
    states.CloudState.SUSPECT,
)


def payload(subject, event):
    """What a notification says.

    :param subject: the row, as written, of the stack or the cloud
    :param event: the row of the event
    """
    ((before, after),) = event.details['changes'].values()
    stack = None
    if event.stack_id:
        stack = {'id': event.stack_id, 'name': subject.name}
    return {
        'event_id': event.id,
        'request_id': event.request_id,
        'project_id': event.project_id,
        'stack': stack,
        'cloud': event.cloud,
        'from': str(before),
        'to': str(after),
        'reason': _reason(subject, event),
        'changed_at': event.created_at.strftime('%Y-%m-%dT%H:%M:%SZ'),
    }


def _reason(subject, event):
    if event.kind == states.EventKind.CLOUD_STATE:
        return subject.reason
    if event.kind == states.EventKind.STACK_STATUS:
        return subject.status_reason
    reasons = {member.cloud: member.reason for member in subject.members}
    return reasons.get(event.cloud, '')


def priority(state):
    """How loudly a state is told of: as error, warn or info."""
    if state in _ERROR:
        return 'error'
    return 'warn' if state in _WARN else 'info'


class Notifier:
    """Sends notifications in order, in a thread for which nobody waits.

    :raises ConfigurationInvalid: if the message bus is named wrongly
    """

    def __init__(self, conf):
        self.conf = conf
        self.queue = queue.Queue(LONGEST_QUEUE)
        self.dropped = 0
        self.thread = None
        # A mistake ends the start of the engine, not that of each worker.
        self._transport().cleanup()

    def _transport(self):
        try:
            return oslo_messaging.get_notification_transport(self.conf)
        except (
            oslo_messaging.DriverLoadFailure,
            oslo_messaging.InvalidTransportURL,
            ValueError,
        ):
            # Its words may be the URL, with the password in it.
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

    def tell(self, subject, events):
        """Have it told what was written; return at once.

        :param subject: the row of the stack or the cloud
        :param events: the rows of the events
        """
        if self.thread:
            for event in events:
                if event.kind in EVENT_TYPES:
                    self._put((event.kind, payload(subject, event)))

    def _put(self, item):
        while True:
            try:
                self.queue.put_nowait(item)
                return
            except queue.Full:
                self._drop()

    def _drop(self):
        """Make room; the newest tell best how things stand."""
        try:
            self.queue.get_nowait()
        except queue.Empty:
            return
        self.dropped += 1
        if self.dropped % LONGEST_QUEUE == 1:
            LOG.warning(
                'The message bus is away or slow: %s notifications were '
                'dropped since the start.',
                self.dropped,
            )

    def _send(self, notifier):
        while (item := self.queue.get()) is not None:
            kind, said = item
            send = getattr(notifier, priority(said['to']))
            send({}, EVENT_TYPES[kind], said)
        notifier.transport.cleanup()

    def stop(self):
        """Send the rest, if that does not take long."""
        if not self.thread:
            return
        self._put(None)
        self.thread.join(FLUSH_TIMEOUT)
        if self.thread.is_alive():
            LOG.warning(
                'The message bus is away: about %s notifications are lost.',
                self.queue.qsize(),
            )
        self.thread = None
