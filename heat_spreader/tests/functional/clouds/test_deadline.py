# SPDX-License-Identifier: Apache-2.0
"""A call ends at its deadline, whatever the cloud or the network does."""

import concurrent.futures
import socket
import threading
from unittest import mock

from heat_spreader import exception
from heat_spreader.clouds import call
from heat_spreader.tests.functional.clouds import base
from heat_spreader.tests.functional.emulator import faults


class TestDeadline(base.CloudTestCase):
    """The timeouts of requests are never met here."""

    deadline = 1.0

    def setUp(self):
        super().setUp()
        self.stack = self.remote.add_stack('web', 3)

    def check_unanswered(self, function, *args):
        error = self.assertRaises(exception.CloudUnreachable, function, *args)
        self.assertIn('has not answered completely within 1 s', str(error))

    def check_every_call(self, fault):
        for function, *args in (
            (self.cloud.list_stacks, ['web']),
            (self.cloud.read_stack, 'web', self.stack.id, 'count'),
            (self.cloud.set_parameter, 'web', self.stack.id, 'count', 4),
        ):
            self.remote.fault = None
            self.cloud.list_stacks([])
            self.remote.heat.fault = fault
            self.check_unanswered(function, *args)

    def test_cloud_that_hangs_ends_every_call(self):
        self.check_every_call(faults.HANG)

    def test_answer_that_drips_ends_every_call(self):
        self.check_every_call(faults.DRIP)

    def test_authentication_has_no_deadline_of_its_own(self):
        for fault in (faults.HANG, faults.DRIP):
            self.remote.keystone.fault = fault
            self.check_unanswered(self.cloud.list_stacks, [])

    def test_call_goes_on_where_the_one_before_it_was_given_up(self):
        self.remote.keystone.fault = faults.HANG
        first = self.cloud.begin_probe(base.SHORT)
        second = self.cloud.begin_list([])
        self.assertRaises(exception.CloudUnreachable, first.result)
        self.assertFalse(second.future.done())
        self.remote.fault = None
        self.assertEqual([], second.result())

    def test_thread_of_a_call_that_is_given_up_ends(self):
        for service in (self.remote.heat, self.remote.keystone):
            for fault in (faults.HANG, faults.DRIP):
                self.remote.fault = None
                self.cloud.list_stacks([])
                if service is self.remote.keystone:
                    self.cloud = self.make_cloud()
                service.fault = fault
                given_up = self.cloud.begin_list([])
                self.check_unanswered(given_up.result)
                done, _ = concurrent.futures.wait(
                    [given_up.future], base.FOR_EVER
                )
                self.assertTrue(done)

    def test_update_is_not_sent_after_its_deadline(self):
        self.remote.keystone.fault = faults.HANG
        update = self.cloud._calls.begin(
            self.cloud._request, 'PATCH', f'/stacks/web/{self.stack.id}', 202
        )
        self.check_unanswered(update.result)

        self.remote.fault = None

        concurrent.futures.wait([update.future], base.FOR_EVER)
        self.assertEqual([], self.remote.patches)

    def test_more_calls_than_threads_end_at_their_deadline(self):
        self.cloud.list_stacks([])
        self.remote.heat.fault = faults.HANG
        calls = [self.cloud.begin_list([]) for _ in range(call.MAX_CALLS + 1)]
        for each in calls:
            self.check_unanswered(each.result)

    def test_name_server_that_hangs_delays_no_other_cloud(self):
        released = threading.Event()
        find = socket.getaddrinfo

        def hang(host, *args, **kwargs):
            if host == 'hung.example':
                released.wait()
            return find(host, *args, **kwargs)

        self.addCleanup(released.set)
        healthy = self.make_cloud()
        healthy.list_stacks([])
        self.remote._keystone.heat_url = 'http://hung.example:1'
        with mock.patch.object(socket, 'getaddrinfo', hang):
            hung = self.cloud.begin_list([])
            self.assertEqual(1, len(healthy.list_stacks(['web'])))
            self.assertFalse(hung.future.done())
            self.check_unanswered(hung.result)
            released.set()
            concurrent.futures.wait([hung.future], base.FOR_EVER)

    def test_long_list_has_a_deadline_for_each_page(self):
        for number in range(2500):
            self.remote.add_stack(f'a-stack-with-a-long-name-{number}', 1)
        self.cloud.list_stacks([])
        self.remote.heat.fault = faults.slow(0.6)
        names = [stack.name for stack in self.remote.stacks()]
        self.assertEqual(len(names), len(self.cloud.list_stacks(names)))
