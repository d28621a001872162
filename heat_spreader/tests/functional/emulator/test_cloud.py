# SPDX-License-Identifier: Apache-2.0
"""The emulated cloud behaves as real Heat was observed to."""

import concurrent.futures
import threading

import requests
from oslotest import base

from heat_spreader.tests.functional.emulator import app
from heat_spreader.tests.functional.emulator import cloud
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import world


class Clock:
    now = 1_800_000_000.0

    def __call__(self):
        return self.now


class TestWorld(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.clock = Clock()
        self.world = world.World(self.clock, update_seconds=10)
        self.stack = self.world.add_stack('web', 2)

    def patch(self, value):
        self.world.patch('web', self.stack.id, {'count': value})

    def state(self):
        stack = self.world.stack('web')
        return stack.status, stack.count, self.world.really_ready('web')

    def test_new_instances_become_ready_one_after_the_other(self):
        self.patch(6)
        self.assertEqual(('UPDATE_IN_PROGRESS', 6, 2), self.state())
        self.clock.now += 5
        self.assertEqual(('UPDATE_IN_PROGRESS', 6, 4), self.state())
        self.clock.now += 5
        self.assertEqual(('UPDATE_COMPLETE', 6, 6), self.state())

    def test_removed_instances_disappear_at_once(self):
        self.patch(1)
        self.assertEqual(('UPDATE_IN_PROGRESS', 1, 1), self.state())
        self.clock.now += 10
        self.assertEqual(('UPDATE_COMPLETE', 1, 1), self.state())

    def test_updates_are_dated_in_whole_seconds(self):
        self.assertIsNone(self.stack.updated_at)
        self.clock.now += 0.75
        self.patch(3)
        updated_at = self.world.stack('web').updated_at
        self.assertEqual('2027-01-15T08:00:00Z', updated_at)

    def test_a_second_patch_keeps_the_stack_in_progress_forever(self):
        self.patch(3)
        self.patch(4)
        self.clock.now += 1000
        self.assertEqual(('UPDATE_IN_PROGRESS', 3, 2), self.state())
        self.assertEqual(
            ['PATCH of web while in progress'], self.world.violations
        )

    def test_a_failed_update_leaves_some_instances(self):
        self.world.fail_next('web', 3)
        self.patch(5)
        self.clock.now += 10
        self.assertEqual(('UPDATE_FAILED', 5, 3), self.state())
        states = [status for _, status in self.world.stack('web').members()]
        self.assertEqual(
            ['CREATE_COMPLETE'] * 3 + ['CREATE_FAILED'] * 2, states
        )
        self.patch(5)
        self.clock.now += 10
        self.assertEqual(('UPDATE_COMPLETE', 5, 5), self.state())

    def test_refuses_what_heat_refuses(self):
        self.world.add_stack('small', 1, max_count=3)
        small = self.world.stack('small')
        for stack, value in ((self.stack, -1), (self.stack, 'x'), (small, 4)):
            error = self.assertRaises(
                world.Refused,
                self.world.patch,
                stack.name,
                stack.id,
                {'count': value},
            )
            self.assertEqual(400, error.status)

    def test_other_users_may_change_the_stack(self):
        self.world.update('web', 4)
        self.world.finish('web')
        self.assertEqual(('UPDATE_COMPLETE', 4, 4), self.state())
        self.world.suspend('web')
        self.assertRaises(world.Refused, self.patch, 5)
        self.world.resume('web')
        self.assertEqual(('RESUME_COMPLETE', 4, 4), self.state())
        self.world.delete('web')
        self.assertEqual(0, self.world.really_ready('web'))
        self.assertEqual([], self.world.stacks())


class TestEmulatedCloud(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.remote = cloud.EmulatedCloud('east', update_seconds=None)
        self.addCleanup(self.remote.stop)
        self.remote.start()
        self.session = requests.Session()

    def log_in(self):
        user = {'name': app.USER, 'password': self.remote.password}
        answer = self.session.post(
            f'{self.remote.keystone.url}/v3/auth/tokens',
            json={'auth': {'identity': {'password': {'user': user}}}},
        )
        token = answer.headers['X-Subject-Token']
        self.session.headers['X-Auth-Token'] = token

    def url(self, path=''):
        return f'{self.remote.heat.url}/v1/{app.PROJECT}/stacks{path}'

    def test_keeps_its_ports_through_every_fault(self):
        self.log_in()
        url = self.url()
        for fault in (faults.REFUSE, faults.UNANSWERED, faults.REFUSE):
            self.remote.fault = fault
            self.assertRaises(
                requests.ConnectionError, self.session.get, url, timeout=0.1
            )
            self.remote.fault = None
            self.assertEqual(200, self.session.get(url).status_code)

    def test_hanging_requests_end_with_the_fault(self):
        arrived = threading.Event()
        self.remote.heat.record = lambda request: arrived.set()
        with concurrent.futures.ThreadPoolExecutor(1) as pool:
            self.remote.fault = faults.HANG
            waiting = pool.submit(self.session.get, self.url())
            arrived.wait(60)
            self.remote.fault = None
            self.assertIsInstance(
                waiting.exception(60), requests.ConnectionError
            )

    def test_shows_each_patch_to_the_observer_before_it_is_answered(self):
        seen = []

        def observer(remote, request):
            seen.append((remote.stack('web').count, request.status))

        stack = self.remote.add_stack('web', 1)
        self.remote.observer = observer
        self.log_in()
        for value in (2, -1):
            self.session.patch(
                self.url(f'/web/{stack.id}'),
                json={'parameters': {'count': value}},
            )
        self.assertEqual([(2, 202), (2, 400)], seen)

    def test_name_redirects_to_the_stack(self):
        stack = self.remote.add_stack('web', 1)
        self.log_in()
        answer = self.session.get(self.url('/web'))
        self.assertEqual(stack.id, answer.json()['stack']['id'])
        self.assertEqual(302, answer.history[0].status_code)
        self.remote.delete('web')
        answer = self.session.get(self.url(f'/web/{stack.id}'))
        self.assertEqual(
            'DELETE_COMPLETE', answer.json()['stack']['stack_status']
        )
