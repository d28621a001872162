# SPDX-License-Identifier: Apache-2.0
"""Where the commands find the API, and who they are there."""

import json

import fixtures
import yaml

from heat_spreader import version
from heat_spreader.tests.functional import fixtures as functional
from heat_spreader.tests.functional.standalone import test_commands


class TestPlace(test_commands.CommandTestCase):
    def test_the_machine_of_the_server_needs_no_other_file(self):
        self.place.write(
            clouds=['east'],
            server={'address': '0.0.0.0', 'port': self.remote['port']},
        )
        self.assertEqual([], self.ask('list'))

    def test_an_unreachable_server_is_reported_with_how_to_start_one(self):
        self.place.write(backend=self.remote | {'port': self.place.port})
        self.assertEqual(
            'heat-spreader: No heat-spreader server answers at '
            f'http://127.0.0.1:{self.place.port}, the address in '
            f'{self.place.file}. Start one with "heat-spreader run".\n',
            self.fails('list'),
        )

    def test_an_invalid_file_is_reported(self):
        self.place.write(backend=self.remote | {'port': 'abc'})
        self.assertEqual(
            f'heat-spreader: {self.place.file}: backend.port must be a '
            'whole number from 1 to 65535.\n',
            self.fails('list'),
        )

    def test_version_needs_no_file(self):
        self.place.file.unlink()

        self.assertEqual(f'{version.installed()}\n', self.says('version'))
        self.assertIn('does not exist', self.fails('list'))

    def test_a_proxy_of_the_environment_is_not_used(self):
        self.useFixture(
            fixtures.EnvironmentVariable('http_proxy', 'http://192.0.2.1:1')
        )
        for name in ('no_proxy', 'NO_PROXY'):
            self.useFixture(fixtures.EnvironmentVariable(name))

        self.assertEqual([], self.ask('list'))

    def test_the_program_needs_no_cloud_of_this_machine(self):
        (self.place.directory / 'clouds.yaml').write_text(
            yaml.safe_dump({'clouds': {'home': {'auth': {'auth_url': 'x'}}}})
        )
        result = self.place.run(
            *('list', '--json'),
            OS_CLOUD='home',
            OS_CLIENT_CONFIG_FILE=str(self.place.directory / 'clouds.yaml'),
            OS_AUTH_URL='http://127.0.0.1:1',
        )

        self.assertEqual(
            (0, [], ''),
            (result.returncode, json.loads(result.stdout), result.stderr),
        )


class TestHttpBasic(test_commands.CommandTestCase):
    credentials = {'username': 'ann', 'password': 'sésame'}

    def setUp(self):
        path = self.useFixture(fixtures.TempDir()).join('htpasswd')
        self.api = functional.http_basic(path, password='sésame')
        super().setUp()

    def test_the_user_name_comes_from_the_file(self):
        self.assertEqual('ann', self.add('web')['user_id'])

    def test_a_missing_name_and_a_wrong_password_are_reported(self):
        self.place.write(backend=self.remote)
        self.assertIn(
            'The request requires a user name and a password',
            self.fails('list'),
        )
        self.place.write(
            backend=self.remote | {'username': 'ann', 'password': 'wrong'}
        )
        self.assertIn(
            'The user name or the password is wrong. (HTTP 401',
            self.fails('list'),
        )
