# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-status as an operator runs it: a process of its own."""

import datetime
import json
import pathlib

import fixtures
import sqlalchemy as sa
from oslotest import base

from heat_spreader.db import migration
from heat_spreader.db import models
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import cloud

SUCCESS, WARNING, FAILURE = 0, 1, 2


class TestStatus(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.config = self.directory / 'heat-spreader.conf'
        self.clouds_yaml = self.directory / 'clouds.yaml'
        self.url = f'sqlite:///{self.directory}/heat-spreader.sqlite'
        self.configure()
        self.cloud = cloud.EmulatedCloud('east')
        self.addCleanup(self.cloud.stop)
        self.cloud.start()
        self.cloud.password = 'S3cret'
        cloud.write_clouds_yaml(self.clouds_yaml, self.cloud)
        for path in (self.config, self.clouds_yaml):
            path.chmod(0o600)

    def configure(self, enabled='east', connection=None, more=''):
        self.config.write_text(
            f'[clouds]\nenabled = {enabled}\n'
            f'config_files = {self.clouds_yaml}\n'
            f'[database]\nconnection = {connection or self.url}\n'
            f'[oslo_policy]\npolicy_file = {self.directory}/policy.yaml\n'
            f'{more}'
        )

    def sync(self):
        engine = sa.create_engine(self.url)
        self.addCleanup(engine.dispose)
        migration.sync(engine=engine)
        return engine

    def status(self, *args):
        """Run the command; its exit code, standard output and error."""
        done = process.run(
            process.SCRIPTS / 'heat-spreader-status',
            *('--config-file', self.config, *args),
        )
        self.assertNotIn('S3cret', done.stdout + done.stderr)
        self.assertNotIn('Traceback', done.stdout + done.stderr)
        return done.returncode, done.stdout, done.stderr

    def check(self, code):
        """The results and the details of the checks, by name."""
        returned, output, error = self.status('upgrade', 'check', '--json')
        self.assertEqual(code, returned, output + error)
        checks = json.loads(output)['checks']
        return (
            {each['check']: each['result'] for each in checks},
            {each['check']: each['details'] for each in checks},
        )

    def test_all_checks_succeed_on_a_healthy_installation(self):
        self.add_engine(self.sync())
        # The engine of the test has no second heartbeat.
        self.configure(more='[engine]\nheartbeat_timeout = 3600\n')

        results, _ = self.check(SUCCESS)

        self.assertEqual(
            dict.fromkeys(
                [
                    *('Configuration', 'Files', 'Policy'),
                    *('Database', 'Clouds', 'Engines'),
                ],
                SUCCESS,
            ),
            results,
        )
        code, output, _ = self.status('upgrade', 'check')
        self.assertEqual(SUCCESS, code)
        self.assertIn('Check: Database', output)

    def add_engine(self, database, age=0):
        """Add an engine whose last heartbeat is that many seconds old."""
        beat = models.utcnow() - datetime.timedelta(seconds=age)
        with database.begin() as connection:
            connection.execute(
                sa.insert(models.Engine).values(
                    id='e',
                    host='h',
                    version='1',
                    beats=1,
                    started_at=beat,
                    heartbeat_at=beat,
                )
            )

    def test_no_engine_that_is_alive_is_a_warning(self):
        self.add_engine(self.sync(), age=3600)

        results, details = self.check(WARNING)

        self.assertEqual(WARNING, results['Engines'])
        self.assertIn('No engine is alive', details['Engines'])

    def test_problems_that_can_wait_are_warnings(self):
        self.sync()
        self.clouds_yaml.unlink()
        self.configure(more='[api]\nnonsense = 1\n')

        results, details = self.check(WARNING)

        self.assertEqual(WARNING, results['Configuration'])
        self.assertIn('nonsense in [api]', details['Configuration'])
        self.assertEqual(WARNING, results['Clouds'])
        self.assertIn('Only the engine needs it', details['Clouds'])

    def test_files_with_passwords_that_everyone_can_read_are_warnings(self):
        self.add_engine(self.sync())
        self.clouds_yaml.chmod(0o644)

        results, details = self.check(WARNING)

        self.assertEqual(WARNING, results['Files'])
        self.assertIn(f'chmod o-rwx {self.clouds_yaml}', details['Files'])
        self.assertNotIn(str(self.config), details['Files'])

    def test_a_cloud_that_cannot_be_reached_is_a_warning(self):
        self.add_engine(self.sync())
        self.cloud.stop()

        _, details = self.check(WARNING)

        self.assertIn('cannot be reached', details['Clouds'])

    def test_a_cloud_that_rejects_the_credentials_is_a_failure(self):
        self.sync()
        self.cloud.password = 'other'

        results, details = self.check(FAILURE)

        self.assertEqual(FAILURE, results['Clouds'])
        self.assertIn('rejected the engine', details['Clouds'])

    def test_problems_that_prevent_the_start_are_failures(self):
        (self.directory / 'policy.yaml').write_text('{"a": "role:admin"}')
        self.configure(enabled='east,west', more='[api]\nthreads = 0\n')

        results, details = self.check(FAILURE)

        for name, code in (('Engines', WARNING), ('Files', SUCCESS)):
            self.assertEqual(code, results.pop(name))
        self.assertEqual({FAILURE}, set(results.values()))
        self.assertIn('threads', details['Configuration'])
        self.assertIn('YAML', details['Policy'])
        self.assertIn('db sync', details['Database'])
        self.assertIn("The cloud 'west' has no entry in", details['Clouds'])

    def test_tables_of_newer_code_are_a_failure(self):
        with self.sync().begin() as connection:
            connection.execute(
                sa.text("UPDATE alembic_version SET version_num = '9999'")
            )

        _, details = self.check(FAILURE)

        self.assertIn('9999', details['Database'])
        self.assertNotIn('db sync', details['Database'])

    def test_an_unreachable_database_is_a_failure(self):
        self.configure(connection='mysql+pymysql://me:S3cret@127.0.0.1:1/x')

        _, details = self.check(FAILURE)

        self.assertIn('mysql+pymysql://me:***@', details['Database'])

    def test_without_a_configuration_the_checks_cannot_run(self):
        code, output, error = self.status(
            '--config-file', '/nowhere.conf', 'upgrade', 'check'
        )

        self.assertEqual((255, ''), (code, output))
        self.assertIn('/nowhere.conf', error)
