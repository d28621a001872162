# SPDX-License-Identifier: Apache-2.0
"""Guru Meditation Reports of the real processes, which go on serving."""

import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import fixtures
from oslotest import base

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.api import test_server
from heat_spreader.tests.functional.engine import test_process
from heat_spreader.tests.functional.standalone import process

TIMEOUT = 60
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
        """Ask a process for a report until one is there; what it says."""
        # The options are in the order of the alphabet.
        end = end or f'  log_dir = {self.path}'
        deadline = time.monotonic() + TIMEOUT
        while time.monotonic() < deadline:
            ask()
            for path in self.path.glob(f'*-{pid}_gurumeditation_*'):
                text = path.read_text()
                if end in text:
                    return text
            time.sleep(0.1)
        raise AssertionError(f'The process {pid} wrote no report.')

    def ask(self, pid, *end):
        """Ask a process for a report by its signal, and wait for it."""
        os.kill(pid, signal.SIGUSR2)
        return self.wait_for(pid, lambda: None, *end)


class ReportTest(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.reports = self.useFixture(Reports())

    def check(self, report, *words):
        for word in (*SECTIONS, *words):
            self.assertIn(word, report)
        self.assertIn('product = heat-spreader', report)
        self.assertNotIn(SECRET, report)


class TestEngine(ReportTest, test_process.ProcessTest):
    def test_worker_reports_on_sigusr2_and_goes_on(self):
        directory = self.useFixture(fixtures.TempDir()).path
        self.coordination = f'file://{directory}/{SECRET}'
        url = f'rabbit://user:{SECRET}@127.0.0.1/'
        engine = self.start(
            DEFAULT={'transport_url': url},
            oslo_messaging_notifications={'transport_url': url},
            **self.reports.options(),
        )
        self.wait_for(6, 2, 2)
        worker = re.search(
            r'(\d+) INFO heat_spreader\.engine\.service',
            engine.log.read_text(),
        )
        report = self.reports.ask(int(worker[1]), 'Stacks in progress')
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.wait_for(12, 4, 4)
        self.assertEqual(0, engine.stop())

        # Where its threads are, and what it was told.
        self.check(report, 'cotyledon', 'reconcile_interval = 0.2')
        for option in ('backend_url', 'connection', 'transport_url'):
            self.assertIn(f'  {option} = ***', report)
        self.assertRegex(report, r'Clouds surveyed here: .*athens')
        self.assertNotIn(self.database.url, report)

    def test_file_to_watch_that_is_none_ends_the_start_with_a_line(self):
        engine = self.start(
            **self.reports.options(file_event_handler='/nowhere/poke')
        )

        self.assertEqual(1, engine.wait())
        self.assertIn('The file /nowhere/poke', engine.log.read_text())


class TestApi(ReportTest, test_server.ServerTestCase):
    def secret_file(self, **options):
        path = self.config_file(strategy='keystone')
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
        with open(path, 'a', encoding='utf-8') as file:
            for group, values in groups.items():
                file.write(f'[{group}]\n')
                file.writelines(f'{k} = {v}\n' for k, v in values.items())
        return path

    def check_api(self, report):
        self.check(report, 'auth_strategy = keystone')
        self.assertIn('  password = ***', report)
        self.assertIn('  memcache_secret_key = ***', report)
        self.assertNotIn(self.database.url, report)

    def test_reports_on_sigusr2_and_goes_on(self):
        process, port = self.start(self.secret_file())
        report = self.reports.ask(process.pid)
        answer, _ = self.request(port, 'GET', '/v1')
        self.assertEqual(200, answer.status)
        self.stop(process)

        self.check_api(report)

    def test_each_worker_of_uwsgi_reports_when_the_file_is_touched(self):
        path = self.secret_file(file_event_handler=self.reports.file)
        log = self.directory / 'uwsgi.log'
        with open(log, 'wb') as output:
            uwsgi = subprocess.Popen(
                [
                    pathlib.Path(sys.executable).with_name('uwsgi'),
                    '--master',
                    '--lazy-apps',
                    '--enable-threads',
                    '--die-on-term',
                    '--need-app',
                    '--processes=2',
                    '--http-socket=127.0.0.1:0',
                    '--module=heat_spreader.wsgi.api:application',
                ],
                env={**os.environ, 'OS_HEAT_SPREADER_CONFIG_FILES': str(path)},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        self.addCleanup(uwsgi.wait)
        self.addCleanup(uwsgi.kill)
        reports = [
            self.reports.wait_for(pid, self.reports.file.touch)
            for pid in self.workers(uwsgi, log)
        ]
        uwsgi.terminate()
        uwsgi.wait(TIMEOUT)

        self.assertEqual(2, len(reports))
        for report in reports:
            self.check_api(report)

    def workers(self, uwsgi, log):
        """The process ids of the workers, when both have the application."""
        ready = 'WSGI app 0 .* ready'
        while len(re.findall(ready, log.read_text())) < 2:
            self.assertIsNone(uwsgi.poll(), log.read_text())
            time.sleep(0.05)
        return re.findall(
            r'spawned uWSGI worker .*pid: (\d+)', log.read_text()
        )


class TestStandalone(ReportTest):
    def test_both_halves_report_on_sigusr2_and_go_on(self):
        service = self.useFixture(process.Service())
        path = service.config_file(**self.reports.options())
        service.start('--config-file', str(path))
        halves = service.wait_for_halves()
        for pid in halves:
            self.check(self.reports.ask(pid), 'auth_strategy = noauth')
        added = service.run('add', 'web', '--count=3', '--parameter=count')

        self.assertEqual(0, added.returncode, added.stderr)
        self.assertEqual(0, service.stop())
