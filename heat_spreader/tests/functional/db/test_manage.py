# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage as an operator runs it: a process of its own."""

import pathlib
import subprocess
import sys

import fixtures
from oslotest import base

from heat_spreader.db import migration


class TestManage(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.database = self.directory / 'heat-spreader.sqlite'

    def manage(self, *args, connection=None):
        """Run the command; its exit code, standard output and error."""
        config = self.directory / 'heat-spreader.conf'
        connection = connection or f'sqlite:///{self.database}'
        config.write_text(f'[database]\nconnection = {connection}\n')
        done = subprocess.run(
            [
                sys.executable,
                '-m',
                'heat_spreader.cmd.manage',
                '--config-file',
                config,
                *args,
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, words, *args, code=1, **kwargs):
        returned, output, error = self.manage(*args, **kwargs)

        self.assertEqual((code, ''), (returned, output), error)
        self.assertIn(words, error)
        self.assertNotIn('Traceback', error)
        return error

    def test_sync_makes_the_tables_and_a_second_time_nothing(self):
        head = migration.head()

        self.assertEqual(
            [
                (0, 'none: there are no tables yet\n', ''),
                (0, f'The database is now at revision {head}.\n', ''),
                (0, f'The database is at revision {head} already.\n', ''),
                (0, f'{head}\n', ''),
            ],
            [
                self.manage('db', 'version'),
                self.manage('db', 'sync'),
                self.manage('db', 'sync'),
                self.manage('db', 'version'),
            ],
        )

    def test_sync_stops_at_the_revision_that_is_named(self):
        code, output, _ = self.manage('db', 'sync', '--version', '0001')

        self.assertEqual(
            (0, 'The database is now at revision 0001.\n'), (code, output)
        )

    def test_a_revision_that_does_not_exist_is_an_error(self):
        self.assert_refused("'9999'", 'db', 'sync', '--version', '9999')

    def test_a_database_that_cannot_be_reached_is_a_line(self):
        error = self.assert_refused(
            'mysql+pymysql://name:***@127.0.0.1:1/x cannot be used',
            'db',
            'sync',
            connection='mysql+pymysql://name:S3cret@127.0.0.1:1/x',
        )

        self.assertEqual(1, len(error.splitlines()))
        self.assertNotIn('S3cret', error)

    def test_a_connection_that_is_no_url_is_a_line(self):
        error = self.assert_refused(
            'connection in [database]', 'db', 'version', connection='nonsense'
        )

        self.assertEqual(1, len(error.splitlines()))

    def test_a_file_that_is_not_there_is_a_line(self):
        error = self.assert_refused(
            'none.conf', '--config-file', 'none.conf', 'db', 'version'
        )

        self.assertEqual(1, len(error.splitlines()))

    def test_without_a_command_it_says_what_there_is(self):
        self.assert_refused('usage:', code=2)
        self.assert_refused('{sync,version}', 'db', code=2)
