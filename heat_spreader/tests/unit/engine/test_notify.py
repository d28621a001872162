# SPDX-License-Identifier: Apache-2.0
"""The payload of notifications, and those that cannot be sent."""

import datetime
import json
import pathlib
import re
import threading

import fixtures
from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslotest import base

import heat_spreader
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.engine import notify

DOCUMENT = (
    pathlib.Path(heat_spreader.__file__).parents[1]
    / 'doc/source/admin/notifications.rst'
)
AT = datetime.datetime(2026, 11, 24, 3, 0, 2, 5, tzinfo=datetime.UTC)
STACK = models.Stack(id='s1', name='web', project_id='p1')


def status(after, request_id='req-1'):
    return notify.Change(
        states.EventKind.STACK_STATUS,
        states.StackStatus.ACTIVE,
        after,
        'athens is unreachable.',
        stack=STACK,
        request_id=request_id,
        changed_at=AT,
    )


def down(request_id='req-1'):
    return notify.Change(
        states.EventKind.CLOUD_STATE,
        'SUSPECT',
        'DOWN',
        'Connection refused',
        cloud='athens',
        request_id=request_id,
    )


class TestPayload(base.BaseTestCase):
    def test_payload_of_a_stack_has_its_states(self):
        self.assertEqual(
            {
                'request_id': 'req-1',
                'project_id': 'p1',
                'stack': {'id': 's1', 'name': 'web'},
                'cloud': None,
                'from': 'ACTIVE',
                'to': 'DEGRADED',
                'reason': 'athens is unreachable.',
                'changed_at': '2026-11-24T03:00:02Z',
            },
            notify.payload(status(states.StackStatus.DEGRADED)),
        )

    def test_states_are_plain_strings(self):
        shown = notify.payload(status(states.StackStatus.DEGRADED))

        self.assertIs(str, type(shown['from']))
        self.assertIs(str, type(shown['to']))

    def test_payload_of_a_member_has_the_reason_of_the_member(self):
        shown = notify.payload(
            notify.Change(
                states.EventKind.MEMBER_STATE,
                'OK',
                'UNREACHABLE',
                'Its weight is spread.',
                stack=STACK,
                cloud='athens',
            )
        )

        self.assertEqual('athens', shown['cloud'])
        self.assertEqual('Its weight is spread.', shown['reason'])

    def test_payload_of_a_cloud_has_no_stack(self):
        shown = notify.payload(down())

        self.assertIsNone(shown['stack'])
        self.assertIsNone(shown['project_id'])
        self.assertEqual('Connection refused', shown['reason'])

    def test_the_samples_of_the_guide_have_the_names_that_are_sent(self):
        text = DOCUMENT.read_text()
        samples = [
            json.loads(block)
            for block in re.findall(
                r'code-block:: json\n\n((?:   .*\n|\n)+)', text
            )
        ]

        self.assertEqual(
            set(notify.EVENT_TYPES.values()),
            {sample['event_type'] for sample in samples},
        )
        shown = notify.payload(status('DEGRADED'))
        for sample in samples:
            self.assertEqual(list(shown), list(sample['payload']))
            self.assertEqual(
                notify.priority(sample['payload']['to']).upper(),
                sample['priority'],
            )
            self.assertIn(f'* - ``{sample["event_type"]}``', text)


class TestPriority(base.BaseTestCase):
    def test_problems_have_a_higher_priority(self):
        for priority, words in (
            ('error', ['ERROR', 'DOWN']),
            ('warn', ['DEGRADED', 'FROZEN', 'SUSPECT', 'UNAUTHORIZED']),
            ('warn', ['MISCONFIGURED', 'UNSEEN']),
            ('warn', ['UNREACHABLE', 'MISSING', 'REJECTED', 'FAILED']),
            ('info', ['ACTIVE', 'SCALING', 'UP', 'RECOVERING', 'OK']),
        ):
            for word in words:
                self.assertEqual(priority, notify.priority(word), word)


class NotifierTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.config = self.useFixture(config_fixture.Config(cfg.ConfigOpts()))
        self.config.conf([], default_config_files=[], default_config_dirs=[])
        self.notifier = notify.Notifier(self.config.conf)
        self.addCleanup(self.notifier.stop)
        self.configure(transport_url='fake://')

    def configure(self, **options):
        self.config.config(group='oslo_messaging_notifications', **options)


class TestNotifier(NotifierTestCase):
    def start(self):
        """Start it with the driver that oslo.messaging has for tests."""
        self.configure(driver=['test'])
        self.notifier.start()
        driver = notify.oslo_messaging.notify._impl_test
        driver.reset()
        self.addCleanup(driver.reset)
        return driver

    def test_changes_are_sent_until_the_notifier_is_stopped(self):
        driver = self.start()
        self.notifier.emit([down('req-1')])
        self.notifier.emit(
            [status('DEGRADED', 'req-2'), status('ERROR', 'req-3')]
        )
        self.notifier.stop()

        self.assertEqual(
            [
                ('multicloud.cloud.state', 'ERROR', 'req-1'),
                ('multicloud.stack.status', 'WARN', 'req-2'),
                ('multicloud.stack.status', 'ERROR', 'req-3'),
            ],
            [
                (
                    shown['event_type'],
                    shown['priority'],
                    shown['payload']['request_id'],
                )
                for _, shown, _, _ in driver.NOTIFICATIONS
            ],
        )

    def test_notifier_is_disabled_without_a_driver(self):
        self.notifier.start()
        self.notifier.emit([down()])

        self.assertEqual(0, self.notifier.queue.qsize())
        self.assertIsNone(self.notifier.thread)


class TestTrouble(NotifierTestCase):
    def test_an_invalid_url_is_refused_and_not_quoted(self):
        for url in (
            'secret',
            'rabbit://u:secret@host:port/',
            'pigeon://secret@host',
        ):
            self.configure(transport_url=url)
            exc = self.assertRaises(
                exception.ConfigurationInvalid,
                notify.Notifier,
                self.config.conf,
            )
            self.assertIn('transport_url', str(exc))
            self.assertNotIn('secret', str(exc))

    def test_a_full_queue_drops_the_oldest_and_logs_it_at_intervals(self):
        self.useFixture(
            fixtures.MonkeyPatch(
                'heat_spreader.engine.notify.FLUSH_TIMEOUT', 0
            )
        )
        stuck = self.let_the_broker_hang()
        for number in range(notify.LONGEST_QUEUE + 4):
            self.notifier.emit([down(number)])
        self.assertEqual(1, self.log.output.count('were dropped'))
        kept = [shown['request_id'] for _, shown in self.notifier.queue.queue]
        self.assertEqual(notify.LONGEST_QUEUE, len(kept))
        self.assertEqual(notify.LONGEST_QUEUE + 3, kept[-1])
        self.assertEqual(sorted(kept), kept)
        self.notifier.stop()

        self.assertIn('notifications are lost', self.log.output)
        stuck.set()

    def let_the_broker_hang(self):
        """Let the thread hang in its first message, as with no broker."""
        freed, at_work = threading.Event(), threading.Event()

        def hang(*_):
            at_work.set()
            freed.wait()

        self.useFixture(
            fixtures.MonkeyPatch('oslo_messaging.Notifier._notify', hang)
        )
        self.configure(driver=['noop'])
        self.notifier.start()
        self.notifier.emit([down()])
        at_work.wait()
        self.addCleanup(freed.set)
        return freed
