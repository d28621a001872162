# SPDX-License-Identifier: Apache-2.0
"""The testbed itself: clouds that start, fail on demand and end."""

import contextlib
import os
import pathlib
import shutil
import signal
import sys

from keystoneauth1 import exceptions as ksa_exc
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import cache
from heat_spreader.tests.real.testbed import testbed


class TestTestbed(base.BaseTestCase):
    """What the tests of the real service rely on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bed = testbed.Testbed()
        cls.addClassCleanup(cls.bed.close)
        cls.bed.start()

    def test_clouds_are_independent(self):
        """Each has its own stacks, and a token is valid in one cloud only."""
        athens, berlin, cairo = self.bed.clouds.values()
        athens.create_stack('apart', 1)

        self.assertEqual('CREATE_COMPLETE', athens.status('apart'))
        self.assertIsNone(berlin.status('apart'))
        self.assertIsNone(cairo.status('apart'))

        foreign = athens.stack_connection().auth_token
        heat = berlin.stack_connection().orchestration
        headers = {'X-Auth-Token': foreign}
        answer = heat.get('/stacks', authenticated=False, headers=headers)
        self.assertEqual(401, answer.status_code)

    def test_stack_grows_by_its_parameter(self):
        """A PATCH changes the count at once and the instances later."""
        cloud = self.bed.home
        cloud.create_stack('growing', 2)
        self.assertEqual(2, cloud.group_members('growing'))

        cloud.set_count('growing', 3)
        self.assertEqual(3, cloud.count('growing'))
        cloud.wait_complete('growing')

        self.assertEqual('UPDATE_COMPLETE', cloud.status('growing'))
        self.assertEqual(3, cloud.group_members('growing'))

        cloud.delete_stack('growing')
        self.assertIsNone(cloud.status('growing'))

    def test_suspended_heat_does_not_answer_until_resumed(self):
        """Requests to it time out; afterwards it answers as before."""
        cloud = self.bed.clouds['berlin']
        heat = cloud.stack_connection(timeout=1).orchestration
        cloud.heat.suspend()
        self.addCleanup(cloud.heat.resume)

        self.assertRaises(ksa_exc.ConnectTimeout, heat.get, '/stacks')

        cloud.heat.resume()
        # Its first answer may be that it cannot reach Keystone in time.
        patient = cloud.stack_connection().orchestration
        process.wait_until(
            lambda: patient.get('/stacks').status_code == 200,
            lambda: 'Heat does not answer as before',
        )

    def test_killed_heat_refuses_and_comes_back_with_its_stacks(self):
        """No one else gets its port, and its database is complete."""
        cloud = self.bed.clouds['cairo']
        cloud.create_stack('surviving', 2)
        cloud.heat.kill()
        self.addCleanup(cloud.heat.start)

        self.assertFalse(cloud.heat.is_running())
        self.assertRaises(ksa_exc.ConnectFailure, cloud.status, 'surviving')

        cloud.heat.start()
        self.assertEqual(2, cloud.count('surviving'))
        self.assertEqual(2, cloud.group_members('surviving'))

    def test_stopped_heat_finishes_updates_in_progress(self):
        """An update under way is COMPLETE when Heat has stopped."""
        cloud = self.bed.clouds['cairo']
        cloud.create_stack('finishing', 1)
        cloud.set_count('finishing', 3)
        cloud.heat.stop()
        self.addCleanup(cloud.heat.start)

        cloud.heat.start()
        self.assertEqual('UPDATE_COMPLETE', cloud.status('finishing'))
        self.assertEqual(3, cloud.group_members('finishing'))

    def test_catalog_has_the_last_registered_url_for_every_user(self):
        """Users of every project find the URL that was set last."""
        self.bed.register_service('http://127.0.0.1:1')
        self.bed.register_service('http://127.0.0.1:2')

        for user in ('alice', 'rita', 'bob', 'admin', 'multicloud'):
            with self.bed.connection(user) as connection:
                self.assertEqual(
                    'http://127.0.0.1:2',
                    connection.endpoint_for('multicloud'),
                )


class TestEnd(base.BaseTestCase):
    """A testbed leaves no process, however it ends."""

    def test_everything_ends_with_the_testbed(self):
        """Suspended processes too."""
        with testbed.Testbed(['athens']) as bed:
            cloud = bed.home
            cloud.keystone.suspend()
            self.assertEqual(2, len(_processes_of(bed.directory)))

        self.assertEqual([], _processes_of(bed.directory))
        self.assertFalse(bed.directory.exists())

    def test_everything_ends_when_the_testbed_is_killed(self):
        """After a kill -9 only the watchdog can clean up."""
        module = 'heat_spreader.tests.real.testbed'
        kept = str(cache.directory())
        killed = self.useFixture(
            process.Process(
                [sys.executable, '-m', module, '--clouds', '1'],
                # The test's home is a temporary one and has no cache.
                env=process.environ(HEAT_SPREADER_TESTBED_DIR=kept),
            )
        )
        killed.start()
        found = killed.wait_for('OS_CLIENT_CONFIG_FILE=(.*)', timeout=1200)
        directory = pathlib.Path(found[1]).parent
        self.addCleanup(shutil.rmtree, directory)
        left = _processes_of(directory)
        os.kill(left[0], signal.SIGSTOP)
        killed.kill()

        self.assertEqual(2, len(left))
        process.wait_until(
            lambda: not _processes_of(directory),
            lambda: f'{_processes_of(directory)} are left',
            timeout=10,
        )


def _processes_of(directory):
    """Find the processes that were started with files of a directory."""
    found = []
    for place in pathlib.Path('/proc').glob('[0-9]*'):
        # Processes of others may not be read, and any of them may end.
        with contextlib.suppress(OSError):
            recorded = place.joinpath('cmdline').read_bytes()
            recorded += place.joinpath('environ').read_bytes()
            if os.fsencode(directory) in recorded:
                found.append(int(place.name))
    return found
