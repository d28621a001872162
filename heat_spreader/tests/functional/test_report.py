# SPDX-License-Identifier: Apache-2.0
"""Guru Meditation Reports of the real processes, which keep serving."""

import os
import pathlib
import signal

import fixtures
from oslotest import base

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.api import base as api_base
from heat_spreader.tests.functional.api import uwsgi
from heat_spreader.tests.functional.engine import base as engine_base
from heat_spreader.tests.functional.standalone import (
    fixtures as standalone_fixtures,
)

# In every option that may hold a password, and nowhere else.
SECRET = 'geheim'
SECTIONS = ('Package', 'Threads', 'Processes', 'Configuration')


class Reports(fixtures.Fixture):
    """The directory into which processes write their reports."""

    def _setUp(self):
        self.path = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.path / 'poke'
        self.file.touch()

    def options(self, **options):
        return {'oslo_reports': {'log_dir': self.path, **options}}

    def wait_for(self, pid, ask, end=None):
        """Request reports from a process until one is written; return it."""
        # The options are in the order of the alphabet.
        end = end or f'  log_dir = {self.path}'

        def find():
            ask()
            for path in self.path.glob(f'*-{pid}_gurumeditation_*'):
                text = path.read_text()
                if end in text:
                    return text
            return None

        return process.wait_until(
            find, lambda: f'The process {pid} wrote no report.'
        )

    def ask(self, pid, *end):
        """Ask a process for a report by its signal, and wait for it."""
        os.kill(pid, signal.SIGUSR2)
        return self.wait_for(pid, lambda: None, *end)


class ReportTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.reports = self.useFixture(Reports())

    def check(self, report, *words):
        for word in (*SECTIONS, *words):
            self.assertIn(word, report)
        self.assertIn('product = heat-spreader', report)
        self.assertNotIn(SECRET, report)


class TestEngine(ReportTestCase, engine_base.ProcessTestCase):
    def test_worker_reports_on_sigusr2_and_continues(self):
        url = f'rabbit://user:{SECRET}@127.0.0.1/'
        engine = self.start(
            DEFAULT={'transport_url': url},
            oslo_messaging_notifications={'transport_url': url},
            **self.reports.options(),
        )
        self.wait_for(6, 2, 2)
        worker = engine.wait_for(r'(\d+) INFO heat_spreader\.engine\.service')
        report = self.reports.ask(int(worker[1]), 'Stacks in progress')
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.wait_for(12, 4, 4)
        self.assertEqual(0, engine.stop())

        # Where its threads are, and its configuration.
        self.check(report, 'cotyledon', 'reconcile_interval = 0.2')
        for option in ('connection', 'transport_url'):
            self.assertIn(f'  {option} = ***', report)
        self.assertRegex(report, r'Clouds surveyed here: .*athens')
        self.assertNotIn(self.database.url, report)

    def test_missing_file_to_watch_ends_the_start_with_a_message(self):
        engine = self.start(
            **self.reports.options(file_event_handler='/nowhere/poke')
        )

        self.assertEqual(1, engine.wait())
        self.assertIn('The file /nowhere/poke', engine.log.read_text())


class TestApi(ReportTestCase, api_base.ServerTestCase):
    def secret_file(self, **options):
        keystone = {
            'auth_type': 'password',
            'auth_url': 'http://127.0.0.1:9/',
            'www_authenticate_uri': 'http://127.0.0.1:9/',
            'username': 'heat-spreader',
            'password': SECRET,
            'project_name': 'service',
            'memcache_secret_key': SECRET,
        }
        groups = {
            'keystone_authtoken': keystone,
            **self.reports.options(**options),
        }
        return self.config_file(groups, auth_strategy='keystone')

    def check_api(self, report):
        self.check(report, 'auth_strategy = keystone')
        self.assertIn('  password = ***', report)
        self.assertIn('  memcache_secret_key = ***', report)
        self.assertNotIn(self.database.url, report)

    def test_api_reports_on_sigusr2_and_continues(self):
        server, port = self.start(self.secret_file())
        report = self.reports.ask(server.pid)
        answer, _ = self.request(port, 'GET', '/v1')
        self.assertEqual(200, answer.status)
        self.stop(server)

        self.check_api(report)

    def test_each_worker_of_uwsgi_reports_when_the_file_is_touched(self):
        path = self.secret_file(file_event_handler=self.reports.file)
        server = self.useFixture(uwsgi.Uwsgi(self.directory, path))
        server.start()
        server.wait_for_workers()
        reports = [
            self.reports.wait_for(pid, self.reports.file.touch)
            for pid in server.pids()
        ]
        self.assertEqual(0, server.stop())

        self.assertEqual(4, len(reports))
        for report in reports:
            self.check_api(report)


class TestStandalone(ReportTestCase):
    def test_both_halves_report_on_sigusr2_and_continue(self):
        service = self.useFixture(standalone_fixtures.Service())
        path = service.config_file(**self.reports.options())
        service.start('--config-file', str(path))
        halves = service.wait_for_halves()
        for pid in halves:
            self.check(self.reports.ask(pid), 'auth_strategy = noauth')
        added = service.run('add', 'web', '--count=3', '--parameter=count')

        self.assertEqual(0, added.returncode, added.stderr)
        self.assertEqual(0, service.stop())
