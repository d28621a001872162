# SPDX-License-Identifier: Apache-2.0
"""A cloud that asks for fewer requests gets none for single stacks."""

import datetime
from unittest import mock

from heat_spreader import states
from heat_spreader.clouds import failure
from heat_spreader.clouds import pause
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

load_tests = db_base.load_tests

MANY = 30
FIRST, SECOND = base.NAMES[:2]


@db_base.on_every_database(base.EngineTestCase)
class Throttled:
    engine_options = {'max_updates_per_cloud': 1}

    def setUp(self):
        super().setUp()
        self.clock = mock.Mock(**{'monotonic.return_value': 1000.0})
        patched = mock.patch.object(pause, 'time', self.clock)
        patched.start()
        self.addCleanup(patched.stop)
        self.cloud = self.clouds[FIRST]
        self.ids = [self.add(f'a{number}') for number in range(MANY)]
        self.engine.survey()

    def add(self, name):
        for cloud in (FIRST, SECOND):
            self.clouds[cloud].add_stack(name, 1)
        return db_base.create_stack(
            self.ctx,
            name=name,
            count_parameter='count',
            weights=db_base.weights(**{FIRST: '0.5', SECOND: '0.5'}),
        ).id

    def throttle(self, retry_after='60'):
        """Let the first update get 429; return the requests until then."""
        fault = faults.answer(429, Retry_After=retry_after).only('PATCH')
        self.cloud.heat.fault = fault
        self.engine.reconcile()
        self.cloud.heat.fault = None
        return self.requests()

    def requests(self):
        """The requests for single stacks that have reached the cloud."""
        return [r for r in self.cloud.requests if '/stacks/' in r.path]

    def go_on(self, seconds):
        """Let time pass, after which every stack is due."""
        self.clock.monotonic.return_value += seconds
        self.let_the_back_off_end()
        self.engine.reconcile()

    def members(self):
        return [self.member(each, FIRST) for each in self.ids]

    def test_no_request_is_sent_before_the_time_is_over(self):
        before = self.throttle()
        updates = [r for r in before if r.method == 'PATCH']
        self.assertEqual(1, len(updates))

        self.go_on(59)
        self.engine.survey(FIRST)
        self.assertEqual(before, self.requests())

        self.go_on(1)
        counts = {self.cloud.stack(f'a{n}').count for n in range(MANY)}
        self.assertEqual({5}, counts)

    def test_stacks_that_are_held_count_no_failure_and_have_no_event(self):
        self.throttle()

        members = self.members()
        held = [m for m in members if not m.failures]
        self.assertEqual(MANY - 1, len(held))
        self.assertEqual({None}, {m.last_error for m in held})
        self.assertEqual({None}, {m.retry_at for m in held})
        events = [
            event
            for stack_id in self.ids
            for event in self.events_of(
                stack_id, states.EventKind.MEMBER_PATCHED
            )
            if event.cloud == FIRST
        ]
        self.assertEqual(['BACKED_OFF'], [e.details['result'] for e in events])

    def test_stacks_that_are_held_wait_without_a_lease(self):
        self.throttle()
        owners = {self.stack(each).lease_owner for each in self.ids}
        owners.update(member.lease_owner for member in self.members())
        self.assertEqual({None}, owners)
        # They are not due until the time is over.
        for _ in range(2):
            self.engine.reconcile()
        self.assertEqual(0, self.engine.reconcile())
        later = models.utcnow() + datetime.timedelta(seconds=60)
        due = leases.due(self.ctx, later, self.engine.name)
        self.assertEqual(MANY, len(due))

    def test_other_clouds_get_their_updates(self):
        self.throttle()
        self.assertEqual(MANY, len(self.clouds[SECOND].patches))

    def test_surveys_go_on_and_notice_an_outage(self):
        self.throttle()
        lists = len(self.cloud.requests)
        self.engine.survey(FIRST)
        self.assertLess(lists, len(self.cloud.requests))
        self.assertEqual('UP', self.cloud_states()[FIRST])

        self.cloud.fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey(FIRST)
        self.assertEqual('DOWN', self.cloud_states()[FIRST])

    def test_survey_that_is_throttled_holds_updates_too(self):
        self.cloud.heat.fault = faults.answer(429, Retry_After='60')
        self.engine.survey(FIRST)
        self.cloud.heat.fault = None
        before = self.requests()

        self.engine.reconcile()
        self.assertEqual(before, self.requests())

        self.go_on(60)
        self.assertEqual(MANY, len(self.cloud.patches))

    def test_change_by_the_user_does_not_end_the_wait(self):
        before = self.throttle()
        for each in self.ids:
            stacks_db.update(self.ctx, each, {'count': 20})
        self.engine.reconcile()
        self.assertEqual(before, self.requests())

    def test_absurd_time_is_capped(self):
        before = self.throttle('99999999')
        self.go_on(failure.MAX_RETRY_AFTER - 1)
        self.assertEqual(before, self.requests())

        self.go_on(1)
        self.assertLess(len(before), len(self.requests()))
