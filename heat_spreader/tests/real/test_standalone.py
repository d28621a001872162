# SPDX-License-Identifier: Apache-2.0
"""The standalone part of the README, typed as printed, on real clouds."""

import json
import os
import pathlib
import re

import fixtures
import yaml

from heat_spreader.tests import process
from heat_spreader.tests.real import base

README = pathlib.Path(__file__).parents[3] / 'README.rst'
# The names of the clouds in the README.
NAMES = ('athens', 'berlin', 'cairo')
IN_A_HURRY = {
    'OS_ENGINE__SURVEY_INTERVAL': '1',
    'OS_ENGINE__SETTLE_INTERVAL': '0.5',
    'OS_ENGINE__RECONCILE_INTERVAL': '0.2',
    'OS_CLOUDS__CONNECT_TIMEOUT': '2',
    'OS_CLOUDS__READ_TIMEOUT': '4',
}


def blocks():
    """The literal blocks of the part: the file, and the lines to type."""
    part = re.search(
        r'^Standalone\n=+\n(.*?)\n\S[^\n]*\n=+\n',
        README.read_text(),
        re.M | re.S,
    )
    found = re.findall(r'::\n\n((?:    .*\n)+)', part[1])
    return [[line.strip() for line in each.splitlines()] for each in found]


class TestStandalone(base.RealTestCase):
    """A home with the two files of the README, and its lines typed there."""

    def setUp(self):
        super().setUp()
        self.home = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.port = self.bed.machine.reserve_port()
        self.url = f'http://127.0.0.1:{self.port}'
        self.content, self.lines = blocks()
        self.write_files()
        self.environ = process.environ(
            HOME=str(self.home),
            PATH=f'{process.SCRIPTS}:{os.environ["PATH"]}',
        )
        self.addCleanup(self.end)
        self.addCleanup(self.clouds[2].heat.start)

    def create_stacks(self):
        """The stack of the README, whose size is in another parameter."""
        self.name = 'workers'
        for cloud in self.clouds:
            cloud.create_stack(self.name, 1, parameter='size')
            self.addCleanup(cloud.delete_stack, self.name)

    def write_files(self):
        folder = self.home / '.config' / 'openstack'
        folder.mkdir(parents=True)
        entries = {
            name: cloud.clouds_yaml_entry()
            for name, cloud in zip(NAMES, self.clouds, strict=True)
        }
        (folder / 'clouds.yaml').write_text(
            yaml.safe_dump({'clouds': entries})
        )
        # The port of the README may be taken on the machine of the tests.
        server = f'server: {{port: {self.port}}}'
        (folder / 'heat-spreader.yaml').write_text(
            '\n'.join([*self.content, server])
        )

    def start(self, line):
        """Start the program of a line, and wait until it listens."""
        self.service = self.bed.machine.process(
            'heat-spreader run',
            line.removesuffix(' &').split(),
            self.home / 'run.log',
            url=self.url,
            environ=self.environ | IN_A_HURRY,
        )
        self.service.start()

    def end(self):
        self.service.stop()
        self.assertIn('The engine has stopped.', self.service.log_tail())

    def type(self, line, **variables):
        """Type a line in a shell and return its output; it must succeed."""
        done = process.run(
            *('sh', '-c', line), env=self.environ | variables, timeout=None
        )
        self.assertEqual(0, done.returncode, f'{line}: {done.stderr}')
        return done.stdout

    def type_all(self):
        """Type every line of the README; return the output of the last."""
        start, *others = self.lines
        self.assertEqual('heat-spreader run &', start)
        self.start(start)
        return [self.type(line) for line in others][-1]

    def show(self):
        return json.loads(self.type(f'heat-spreader show {self.name} --json'))

    def openstack(self, words, user=None):
        return self.type(
            f'openstack multicloud {words}',
            OS_AUTH_TYPE='none',
            OS_ENDPOINT=self.url,
        )

    def counts_in_heat(self):
        return tuple(cloud.count(self.name, 'size') for cloud in self.clouds)

    def living(self):
        return [cloud.group_members(self.name) for cloud in self.clouds[:2]]

    def test_readme_example_and_an_outage(self):
        shown = self.type_all()
        for words in ('athens 0.6 6 6 6 OK', 'berlin 0.2 2 2 2 OK'):
            self.assertIn(words, ' '.join(shown.split()))
        self.assert_in_heat(6, 2, 2)

        with base.Sampler(self.name, self.clouds[:2]) as sampler:
            self.clouds[2].heat.kill()
            self.wait_for_status('DEGRADED')
            self.assertEqual([7, 3], self.living())
            self.clouds[2].heat.start()
            self.wait_for_status('ACTIVE')
        self.assert_in_heat(6, 2, 2)
        self.assertGreaterEqual(min(sampler.samples), 8)

    def test_the_openstack_client_reads_and_changes_the_same(self):
        self.type_all()
        seen = json.loads(self.openstack('stack show workers -f json'))
        self.assertEqual(seen, self.show())
        clouds = json.loads(self.openstack('cloud list -f json'))
        self.assertEqual(
            [(name, 'UP') for name in NAMES],
            [(row['Name'], row['State']) for row in clouds],
        )

        self.openstack('stack set workers --count 20 --wait')
        self.assertEqual(20, self.show()['count'])
        self.assert_in_heat(12, 4, 4)
        self.type('heat-spreader update workers --count 10 --wait')
        self.assert_in_heat(6, 2, 2)
        self.type('heat-spreader weight remove workers cairo')
        weights = json.loads(
            self.openstack('stack weight list workers -f json')
        )
        self.assertEqual(
            [('athens', 0.6), ('berlin', 0.2)],
            [(row['Cloud'], row['Weight']) for row in weights],
        )
        self.type('heat-spreader delete workers')
        self.assertEqual('[]', self.openstack('stack list -f json').strip())
