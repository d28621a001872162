# SPDX-License-Identifier: Apache-2.0
"""Notifications of the engine, which works without a message bus too."""

import itertools
import socket

from heat_spreader.db import leases
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
        """Every change was heard: each begins where the last one ended."""
        subjects = {}
        for *_, content in self.listener.heard:
            stack = content['stack'] and content['stack']['id']
            changes = subjects.setdefault((stack, content['cloud']), [])
            changes.append((content['from'], content['to']))
        for changes in subjects.values():
            for (_, reached), (left, _) in itertools.pairwise(changes):
                self.assertEqual(reached, left)
        row = self.stack(self.stack_id)
        reached = {
            subject: changes[-1][1] for subject, changes in subjects.items()
        }
        self.assertEqual(
            {
                (row.id, None): row.status,
                **{(row.id, m.cloud): m.state for m in row.members},
                **{(None, m.cloud): 'UP' for m in row.members},
            },
            reached,
        )
        self.assertEqual(
            [*itertools.pairwise(OUTAGE)],
            subjects[None, 'cairo'][-len(OUTAGE) + 1 :],
        )


class TestOutage(BrokerTestCase):
    def test_outage_is_sent_from_start_to_end(self):
        engine = self.start(**self.listener.options())
        self.listener.hear(STACK, 'ACTIVE')
        self.clouds['cairo'].fault = faults.REFUSE
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
        self.assertIn('cairo has been unreachable', degraded['reason'])
        self.clouds['cairo'].fault = None
        self.listener.hear(STACK, 'ACTIVE')
        self.assertEqual(0, engine.stop())

        self.assert_heard_all_of_the_outage()


class TestBrokerAway(BrokerTestCase):
    def setUp(self):
        super().setUp()
        self.broker = self.useFixture(broker.ClosedBroker())

    def test_a_failover_does_not_wait_for_the_broker_and_is_sent_afterwards(
        self,
    ):
        engine = self.start(**self.listener.options(self.broker.url))
        self.wait_for(6, 2, 2)
        self.clouds['cairo'].fault = faults.REFUSE
        self.wait_for(7, 3, 2, status='DEGRADED')
        self.assertFalse(self.listener.has_heard())
        self.broker.open()
        self.listener.hear(STACK, 'DEGRADED')
        self.clouds['cairo'].fault = None
        self.listener.hear(STACK, 'ACTIVE')
        self.assertEqual(0, engine.stop())

        self.assert_heard_all_of_the_outage()

    def test_the_engine_does_not_wait_long_for_the_broker_at_its_end(self):
        engine = self.start(**self.listener.options(self.broker.url))
        self.wait_for(6, 2, 2)
        self.assertEqual(0, engine.stop())

        log = engine.log.read_text()
        self.assertIn('notifications are lost', log)
        self.assertIn('The engine has stopped.', log)
        self.assertNotIn('Traceback', log)


class TestUrl(base.ProcessTestCase):
    def test_an_invalid_url_ends_the_start_with_a_message(self):
        engine = self.start(
            oslo_messaging_notifications={'transport_url': 'secret'}
        )

        self.assertEqual(1, engine.wait())
        log = engine.log.read_text()
        self.assertIn('heat-spreader-engine: The transport_url in ', log)
        self.assertNotIn('Traceback', log)
        self.assertNotIn('secret', log)


class TestEmittedEvents(base.FailoverTestCase):
    # So there is a change to write, and nothing to send to any cloud.
    wanted = {'failover': 'none'}

    def test_nothing_is_emitted_for_a_discarded_change(self):
        self.lose('cairo')
        row = self.stack(self.stack_id)
        self.assertTrue(leases.claim(self.ctx, row, 'other:1'))
        self.engine.emitted.clear()
        self.engine.make_pass(self.stack_id)
        self.assertEqual([], self.engine.emitted)

        leases.settle(self.ctx, leases.Settlement(row, 'other:1', {}))
        self.engine.make_pass(self.stack_id)
        self.assertEqual(
            ['MEMBER_STATE', 'STACK_STATUS'],
            [change.kind for change in self.engine.emitted],
        )
