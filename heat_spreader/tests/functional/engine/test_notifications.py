# SPDX-License-Identifier: Apache-2.0
"""What the engine tells the message bus; and that it needs none."""

import datetime
import socket

from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.engine import notify
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.engine import broker

STACK = 'multicloud.stack.status'
CLOUD = 'multicloud.cloud.state'
OUTAGE = ['UP', 'SUSPECT', 'DOWN', 'RECOVERING', 'UP']


class BrokerTestCase(base.ProcessTestCase):
    def setUp(self):
        if not broker.is_there():
            self.skipTest('There is no RabbitMQ here.')
        super().setUp()
        self.listener = self.useFixture(broker.Listener())

    def assert_heard_all_of_the_outage(self):
        told = [
            (event.id, event.request_id)
            for event in self.told(self.stack_id)
            if event.kind in notify.EVENT_TYPES
        ]
        self.listener.hear_out(len(told))
        heard = [said for *_, said in self.listener.heard]
        self.assertEqual(
            told,
            sorted((said['event_id'], said['request_id']) for said in heard),
        )
        self.assertEqual(
            OUTAGE,
            [
                said['to']
                for said in heard
                if said['cloud'] == 'stockholm' and not said['stack']
            ],
        )


class TestOutage(BrokerTestCase):
    def test_it_is_told_from_its_beginning_to_its_end(self):
        engine = self.start(**self.listener.options())
        self.listener.hear(STACK, 'ACTIVE')
        self.clouds['stockholm'].fault = faults.REFUSE
        priority, publisher, _, down = self.listener.hear(CLOUD, 'DOWN')
        self.assertEqual('error', priority)
        self.assertEqual(
            f'heat-spreader.engine:{socket.gethostname()}', publisher
        )
        self.assertIn('refused', down['reason'])
        priority, _, _, degraded = self.listener.hear(STACK, 'DEGRADED')
        self.assertEqual('warn', priority)
        self.assertEqual(
            {'id': self.stack_id, 'name': 'web'}, degraded['stack']
        )
        self.assertEqual('p', degraded['project_id'])
        self.assertIn('stockholm is unreachable', degraded['reason'])
        self.clouds['stockholm'].fault = None
        self.listener.hear(STACK, 'ACTIVE')
        self.assertEqual(0, engine.stop())

        self.assert_heard_all_of_the_outage()


class TestBrokerAway(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.door = self.useFixture(broker.Door())

    def test_a_failover_does_not_wait_and_is_told_afterwards(self):
        engine = self.start(**self.listener.options(self.door.url))
        self.wait_for(6, 2, 2)
        self.clouds['stockholm'].fault = faults.REFUSE
        self.wait_for(7, 3, 2, status='DEGRADED')
        self.assertFalse(self.listener.has_heard())
        self.door.open()
        self.listener.hear(STACK, 'DEGRADED')
        self.clouds['stockholm'].fault = None
        self.listener.hear(STACK, 'ACTIVE')
        self.assertEqual(0, engine.stop())

        self.assert_heard_all_of_the_outage()

    def test_the_end_of_the_engine_does_not_wait_for_it_for_long(self):
        engine = self.start(**self.listener.options(self.door.url))
        self.wait_for(6, 2, 2)
        self.assertEqual(0, engine.stop())

        log = engine.log.read_text()
        self.assertIn('notifications are lost', log)
        self.assertIn('The engine has stopped.', log)
        self.assertNotIn('Traceback', log)


class TestUrl(base.ProcessTestCase):
    def test_one_that_is_none_ends_the_start_with_a_line_about_it(self):
        engine = self.start(
            oslo_messaging_notifications={'transport_url': 'secret'}
        )

        self.assertEqual(1, engine.wait())
        log = engine.log.read_text()
        self.assertIn('heat-spreader-engine: The transport_url in ', log)
        self.assertNotIn('Traceback', log)
        self.assertNotIn('secret', log)


class TestWhatIsTold(base.FailoverTestCase):
    # So there is a change to write, and nothing to send to any cloud.
    wanted = {'failover': 'none'}

    def test_nothing_of_a_change_that_was_thrown_away(self):
        self.lose('stockholm')
        row, now = self.stack(self.stack_id), models.utcnow()
        later = now + datetime.timedelta(hours=1)
        self.assertTrue(leases.claim(self.ctx, row, 'other:1', now, later))
        self.engine.told.clear()
        self.engine.make_pass(self.stack_id)
        self.assertEqual([], self.engine.told)

        leases.settle(self.ctx, row, 'other:1', {}, {}, [])
        self.engine.make_pass(self.stack_id)
        self.assertEqual(
            ['MEMBER_STATE', 'STACK_STATUS'],
            [event.kind for event in self.engine.told],
        )
