# SPDX-License-Identifier: Apache-2.0
"""The requests to one cloud wait for their turn."""

import threading

from oslotest import base

from heat_spreader.engine import lane


class TestLane(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.lane = lane.Lane('athens', 1)
        self.answer, self.begun = threading.Event(), threading.Event()
        self.addCleanup(self.lane.stop)
        self.addCleanup(self.answer.set)
        self.sent = []

    def begin(self, *names):
        return [self.lane.begin(n[0], self.sent.append, n) for n in names]

    def hang(self):
        """Begin a request that is not answered yet."""

        def wait():
            self.begun.set()
            self.answer.wait()

        request = self.lane.begin('a', wait)
        self.begun.wait()
        return request

    def test_projects_take_turns(self):
        self.hang()
        requests = self.begin('a1', 'a2', 'a3', 'b1', 'c1', 'b2')
        self.answer.set()

        for request in requests:
            request.future.result()

        self.assertEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3'], self.sent)

    def test_request_that_is_cancelled_is_not_sent(self):
        self.hang()
        _, second, third = self.begin('a1', 'a2', 'a3')
        self.assertTrue(second.future.cancel())
        self.answer.set()
        third.future.result()

        self.assertEqual(['a1', 'a3'], self.sent)
        self.assertTrue(second.cancelled)

    def test_failure_is_that_of_the_request(self):
        def fail():
            raise KeyError('name')

        request = self.lane.begin('a', fail)

        self.assertRaises(KeyError, request.future.result)

    def test_stop_cancels_what_waits_and_waits_for_the_others(self):
        hanging = self.hang()
        requests = self.begin('a1', 'b1')
        # The one that hangs is answered only after that.
        requests[-1].future.add_done_callback(lambda _: self.answer.set())
        self.lane.stop()

        self.assertTrue(hanging.ended)
        self.assertFalse(hanging.cancelled)
        self.assertEqual([True, True], [r.cancelled for r in requests])
        self.assertTrue(self.begin('c1')[0].cancelled)
        self.assertEqual([], self.sent)
