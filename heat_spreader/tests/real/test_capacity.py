# SPDX-License-Identifier: Apache-2.0
"""Clouds without room, in the words of real Heat."""

import pathlib

import heat_spreader
from heat_spreader.tests.real import base

GUIDE = pathlib.Path(heat_spreader.__file__).parents[1] / 'doc/source/user'


class TestCapacity(base.RealTestCase):
    """Athens and berlin have 3 servers each, and athens room for 4."""

    counts = (None, None, None)

    def setUp(self):
        super().setUp()
        self.athens, self.berlin, _ = self.clouds
        self.addCleanup(self.athens.make_room)
        template = (GUIDE / 'workers.yaml').read_text()
        for cloud in (self.athens, self.berlin):
            cloud.create_stack(self.name, 3, template, 'size')
        self.create('0.5', '0.5', count=6, parameter='size')

    def servers(self):
        return tuple(
            cloud.servers(self.name, 'workers')
            for cloud in (self.athens, self.berlin)
        )

    def wait_until_complete(self):
        self.wait_until(
            lambda: self.athens.status(self.name) == 'UPDATE_COMPLETE',
            'complete again',
        )

    def check(self, way, reason):
        """Have athens run full, and then let it have room again."""
        self.athens.limit_servers(4, way)
        with base.Sampler(self.name, self.clouds[:2]) as sampler:
            self.openstack('stack', 'set', self.name, '--count=12')
            self.wait_for_status('DEGRADED')
        self.assertGreaterEqual(min(sampler.samples), 6)
        member = self.member('athens')
        self.assertEqual('FULL', member['state'])
        # Heat creates the servers in any order. Where a later one has taken
        # the place, the stack is complete only without it.
        cap = member['cap']
        self.assertIn(cap, (3, 4))
        self.assertEqual((cap, 12 - cap), self.servers())
        found = f'athens is full at {cap} ({reason}); {6 - cap} moved to '
        self.assertIn(f'{found}berlin; tried again at', member['reason'])
        self.assertIn(member['reason'], self.reason('DEGRADED'))
        self.wait_until_complete()
        self.athens.make_room()
        self.openstack('stack', 'set', self.name, '--retry-capacity')
        self.wait_for_status('ACTIVE')
        self.assertEqual((6, 6), self.servers())

    def test_no_quota_for_more_instances(self):
        self.check('quota', 'quota: instances')

    def test_no_valid_host(self):
        self.check('host', 'no valid host')

    def test_the_limit_of_heat_for_a_stack(self):
        self.openstack('stack', 'set', self.name, '--count=100')
        self.wait_for_status('ERROR')
        member = self.member('athens')
        self.assertEqual('FULL', member['state'], member)
        self.assertIn('limit of Heat: resources per stack', member['reason'])
        self.assertEqual((3, 3), self.servers())
        self.wait_until_complete()

        self.openstack('stack', 'set', self.name, '--count=8')
        self.openstack('stack', 'set', self.name, '--retry-capacity')
        self.wait_for_status('ACTIVE')
        self.assertEqual((4, 4), self.servers())
