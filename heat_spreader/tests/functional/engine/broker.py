# SPDX-License-Identifier: Apache-2.0
"""A real RabbitMQ, and a listener."""

import functools
import queue
import socket
import threading
import uuid

import fixtures
import kombu
from oslo_config import cfg

from heat_spreader.engine import notify

PLACE = ('127.0.0.1', 5672)
URL = 'rabbit://guest:guest@{}:{}/'.format(*PLACE)
PRIORITIES = ('info', 'warn', 'error')
TIMEOUT = 60


def is_there():
    """Whether there is a broker to test with."""
    try:
        with socket.create_connection(PLACE, timeout=5):
            return True
    except OSError:
        return False


class ClosedBroker(fixtures.Fixture):
    """An address that refuses connections until it is opened: ``url``."""

    def _setUp(self):
        self._server = socket.socket()
        self.addCleanup(self._server.close)
        # Bound and not listening, it refuses and no one else gets the port.
        self._server.bind((PLACE[0], 0))
        self.url = 'rabbit://guest:guest@{}:{}/'.format(
            *self._server.getsockname()
        )

    def open(self):
        """Pass connections to the broker from now on."""
        self._server.listen()
        threading.Thread(target=self._admit, daemon=True).start()

    def _admit(self):
        while True:
            try:
                inside, _ = self._server.accept()
            except OSError:
                return
            outside = socket.create_connection(PLACE)
            for pair in ((inside, outside), (outside, inside)):
                threading.Thread(
                    target=self._pass_on, args=pair, daemon=True
                ).start()

    @staticmethod
    def _pass_on(source, sink):
        with source, sink:
            try:
                while data := source.recv(65536):
                    sink.sendall(data)
            except OSError:
                return


class Listener(fixtures.Fixture):
    """Receives what is sent to an exchange and a topic of its own."""

    def __init__(self):
        super().__init__()
        self.exchange = f'heat-spreader-test-{uuid.uuid4().hex}'
        self.topic = self.exchange
        self.heard = []
        self._queue = queue.Queue()

    def options(self, url=URL):
        """Return groups of options for an engine that sends here."""
        return {
            'DEFAULT': {'control_exchange': self.exchange},
            'oslo_messaging_notifications': {
                'driver': 'messagingv2',
                'topics': self.topic,
                'transport_url': url,
            },
        }

    def _setUp(self):
        messaging = notify.oslo_messaging
        conf = cfg.ConfigOpts()
        conf([], default_config_files=[], default_config_dirs=[])
        transport = messaging.get_notification_transport(conf, url=URL)
        self.addCleanup(self._clean)
        self.addCleanup(transport.cleanup)
        listener = messaging.get_notification_listener(
            transport,
            [messaging.Target(topic=self.topic, exchange=self.exchange)],
            [self],
            executor='threading',
        )
        listener.start()
        self.addCleanup(listener.wait)
        self.addCleanup(listener.stop)

    def _clean(self):
        """Leave nothing in the broker."""
        url = URL.replace('rabbit', 'amqp')
        with kombu.Connection(url) as connection:
            channel = connection.default_channel
            for priority in PRIORITIES:
                channel.queue_delete(f'{self.topic}.{priority}')
            channel.exchange_delete(self.exchange)

    def _take(self, priority, ctxt, publisher_id, event_type, payload, meta):
        self._queue.put((priority, publisher_id, event_type, payload))

    info = functools.partialmethod(_take, 'info')
    warn = functools.partialmethod(_take, 'warn')
    error = functools.partialmethod(_take, 'error')

    def hear(self, event_type, state):
        """Wait until a notification reports that a state was reached."""
        while True:
            message = self._hear_one()
            if message[2] == event_type and message[3]['to'] == state:
                return message

    def has_heard(self):
        """Return whether a notification has come that was not read yet."""
        return not self._queue.empty()

    def hear_out(self, number):
        """Wait until that many notifications were received in total."""
        while len(self.heard) < number:
            self._hear_one()

    def _hear_one(self):
        self.heard.append(self._queue.get(timeout=TIMEOUT))
        return self.heard[-1]
