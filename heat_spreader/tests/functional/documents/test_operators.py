# SPDX-License-Identifier: Apache-2.0
"""What heat-spreader-manage prints on the pages for operators."""

import pathlib
import re
import socket
import subprocess

import fixtures
import prettytable
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.emulator import exporter
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import tls

NAMES = ('athens', 'berlin', 'cairo')
MANAGE = 'heat-spreader-manage '


class OperatorTestCase(base.BaseTestCase):
    """A host with a configuration, and three clouds."""

    def setUp(self):
        super().setUp()
        self.folder = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.clouds = {n: emulator.EmulatedCloud(n) for n in NAMES}
        for each in self.clouds.values():
            self.addCleanup(each.stop)
            each.start()
        self.entries = {
            name: each.clouds_yaml_entry()
            for name, each in self.clouds.items()
        }
        database = self.folder / 'heat-spreader.sqlite'
        self.groups = {
            'clouds': {
                'enabled': ','.join(NAMES),
                'config_files': self.folder / 'clouds.yaml',
            },
            'database': {'connection': f'sqlite:///{database}'},
        }

    def root(self, line):
        """Type a command of root; return what it shows."""
        emulator.write_entries(self.folder / 'clouds.yaml', self.entries)
        path = process.write_config(self.folder / 'spreader.conf', self.groups)
        words = line.partition(MANAGE)[2].split()
        done = process.run(
            process.SCRIPTS / MANAGE.strip(),
            *('--config-file', path, *words),
            env=process.environ(PYTHONWARNINGS='ignore'),
            stderr=subprocess.STDOUT,
        )
        return _table(self.shown(done.stdout))

    def shown(self, output):
        """The output, with the addresses and paths of the pages."""
        output = output.replace(str(self.folder), '/etc/openstack')
        host = f'on the host {socket.gethostname()}'
        output = output.replace(host, 'on the host control1')
        for name, each in self.clouds.items():
            for url in (each.keystone.url, each.heat.url):
                output = output.replace(url, f'https://{name}.example')
        return '\n'.join(
            # A table is as wide as it is.
            line if line.startswith(('|', '+')) else pages.fold(line)
            for line in output.splitlines()
        )


def _table(output):
    """The output with columns as wide as their new contents."""
    table = re.search(r'(?ms)^\+-.*-\+$', output)
    if not table:
        return output
    head, *rows = (
        [cell.strip() for cell in line.strip('|').split('|')]
        for line in table[0].splitlines()
        if line.startswith('|')
    )
    made = prettytable.PrettyTable(head, align='l')
    made.add_rows(rows)
    return output.replace(table[0], made.get_string())


class TestTables(OperatorTestCase):
    """A database that has no tables yet; then they are there."""

    def test_upgrade_shows_what_the_page_says(self):
        self.root('heat-spreader-manage db sync')
        self.assertEqual(2, pages.play('admin/upgrades.rst', self))

    def test_installation_shows_what_the_page_says(self):
        self.assertEqual(2, pages.play('install/packages.rst', self))

    def type(self, line):
        """Nothing here has another Keystone."""
        return ''


class TestCloudCheck(OperatorTestCase):
    """berlin has a strange certificate, cairo another password."""

    def setUp(self):
        super().setUp()
        self.untrusted = self.useFixture(tls.UntrustedServer())
        self.entries['berlin']['auth']['auth_url'] = self.untrusted.url
        self.entries['cairo']['auth']['password'] = 'wrong'

    def shown(self, output):
        return super().shown(
            output.replace(self.untrusted.url, 'https://berlin.example')
        )

    type = OperatorTestCase.root

    def test_page_shows_what_the_command_prints(self):
        self.assertEqual(1, pages.play('cli/heat-spreader-manage.rst', self))


class TestWitnessCheck(OperatorTestCase):
    """office does not reach berlin; valencia has no such module."""

    def setUp(self):
        super().setUp()
        for name in ('lab', 'office', 'valencia'):
            each = exporter.EmulatedExporter(name)
            self.addCleanup(each.stop)
            each.start()
            self.groups[f'witness_{name}'] = each.options()
            if name == 'office':
                each.cut_off(self.clouds['berlin'])
        each.fault = faults.answer(400, b'Unknown module "heat"\n')
        reference = f'{self.clouds["cairo"].heat.url}/'
        self.groups['witness_office']['reference'] = reference
        self.groups['health'] = {'witnesses': 'lab,office,valencia'}

    type = OperatorTestCase.root

    def test_page_shows_what_the_command_prints(self):
        self.assertEqual(1, pages.play('admin/watchdog.rst', self))
