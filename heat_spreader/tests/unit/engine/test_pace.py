# SPDX-License-Identifier: Apache-2.0
"""The tokens for updates that an outage causes."""

from oslotest import base

from heat_spreader.engine import pace

# Tokens a second: one in four seconds.
RATE = 0.25


class TestBucket(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.bucket = pace.Bucket(most=1)
        self.now = 100.0

    def take(self, *stacks, rate=RATE):
        return [self.bucket.take(each, rate, self.now) for each in stacks]

    def test_stacks_are_spread_over_the_time_in_their_order(self):
        self.assertEqual([0, 4, 8, 12], self.take('a', 'b', 'c', 'd'))

        self.now += 4
        self.assertEqual([0], self.take('b'))
        self.now += 4
        self.assertEqual([0], self.take('c'))

    def test_half_of_the_rate_is_twice_the_time(self):
        self.assertEqual([0, 8, 16], self.take('a', 'b', 'c', rate=RATE / 2))

    def test_no_more_tokens_are_kept_than_the_most(self):
        self.now += 1000
        self.assertEqual([0, 4], self.take('a', 'b'))

    def test_stack_that_asks_again_has_one_place(self):
        self.take('a')
        self.assertEqual([4, 4], self.take('b', 'b'))

    def test_stack_that_needs_no_update_any_more_gives_its_place_up(self):
        self.take('a', 'b', 'c')
        self.bucket.forget('b')
        self.assertEqual([8], self.take('d'))

    def test_stack_that_does_not_come_loses_its_place(self):
        self.take('a', 'b', 'c')
        self.now += 17
        self.assertEqual([0, 4], self.take('d', 'e'))

    def test_no_stack_waits_longer_than_the_cap(self):
        waits = self.take(*range(100))
        self.assertEqual(pace.LONGEST_WAIT, waits[-1])
