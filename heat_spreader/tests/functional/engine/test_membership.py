# SPDX-License-Identifier: Apache-2.0
"""Several engines share the clouds and the stacks, through real backends."""

import socket
import uuid

import fixtures
from oslotest import base

from heat_spreader.engine import membership
from heat_spreader.tests.functional import fixtures as our_fixtures

STACKS = [str(number) for number in range(40)]
REDIS = ('127.0.0.1', 6379)


class SharingTestCase:
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


class TestFile(SharingTestCase, base.BaseTestCase):
    def backend_url(self):
        return f'file://{self.useFixture(fixtures.TempDir()).path}'


class TestRedis(SharingTestCase, base.BaseTestCase):
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
