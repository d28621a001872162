# SPDX-License-Identifier: Apache-2.0
"""Stacks that run in real Heat are adopted, exported and applied."""

import pathlib

import fixtures

from heat_spreader.tests.real import base


class TestAdoption(base.RealTestCase):
    """Seven, one and two instances that nothing manages yet."""

    counts = (7, 1, 2)

    def test_what_runs_is_adopted_exactly_and_applied_again(self):
        words = ('stack', 'adopt', self.name, '--parameter', 'count')
        self.openstack(*words, '--dry-run')
        listed = self.openstack('stack', 'list', '-f', 'json')
        self.assertNotIn(self.name, [row['Name'] for row in listed])

        self.addCleanup(self.delete)
        self.openstack(*words)
        self.openstack('stack', 'wait', self.name)
        self.assertEqual('ACTIVE', self.show()['status'])
        self.assertEqual(10, self.show()['count'])

        file = pathlib.Path(self.useFixture(fixtures.TempDir()).join('a.yaml'))
        file.write_text(self.openstack('stack', 'export', self.name))
        self.openstack('stack', 'apply', '-f', file, '--dry-run')
        self.openstack('stack', 'apply', '-f', file, '--wait')
        self.assert_in_heat(7, 1, 2)
        self.assertEqual([0] * 3, [c.patches(self.name) for c in self.clouds])
