# SPDX-License-Identifier: Apache-2.0
"""No program runs on the tables of another version."""

import pathlib
import subprocess
import sys
from unittest import mock

import fixtures
import sqlalchemy as sa
from oslotest import base as test_base

from heat_spreader.db import failures
from heat_spreader.db import migration
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import base
from heat_spreader.tests.functional.emulator import cloud
from heat_spreader.tests.functional.standalone import fixtures as standalone

PROGRAMS = ('heat-spreader-api', 'heat-spreader-engine')
WSGI = 'import heat_spreader.wsgi.api'


class TestPrograms(test_base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.path = self.directory / 'heat-spreader.sqlite'
        self.config = self.directory / 'heat-spreader.conf'
        self.config.write_text(
            '[api]\nauth_strategy = noauth\nport = 0\n'
            f'[database]\nconnection = sqlite:///{self.path}\n'
        )

    def sync(self, revision):
        """Make the tables, and write that they are at a revision."""
        engine = sa.create_engine(f'sqlite:///{self.path}')
        migration.sync(engine=engine)
        with engine.begin() as connection:
            connection.execute(
                sa.text('UPDATE alembic_version SET version_num = :revision'),
                {'revision': revision},
            )
        engine.dispose()

    def run_program(self, command, **environ):
        done = process.run(
            *command, env=process.environ(**environ), stderr=subprocess.STDOUT
        )
        self.assertNotIn(done.returncode, (None, 0), done.stdout)
        return done.stdout

    def outputs(self):
        """What each program prints before it ends."""
        for program in PROGRAMS:
            path = process.SCRIPTS / program
            output = self.run_program([path, '--config-file', self.config])
            self.assertNotIn('Traceback', output)
            yield output
        yield self.run_program(
            [sys.executable, '-c', WSGI],
            OS_HEAT_SPREADER_CONFIG_FILES=str(self.config),
        )

    def test_without_tables_no_program_starts(self):
        for output in self.outputs():
            self.assertIn('has no tables yet', output)
            self.assertIn('heat-spreader-manage db sync', output)
        self.assertFalse(self.path.exists())

    def test_on_newer_tables_no_program_starts(self):
        self.sync('9999')

        for output in [*self.outputs(), self.run_standalone()]:
            self.assertIn('9999', output)
            self.assertIn(migration.head(), output)
            self.assertNotIn('db sync', output)

    def run_standalone(self):
        place = self.useFixture(standalone.Place())
        entry = {'auth': {'auth_url': 'http://127.0.0.1:1', 'password': 'x'}}
        cloud.write_entries(place.directory / 'clouds.yaml', {'athens': entry})
        place.write(
            backend={'type': 'sqlite', 'database': str(self.path)},
            clouds=['athens'],
        )
        done = place.run('run')
        self.assertNotEqual(0, done.returncode, done.stdout)
        return done.stdout + done.stderr


class TestLater(base.SQLite, base.SchemaTestCase):
    def test_older_tables_name_both_revisions_and_the_command(self):
        with (
            mock.patch.object(
                migration, 'head', autospec=True, return_value='0002'
            ),
            mock.patch.object(
                migration,
                'revisions',
                autospec=True,
                return_value=['0001', '0002'],
            ),
        ):
            problem = migration.find_problem()

        self.assertIn('at revision 0001; the code needs 0002', problem)
        self.assertIn('heat-spreader-manage db sync', problem)

    def test_tables_that_cannot_be_checked_at_the_start_are_later(self):
        problems = ['They are wrong.', None]
        session.check_first(lambda: problems.pop(0))
        self.addCleanup(session._first.clear)

        exc = self.assertRaises(failures.WrongSchema, stacks.totals, self.ctx)
        self.assertEqual('They are wrong.', session.reason(exc))
        for _ in range(2):
            stacks.totals(self.ctx)
