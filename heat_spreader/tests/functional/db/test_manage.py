# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage as an operator runs it: a process of its own."""

import contextlib
import datetime
import pathlib
import sqlite3
import sys

import fixtures
from oslotest import base

from heat_spreader.db import migration
from heat_spreader.tests import process


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
        done = process.run(
            *(sys.executable, '-m', 'heat_spreader.cmd.manage'),
            *('--config-file', config, *args),
            # An oslo.log before 8.3 makes eventlet warn.
            env=process.environ(PYTHONWARNINGS='ignore'),
        )
        return done.returncode, done.stdout, done.stderr

    def assert_refused(self, words, *args, code=1, **kwargs):
        returned, output, error = self.manage(*args, **kwargs)

        self.assertEqual((code, ''), (returned, output), error)
        self.assertIn(words, error)
        self.assertNotIn('Traceback', error)
        return error

    def test_sync_creates_the_tables_and_then_changes_nothing(self):
        head = migration.head()

        self.assertEqual(
            [
                (0, 'none: the database has no tables yet\n', ''),
                (0, f'The database is now at revision {head}.\n', ''),
                (0, f'The database is already at revision {head}.\n', ''),
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

    def test_an_unreachable_database_is_reported_in_one_line(self):
        error = self.assert_refused(
            'mysql+pymysql://name:***@127.0.0.1:1/x cannot be used',
            'db',
            'sync',
            connection='mysql+pymysql://name:S3cret@127.0.0.1:1/x',
        )

        self.assertEqual(1, len(error.splitlines()))
        self.assertNotIn('S3cret', error)

    def test_an_invalid_connection_url_is_reported_in_one_line(self):
        error = self.assert_refused(
            'connection in [database]', 'db', 'version', connection='nonsense'
        )

        self.assertEqual(1, len(error.splitlines()))

    def test_a_missing_file_is_reported_in_one_line(self):
        error = self.assert_refused(
            'none.conf', '--config-file', 'none.conf', 'db', 'version'
        )

        self.assertEqual(1, len(error.splitlines()))

    def test_stamp_records_the_revision_and_changes_nothing_else(self):
        head = migration.head()

        for revision, written in (('0001', '0001'), ('head', head)):
            code, output, _ = self.manage('db', 'stamp', revision)
            self.assertEqual(
                (0, f'The database is now marked as revision {written}.\n'),
                (code, output),
            )
        self.assertEqual((0, f'{head}\n', ''), self.manage('db', 'version'))
        self.assertEqual(['alembic_version'], self.tables())

    def test_stamp_of_a_revision_that_does_not_exist_changes_nothing(self):
        self.manage('db', 'sync')
        self.assert_refused("'9999'", 'db', 'stamp', '9999')

        self.assertEqual(
            (0, f'{migration.head()}\n', ''), self.manage('db', 'version')
        )

    def tables(self):
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            return [
                name
                for (name,) in database.execute(
                    "SELECT name FROM sqlite_master WHERE type = 'table'"
                )
            ]

    def put_events(self, *ages):
        now = datetime.datetime.now(datetime.UTC).replace(tzinfo=None)
        with contextlib.closing(sqlite3.connect(self.database)) as database:
            database.executemany(
                'INSERT INTO events (id, kind, message, details, created_at)'
                " VALUES (?, 'STACK_CHANGED', '', '{}', ?)",
                [[n, str(now - age)] for n, age in enumerate(ages)],
            )
            database.commit()

    def test_purge_deletes_the_events_that_are_older_and_counts_them(self):
        self.manage('db', 'sync')
        hours = [datetime.timedelta(hours=h) for h in (0, 2, 36, 24 * 20)]
        self.put_events(*hours, *[datetime.timedelta(days=400)] * 2500)

        for age, gone in (
            ('30d', 2500),
            ('30', 0),
            ('2w', 1),
            ('1h', 2),
        ):
            code, output, error = self.manage(
                'purge', 'events', '--older-than', age
            )
            self.assertEqual(0, code, error)
            self.assertRegex(
                output, rf'^Deleted {gone} events from before \S+ \S+ UTC\.\n$'
            )

    def test_an_invalid_age_is_refused(self):
        self.assert_refused(
            "'soon' is not an age",
            *('purge', 'events', '--older-than=soon'),
            code=2,
        )

    def test_purge_without_tables_is_reported_in_one_line(self):
        error = self.assert_refused(
            'has no tables yet', 'purge', 'events', '--older-than', '1'
        )

        self.assertEqual(1, len(error.splitlines()))

    def test_without_a_command_the_usage_is_shown(self):
        self.assert_refused('usage:', code=2)
        self.assert_refused('{sync,version,stamp}', 'db', code=2)
        self.assert_refused('{events}', 'purge', code=2)
