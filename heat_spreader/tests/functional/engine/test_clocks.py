# SPDX-License-Identifier: Apache-2.0
"""Hosts whose clocks do not agree, and clocks that are set while they run."""

import os
import pathlib

import fixtures

from heat_spreader.tests import process
from heat_spreader.tests.functional.db import servers
from heat_spreader.tests.functional.engine import base

# libfaketime refuses a sleep until a moment that is over, as time.sleep(0) is.
SLEEP = """
import contextlib, time

def sleep(seconds, sleep=time.sleep):
    with contextlib.suppress(OSError):
        sleep(seconds)

time.sleep = sleep
"""
LIBRARIES = '*/faketime/libfaketimeMT.so.1'


class Clocks(servers.OnServer):
    """Each program has a clock of its own; the database has the right one."""

    def setUp(self):
        found = [*pathlib.Path('/usr/lib').glob(LIBRARIES)]
        if not found:
            self.skipTest(f'there is no /usr/lib/{LIBRARIES}: faketime')
        self.library = str(found[0])
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        (self.directory / 'sitecustomize.py').write_text(SLEEP)

    def clock(self, **variables):
        """The environment of a program whose clock is another one."""
        path = [str(self.directory), os.environ.get('PYTHONPATH', '')]
        return {
            'LD_PRELOAD': self.library,
            'PYTHONPATH': os.pathsep.join(filter(None, path)),
            # No clock that is set changes the one that only counts.
            'FAKETIME_DONT_FAKE_MONOTONIC': '1',
            **variables,
        }

    def check_served(self, api, count):
        """A change is carried out, and every cloud is surveyed again."""
        before = self.surveys()
        status, document = api.request(
            'PATCH', f'/v1/stacks/{self.stack_id}', {'count': count}
        )
        self.assertEqual(200, status, document)
        process.wait_until(
            lambda: sum(self.counts_in_heat()) == count,
            lambda: self.give_up(f'{count} were not reached'),
        )
        process.wait_until(
            lambda: all(
                after >= 3 + number
                for number, after in zip(before, self.surveys(), strict=True)
            ),
            lambda: self.give_up('a cloud was not surveyed'),
        )
        # A busy host may miss one survey.
        process.wait_until(
            lambda: set(self.cloud_states().values()) == {'UP'},
            lambda: self.give_up(f'not all are UP: {self.cloud_states()}'),
        )

    def surveys(self):
        """The number of lists that each cloud was asked for."""
        return [
            sum(request.path.endswith('/stacks') for request in cloud.requests)
            for cloud in self.clouds.values()
        ]

    def check_hosts(self, of_api, of_engine):
        api = self.start_api(environ=self.clock(FAKETIME=of_api))
        self.start(environ=self.clock(FAKETIME=of_engine))
        self.check_served(api, 20)
        # The user's change comes at a time that is over for the engine, or
        # is still to come.
        self.check_served(api, 10)
        self.check_no_violation()

    def test_engine_behind_the_api_carries_changes_out(self):
        self.check_hosts('+10m', '-10m')

    def test_engine_ahead_of_the_api_carries_changes_out(self):
        self.check_hosts('-10m', '+10m')

    def test_clock_that_is_set_does_not_stop_the_surveys(self):
        file = self.directory / 'clock'
        file.write_text('+0')
        api = self.start_api()
        self.start(
            environ=self.clock(
                FAKETIME_TIMESTAMP_FILE=str(file), FAKETIME_NO_CACHE='1'
            )
        )
        for count, clock in enumerate(('+0', '-1h', '+1h'), 10):
            file.write_text(clock)
            self.check_served(api, count)
        self.check_no_violation()


class TestClocksOnMariaDB(Clocks, base.ProcessTestCase):
    server_class = servers.MariaDBServer


class TestClocksOnPostgreSQL(Clocks, base.ProcessTestCase):
    server_class = servers.PostgreSQLServer
