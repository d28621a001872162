# SPDX-License-Identifier: Apache-2.0
"""The whole service as one process tree."""

import json
import os
import re
import signal
import socket

from oslotest import base

from heat_spreader.tests.functional.standalone import process


class RunTest(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(process.Service())

    def ask(self, *words):
        """What a command prints; it must succeed."""
        result = self.service.run(*words)
        self.assertEqual((0, ''), (result.returncode, result.stderr))
        return result.stdout

    def counts(self):
        clouds = self.service.clouds.values()
        return [cloud.stack('web').count for cloud in clouds]

    def create(self):
        self.ask(
            *('add', 'web', '--count=10', '--parameter=count', '--wait', '-q'),
            *('--weight=athens=0.6', '--weight=berlin=0.4'),
        )

    def list(self):
        return json.loads(self.ask('list', '--json'))


class TestStart(RunTest):
    def test_says_what_it_read_where_it_listens_and_what_it_controls(self):
        self.service.clouds['cairo'].stop()
        config_file = self.service.config_file(engine={'threads': 2})
        self.service.start('--config-file', str(config_file))

        self.service.wait_for(f'Read {self.service.file}, {config_file}\\.')
        self.service.wait_for(r'The database is now at revision \d')
        self.service.wait_for_halves()
        for name, outcome in (
            ('athens', 'is UP'),
            ('berlin', 'is UP'),
            ('cairo', 'is UNKNOWN.* cannot be reached'),
        ):
            told = f'The cloud {name} {outcome}'
            if not any(re.search(told, line) for line in self.service.said):
                self.service.wait_for(told)
        said = '\n'.join(self.service.said)
        self.assertIn(f'http://127.0.0.1:{self.service.port}', said)
        self.assertIn('Clouds: athens, berlin, cairo.', said)
        self.assertEqual(0, self.service.stop())

    def test_tells_systemd_that_it_is_ready(self):
        path = str(self.service.directory / 'notify')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(path)
            self.service.start(NOTIFY_SOCKET=path)
            self.assertEqual(b'READY=1', notified.recv(64))
        self.service.wait_for_halves()
        self.assertEqual(0, self.service.stop())

    def test_makes_a_database_for_nobody_else(self):
        self.service.start()
        self.service.wait_for_halves()

        folder = self.service.database.parent
        self.assertEqual(0o700, folder.stat().st_mode & 0o777)
        self.assertEqual(0, self.service.stop())

    def test_keeps_what_it_has_over_a_restart(self):
        self.service.start()
        self.service.wait_for_halves()
        self.create()
        self.assertEqual([6, 4, 1], self.counts())
        self.assertEqual(0, self.service.stop())

        self.service.start()
        self.service.wait_for_halves()
        self.assertEqual(['web'], [row['Name'] for row in self.list()])
        self.assertEqual(0, self.service.stop())
        self.assertEqual('', (self.service.directory / 'stderr').read_text())


class TestEnd(RunTest):
    def check_end(self, send):
        self.service.start()
        self.service.wait_for_halves()
        send()
        # It waits for all who could write there, the parent and both halves.
        status = self.service.finish()
        said = '\n'.join(self.service.said)
        self.assertIn('Stopping after the requests in flight.', said)
        self.assertIn('The engine has stopped.', said)
        self.assertNotIn('Traceback', self.service.output())
        return status

    def signal(self, number):
        self.service.process.send_signal(number)

    def test_ends_with_sigterm(self):
        self.assertEqual(
            0, self.check_end(lambda: self.signal(signal.SIGTERM))
        )

    def test_ends_with_sigint(self):
        self.assertEqual(0, self.check_end(lambda: self.signal(signal.SIGINT)))

    def test_ends_with_the_sigint_of_a_terminal(self):
        """It goes to every process of the group."""
        self.assertEqual(
            0,
            self.check_end(
                lambda: os.killpg(self.service.process.pid, signal.SIGINT)
            ),
        )

    def test_halves_end_by_themselves_when_the_parent_is_killed(self):
        self.assertEqual(
            -signal.SIGKILL,
            self.check_end(lambda: self.signal(signal.SIGKILL)),
        )


class TestKilledHalf(RunTest):
    def setUp(self):
        super().setUp()
        self.service.start()
        self.api, self.engine = self.service.wait_for_halves()
        self.create()

    def test_the_api_comes_up_again(self):
        os.kill(self.api, signal.SIGKILL)
        found = self.service.wait_for(process.API)

        self.assertNotEqual(self.api, int(found[1]))
        self.assertTrue(found[2].endswith(f':{self.service.port}'))
        self.assertEqual(['web'], [row['Name'] for row in self.list()])
        os.kill(self.engine, 0)
        self.assertEqual(0, self.service.stop())

    def test_the_engine_comes_up_again(self):
        os.kill(self.engine, signal.SIGKILL)
        found = self.service.wait_for(process.ENGINE)

        self.assertNotEqual(self.engine, int(found[1]))
        self.ask('update', 'web', '--count=20', '--wait', '-q')
        self.assertEqual([12, 8, 1], self.counts())
        os.kill(self.api, 0)
        self.assertEqual(0, self.service.stop())
