# SPDX-License-Identifier: Apache-2.0
"""The whole service as one process tree."""

import os
import re
import signal
import socket

from heat_spreader.tests import process
from heat_spreader.tests.functional.standalone import base
from heat_spreader.tests.functional.standalone import fixtures


class TestStart(base.RunTestCase):
    def test_logs_the_files_the_address_and_the_clouds_at_the_start(self):
        self.service.clouds['cairo'].stop()
        config_file = self.service.config_file(engine={'threads': 2})
        self.service.start('--config-file', str(config_file))

        log = self.service.process
        log.wait_for(f'Read {self.service.file}, {config_file}\\.')
        log.wait_for(r'The database is now at revision \d')
        self.service.wait_for_halves()
        for name, outcome in (
            ('athens', 'is UP'),
            ('berlin', 'is UP'),
            ('cairo', 'is UNKNOWN.* cannot be reached'),
        ):
            recorded = f'The cloud {name} {outcome}'
            process.wait_until(
                lambda recorded=recorded: re.search(recorded, log.text()),
                log.log_tail,
            )
        output = log.text()
        self.assertIn(f'http://127.0.0.1:{self.service.port}', output)
        self.assertIn(
            f'Clouds: athens, berlin, cairo in {self.service.clouds_yaml}.',
            output,
        )
        self.assertEqual(0, self.service.stop())

    def test_notifies_systemd_when_it_is_ready(self):
        path = str(self.service.directory / 'notify')
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notified:
            notified.bind(path)
            self.service.start(NOTIFY_SOCKET=path)
            self.assertEqual(b'READY=1', notified.recv(64))
        self.service.wait_for_halves()
        self.assertEqual(0, self.service.stop())

    def test_directory_of_the_database_is_private(self):
        self.service.start()
        self.service.wait_for_halves()

        folder = self.service.database.parent
        self.assertEqual(0o700, folder.stat().st_mode & 0o777)
        self.assertEqual(0, self.service.stop())

    def test_stacks_survive_a_restart(self):
        self.service.start()
        self.service.wait_for_halves()
        self.create()
        self.assertEqual([6, 4, 1], self.counts())
        self.assertEqual(0, self.service.stop())

        self.service.start()
        self.service.wait_for_halves()
        self.assertEqual(['web'], [row['Name'] for row in self.list()])
        self.assertEqual(0, self.service.stop())
        self.assertEqual('', self.service.errors())


class TestEnd(base.RunTestCase):
    def check_end(self, send):
        self.service.start()
        self.service.wait_for_halves()
        send()
        # It waits for the parent and both halves.
        status = self.service.process.wait()
        output = self.service.process.text()
        self.assertIn('Stopping after the requests in flight.', output)
        self.assertIn('The engine has stopped.', output)
        self.assertNotIn('Traceback', output + self.service.errors())
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


class TestKilledHalf(base.RunTestCase):
    def setUp(self):
        super().setUp()
        self.service.start()
        self.api, self.engine = self.service.wait_for_halves()
        self.create()

    def test_a_killed_api_is_restarted(self):
        os.kill(self.api, signal.SIGKILL)
        found = self.service.process.wait_for(fixtures.API)

        self.assertNotEqual(self.api, int(found[1]))
        self.assertTrue(found[2].endswith(f':{self.service.port}'))
        self.assertEqual(['web'], [row['Name'] for row in self.list()])
        os.kill(self.engine, 0)
        self.assertEqual(0, self.service.stop())

    def test_a_killed_engine_is_restarted(self):
        os.kill(self.engine, signal.SIGKILL)
        found = self.service.process.wait_for(fixtures.ENGINE)

        self.assertNotEqual(self.engine, int(found[1]))
        self.ask('update', 'web', '--count=20', '--wait', '-q')
        self.assertEqual([12, 8, 1], self.counts())
        os.kill(self.api, 0)
        self.assertEqual(0, self.service.stop())

    def test_both_come_up_again_with_sighup(self):
        self.service.process.send_signal(signal.SIGHUP)
        api, engine = self.service.wait_for_halves()

        self.assertEqual(4, len({self.api, self.engine, api, engine}))
        self.ask('update', 'web', '--count=20', '--wait', '-q')
        self.assertEqual([12, 8, 1], self.counts())
        self.assertEqual(0, self.service.stop())
