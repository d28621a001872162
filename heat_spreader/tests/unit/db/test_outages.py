# SPDX-License-Identifier: Apache-2.0
"""What is logged while the database cannot be used."""

import contextlib
import logging
from unittest import mock

import fixtures
from oslotest import base

from heat_spreader.db import failures
from heat_spreader.db import outages


class TestOutage(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger(level=logging.INFO))
        self.outage = outages.Outage()
        clock = mock.patch('time.monotonic', autospec=True, return_value=0)
        self.clock = clock.start()
        self.addCleanup(clock.stop)

    def fail(self, kind=failures.CannotConnect):
        with contextlib.suppress(kind), self.outage.watch():
            raise kind(Exception('no'))

    def succeed(self, writes):
        with self.outage.watch(writes):
            pass

    def lines(self):
        return self.log.output.splitlines()

    def test_logged_once_and_then_with_increasing_delay(self):
        for second in range(1000):
            self.clock.return_value = second
            self.fail()

        self.assertEqual(
            ['The database cannot be used: no']
            + [
                f'The database has been unusable for {seconds} seconds: no'
                for seconds in (10, 30, 70, 150, 310, 630)
            ],
            self.lines(),
        )

    def test_read_ends_an_outage_but_not_one_of_the_writes(self):
        back = 'The database can be used again.'
        self.fail()
        self.succeed(writes=False)
        self.assertEqual(back, self.lines()[-1])

        self.fail(failures.DiskFull)
        self.succeed(writes=False)
        self.assertEqual(3, len(self.lines()))
        self.assertTrue(self.outage.refuses_writes)
        self.succeed(writes=True)
        self.assertEqual(back, self.lines()[-1])
        self.assertFalse(self.outage.refuses_writes)

    def test_lock_is_no_outage(self):
        for _ in range(3):
            self.fail(failures.Locked)
            self.succeed(writes=True)

        (line,) = self.lines()
        self.assertIn('locks the database for too long', line)
