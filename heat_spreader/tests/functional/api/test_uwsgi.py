# SPDX-License-Identifier: Apache-2.0
"""The API under uWSGI: several processes, several threads, a reload."""

import contextlib
import json
import os
import pathlib
import signal
import sqlite3
from concurrent import futures

import fixtures

from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as our_fixtures
from heat_spreader.tests.functional.api import base as api_base
from heat_spreader.tests.functional.api import uwsgi
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

# As in the sample.
PROCESSES, THREADS = 4, 2
CALLER = our_fixtures.basic('ann', 'secret')
# Locks the stacks for all others. In SQLite the transaction itself does that.
LOCK = {
    'mysql': 'LOCK TABLES stacks WRITE',
    'postgresql': 'LOCK TABLE stacks',
}


def sockets(pid):
    """The sockets that a process has open."""
    found = set()
    for link in pathlib.Path(f'/proc/{pid}/fd').iterdir():
        # The one that lists them is gone by now.
        with contextlib.suppress(FileNotFoundError):
            found.add(os.readlink(link))
    return {name for name in found if name.startswith('socket:')}


class UwsgiTestCase(base.SchemaTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.configure('east')
        self.uwsgi = self.useFixture(
            uwsgi.Uwsgi(self.directory, self.config_file)
        )
        self.uwsgi.start()
        self.uwsgi.wait_for_workers()
        self.pool = futures.ThreadPoolExecutor(PROCESSES * THREADS)
        self.addCleanup(self.pool.shutdown)

    def configure(self, clouds):
        url = session.get_engine().url.render_as_string(hide_password=False)
        self.config_file = process.write_config(
            self.directory / 'heat-spreader.conf',
            {
                'api': our_fixtures.http_basic(self.directory / 'htpasswd'),
                'clouds': {'enabled': clouds},
                'database': {'connection': url},
                'database_timeouts': {'lock': 60, 'statement': 60},
            },
        )

    @contextlib.contextmanager
    def locked(self):
        """Let every request wait in the database."""
        engine = session.get_engine()
        if engine.dialect.name == 'sqlite':
            with self.locked_file(engine.url.database):
                yield
            return
        with contextlib.closing(engine.connect()) as connection:
            # Closed, it goes back to no pool, and the lock with it.
            connection.detach()
            connection.exec_driver_sql(LOCK[engine.dialect.name])
            yield

    @contextlib.contextmanager
    def locked_file(self, path):
        """Lock an SQLite file, for readers too."""
        with contextlib.closing(
            sqlite3.connect(path, isolation_level=None, timeout=60)
        ) as connection:
            connection.execute('PRAGMA locking_mode = EXCLUSIVE')
            connection.execute('BEGIN EXCLUSIVE')
            yield

    def send(self, method, path, body=None):
        """Send a request now; its answer in the future."""
        return self.pool.submit(
            self.uwsgi.request, method, path, body, **CALLER
        )

    def clouds(self):
        status, body = self.uwsgi.request('GET', '/v1/clouds', **CALLER)
        self.assertEqual(200, status, body)
        return [cloud['name'] for cloud in json.loads(body)['clouds']]


@base.on_every_database(UwsgiTestCase)
class Workers:
    def test_every_process_serves_and_shares_no_connection(self):
        with self.locked():
            sent = [
                self.send('GET', '/v1/stacks')
                for _ in range(PROCESSES * THREADS)
            ]
            busy = self.uwsgi.wait_for_requests(len(sent))
            own = self.wait_for_connections(list(busy))

        self.assertEqual([THREADS] * PROCESSES, list(busy.values()))
        self.assertEqual([200] * len(sent), [one.result()[0] for one in sent])
        self.assertEqual(len(set().union(*own)), sum(map(len, own)))

    def wait_for_connections(self, pids):
        """The sockets that each process has and the master has not.

        Wait until every request has one to its client and, but for SQLite,
        one to the database: a connection of before the fork would be the
        master's too, and never come.
        """
        on_a_server = session.get_engine().dialect.name != 'sqlite'
        enough = THREADS * (2 if on_a_server else 1)
        while True:
            of_master = sockets(self.uwsgi.pid)
            own = [sockets(pid) - of_master for pid in pids]
            if min(map(len, own)) >= enough:
                return own


class TestLife(base.SQLite, UwsgiTestCase):
    def test_requests_need_a_password(self):
        status, _ = self.uwsgi.request('GET', '/v1/clouds')
        self.assertEqual(401, status)

    def test_a_client_may_send_one_request_after_the_other(self):
        with self.uwsgi.connect() as client:
            for _ in range(2):
                client.request('GET', '/healthcheck')
                answer = client.getresponse()
                self.assertEqual(200, answer.status, answer.read())

    def test_long_headers_fit(self):
        status, _ = self.uwsgi.request(
            'GET', '/v1/clouds', **CALLER, **{'X-Auth-Token': 'x' * 15_000}
        )
        self.assertEqual(200, status)

    def test_a_reload_finishes_requests_and_reads_the_configuration(self):
        before = self.uwsgi.pids()
        self.assertEqual(['east'], self.clouds())
        self.configure('east,west')
        self.signal_a_request(signal.SIGHUP, 'gracefully killing workers')

        self.uwsgi.wait_for_workers()
        self.assertEqual(['east', 'west'], self.clouds())
        after = self.uwsgi.pids()
        self.assertEqual(PROCESSES, len(after - before))
        self.assertEqual(0, self.uwsgi.stop())

    def test_sigterm_finishes_requests_and_ends_every_process(self):
        pids = self.uwsgi.pids()
        self.signal_a_request(signal.SIGTERM, 'graceful shutdown triggered')

        self.assert_ended(pids)

    def test_sigquit_ends_every_process_at_once(self):
        pids = self.uwsgi.pids()
        with self.locked():
            sent = self.send('POST', '/v1/stacks', api_base.STACK)
            self.uwsgi.wait_for_requests(1)
            self.uwsgi.send_signal(signal.SIGQUIT)
            self.assert_ended(pids)
        self.assertIsInstance(sent.exception(), OSError)
        self.assertEqual([], stacks.get_all(self.ctx))

    def signal_a_request(self, number, words):
        """Send a signal with a request in flight, which succeeds."""
        with self.locked():
            sent = self.send('POST', '/v1/stacks', api_base.STACK)
            self.uwsgi.wait_for_requests(1)
            self.uwsgi.send_signal(number)
            self.uwsgi.wait_for(words)
        status, body = sent.result()
        self.assertEqual(201, status, body)

    def assert_ended(self, pids):
        self.assertEqual(0, self.uwsgi.wait())
        self.assertEqual(
            [], [pid for pid in pids if pathlib.Path(f'/proc/{pid}').exists()]
        )


class TestStart(base.SQLite, base.SchemaTestCase):
    def test_an_invalid_configuration_ends_the_start(self):
        directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        config_file = directory / 'heat-spreader.conf'
        config_file.write_text('[api]\nmax_limit = 0\n')
        server = self.useFixture(uwsgi.Uwsgi(directory, config_file))
        server.start()

        server.wait_for('max_limit')
        self.assertNotEqual(0, server.wait())
