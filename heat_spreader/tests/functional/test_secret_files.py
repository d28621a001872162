# SPDX-License-Identifier: Apache-2.0
"""Who can read the files of a real installation."""

import pathlib
import stat

import fixtures
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as ours


class TestFiles(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.database = self.directory / 'heat-spreader.sqlite'
        self.config = process.write_config(
            self.directory / 'heat-spreader.conf',
            {
                'DEFAULT': {'log_file': self.directory / 'log'},
                'database': {'connection': f'sqlite:///{self.database}'},
                'api': {
                    **ours.http_basic(self.directory / 'htpasswd'),
                    'auth_strategy': 'http_basic',
                    'port': 0,
                },
            },
        )

    def run_program(self, name, *words):
        return process.run(
            *('sh', '-c', 'umask 000; exec "$@"', name),
            *(process.SCRIPTS / name, '--config-file', self.config, *words),
        )

    def test_created_files_are_not_for_everyone(self):
        done = self.run_program('heat-spreader-manage', 'db', 'sync')

        self.assertEqual(0, done.returncode, done.stderr)
        for path in (self.database, self.directory / 'log'):
            mode = stat.S_IMODE(path.stat().st_mode)
            self.assertEqual(0o640, mode, path)

    def test_passwords_that_everyone_can_read_are_logged(self):
        self.run_program('heat-spreader-manage', 'db', 'sync')
        passwords = self.directory / 'htpasswd'
        for path in (self.config, passwords):
            path.chmod(0o644)
        api = self.useFixture(
            process.Process(
                [
                    process.SCRIPTS / 'heat-spreader-api',
                    *('--config-file', self.config),
                ],
                url=None,
            )
        )
        api.start()
        log = self.directory / 'log'

        process.wait_until(
            lambda: 'Listening' in log.read_text(), log.read_text
        )
        for path in (self.config, passwords):
            self.assertIn(f'chmod o-rwx {path}', log.read_text())
