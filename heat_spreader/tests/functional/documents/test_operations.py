# SPDX-License-Identifier: Apache-2.0
"""The pages about maintenance, readiness and capacity are what happens."""

import datetime

from heat_spreader.db import models
from heat_spreader.tests import process
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal

CREATE = 'openstack multicloud stack create {} --count {} --parameter size {}'
NOVA = {
    'maxTotalInstances': 20,
    'totalInstancesUsed': 17,
    'maxTotalCores': -1,
    'totalCoresUsed': 34,
    'maxTotalRAMSize': -1,
    'totalRAMUsed': 69632,
}
SHARES = '--weight athens=0.6 --weight berlin=0.2 --weight cairo=0.2'


class OperationsTestCase(terminal.TerminalTestCase):
    """Stacks with 0 instances each, as commands then create them."""

    def setUp(self):
        super().setUp()
        self.type('export OS_CLOUD=home')

    def create_stack(self, name, count, options):
        for each in self.clouds.values():
            each.add_stack(name, 0, 'size')
        self.type(CREATE.format(name, count, options))
        self.everything()

    def set(self, options, name='workers'):
        self.type(f'openstack multicloud stack set {name} {options}')
        self.everything()


class TestMaintenance(OperationsTestCase):
    def setUp(self):
        super().setUp()
        self.create_stack('workers', 10, SHARES)
        self.create_stack(
            'shop',
            40,
            '--weight athens=0.5 --weight berlin=0.25 --weight cairo=0.25',
        )
        # The page has times of a day that is over.
        day = models.utcnow().replace(minute=0)
        self.times = {
            '2026-11-30T22:00': day + datetime.timedelta(hours=2),
            '2026-12-01T06:00': day + datetime.timedelta(hours=10),
        }

    def type(self, line):
        times = {
            written: f'{time:%Y-%m-%dT%H:%M}'
            for written, time in getattr(self, 'times', {}).items()
        }
        for written, time in times.items():
            line = line.replace(written, time)
        shown = super().type(line)
        for written, time in times.items():
            shown = shown.replace(time, written)
        return shown

    def limits(self):
        """All is enabled, and the others can take 7 instances at most."""
        self.everything()
        self.set('--max berlin=4 --max cairo=3')

    def room(self):
        self.set('--max berlin=none --max cairo=none')

    def test_every_command_shows_what_the_page_says(self):
        compared = pages.play('admin/maintenance.rst', self)

        self.assertEqual(3, compared)
        self.everything()
        self.assertEqual((6, 2, 2), self.workers())


class TestReadiness(OperationsTestCase):
    """Three stacks, one of which has too little room without athens."""

    def setUp(self):
        super().setUp()
        self.create_stack(
            'workers', 10, f'{SHARES} --max berlin=4 --max cairo=4'
        )
        self.create_stack('shop', 10, SHARES)
        self.create_stack(
            'blog',
            10,
            '--weight athens=0.2 --weight berlin=0.2 --weight cairo=0.6',
        )
        self.read_limits()

    def make_cloud(self, name):
        cloud = super().make_cloud(name)
        if name == 'berlin':
            cloud.set_limits(**NOVA)
        return cloud

    def read_limits(self):
        """Survey until what the survey of berlin begins to read has ended."""
        quota = self.engine.surveys['berlin'].quota
        # It is read once an hour.
        quota._tried_at -= datetime.timedelta(hours=2)
        self.engine.survey('berlin')
        quota._request.future.exception(process.TIMEOUT)
        self.engine.survey('berlin')

    def test_every_command_shows_what_the_page_says(self):
        self.assertEqual(3, pages.play('admin/readiness.rst', self))


class TestCapacity(OperationsTestCase):
    """A quota of four in athens."""

    def setUp(self):
        super().setUp()
        self.clouds['athens'].room = 4
        self.create_stack(
            'workers', 10, '--weight athens=0.6 --weight berlin=0.4'
        )
        self.everything()

    def test_every_command_shows_what_the_page_says(self):
        self.assertEqual(2, pages.play('user/capacity.rst', self))
