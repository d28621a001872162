# SPDX-License-Identifier: Apache-2.0
"""Several engines share the clouds and the stacks, through real backends."""

import os
import socket
import subprocess
import sys
import uuid

import fixtures
from oslotest import base

from heat_spreader.engine import membership
from heat_spreader.tests.functional import fixtures as our_fixtures

STACKS = [str(number) for number in range(40)]
REDIS = ('127.0.0.1', 6379)


class SharingTest:
    """What must hold with every backend."""

    def join(self, name):
        self.useFixture(
            fixtures.MockPatchObject(
                membership, 'engine_name', return_value=name
            )
        )
        member = membership.Membership(self.configuration.conf)
        member.start()
        self.addCleanup(member.stop)
        return member

    def owned(self, member):
        return {name for name in STACKS if member.owns('stack', name)}

    def setUp(self):
        super().setUp()
        # A group of its own, so that runs at the same time do not meet.
        group = f'heat-spreader-{uuid.uuid4()}'.encode()
        self.useFixture(fixtures.MockPatchObject(membership, 'GROUP', group))
        self.configuration = self.useFixture(
            our_fixtures.Configuration(
                coordination={'backend_url': self.backend_url()}
            )
        )

    def test_two_engines_share_all_and_nothing_twice(self):
        first, second = self.join('host:1'), self.join('host:2')
        for member in (first, second):
            member.refresh()

        mine, theirs = self.owned(first), self.owned(second)

        self.assertEqual(set(STACKS), mine | theirs)
        self.assertEqual(set(), mine & theirs)
        self.assertTrue(mine)
        self.assertTrue(theirs)

    def test_what_an_engine_leaves_the_other_takes_over(self):
        first, second = self.join('host:1'), self.join('host:2')
        first.refresh()
        second.stop()
        first.refresh()

        self.assertEqual(set(STACKS), self.owned(first))


class TestFile(SharingTest, base.BaseTestCase):
    def backend_url(self):
        return f'file://{self.useFixture(fixtures.TempDir()).path}'


class TestRedis(SharingTest, base.BaseTestCase):
    def backend_url(self):
        try:
            socket.create_connection(REDIS, timeout=1).close()
        except OSError:
            self.skipTest('There is no Redis on this machine.')
        return 'redis://{}:{}'.format(*REDIS)


class TestAlone(base.BaseTestCase):
    def test_engine_without_a_backend_owns_everything(self):
        configuration = self.useFixture(our_fixtures.Configuration())
        member = membership.Membership(configuration.conf)
        member.start()
        self.addCleanup(member.stop)

        self.assertTrue(member.owns('cloud', 'athens'))
        self.assertTrue(member.owns('stack', 'any'))


class TestGone(base.BaseTestCase):
    def test_only_an_ended_process_of_this_host_is_gone(self):
        host = socket.gethostname()

        self.assertFalse(membership.is_gone(f'{host}:1'))
        self.assertFalse(membership.is_gone('elsewhere:999999999'))
        self.assertTrue(membership.is_gone(f'{host}:999999999'))
        self.assertTrue(membership.is_gone(membership.engine_name()))

    def test_killed_process_that_nobody_waited_for_is_gone(self):
        child = subprocess.Popen(
            [sys.executable, '-c', 'input()'], stdin=subprocess.PIPE
        )
        name = f'{socket.gethostname()}:{child.pid}'
        self.assertFalse(membership.is_gone(name))
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)

        self.assertTrue(membership.is_gone(name))
        child.wait()
