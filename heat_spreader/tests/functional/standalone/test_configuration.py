# SPDX-License-Identifier: Apache-2.0
"""What is read, what takes precedence, and what is refused in one line."""

import pathlib
import socket

import fixtures
from oslotest import base

from heat_spreader.tests.functional import fixtures as functional
from heat_spreader.tests.functional.emulator import cloud
from heat_spreader.tests.functional.standalone import fixtures as our_fixtures


class TestPrecedence(base.BaseTestCase):
    """The environment, --config-file, heat-spreader.yaml, the defaults."""

    def setUp(self):
        super().setUp()
        self.service = self.useFixture(our_fixtures.Service())

    def started(self, *words, **variables):
        self.service.start(*words, **variables)
        self.service.wait_for_halves()
        self.assertEqual(0, self.service.stop())
        return self.service.process.text()

    def line(self, *clouds):
        """What is logged of clouds in the one clouds.yaml."""
        return f'Clouds: {", ".join(clouds)} in {self.service.clouds_yaml}.'

    def test_the_file_takes_precedence_over_the_defaults(self):
        self.service.write(clouds=['berlin'])
        output = self.started()

        self.assertIn(self.line('berlin'), output)
        self.assertTrue(self.service.database.exists())

    def test_a_config_file_takes_precedence_over_the_file(self):
        other = self.service.directory / 'other.sqlite'
        config_file = self.service.config_file(
            clouds={'enabled': 'athens'},
            database={'connection': f'sqlite:///{other}'},
        )
        output = self.started('--config-file', str(config_file))

        self.assertIn(self.line('athens'), output)
        self.assertTrue(other.exists())
        self.assertFalse(self.service.database.exists())

    def test_the_last_config_file_and_a_config_dir_take_precedence(self):
        first = self.service.config_file(clouds={'enabled': 'athens'})
        last = self.service.config_file(
            'last.conf', clouds={'enabled': 'cairo'}
        )
        self.assertIn(
            self.line('cairo'),
            self.started(f'--config-file={first}', f'--config-file={last}'),
        )
        folder = self.service.directory / 'conf.d'
        folder.mkdir()
        self.service.config_file('conf.d/a.conf', clouds={'enabled': 'berlin'})
        self.assertIn(
            self.line('berlin'),
            self.started(f'--config-file={first}', f'--config-dir={folder}'),
        )

    def test_the_environment_takes_precedence_over_a_config_file(self):
        config_file = self.service.config_file(
            clouds={'enabled': 'athens'},
            DEFAULT={'default_log_levels': 'root=CRITICAL', 'use_json': True},
        )
        output = self.started(
            f'--config-file={config_file}',
            OS_CLOUDS__ENABLED='cairo',
            HEAT_SPREADER_LOG_LEVEL='INFO',
            HEAT_SPREADER_LOG_JSON='false',
        )

        self.assertIn(self.line('cairo'), output)

    def test_clouds_yaml_is_searched_as_openstacksdk_does(self):
        home = self.useFixture(fixtures.TempHomeDir()).path
        usual = pathlib.Path(home, '.config', 'openstack', 'clouds.yaml')
        usual.parent.mkdir(parents=True)
        cloud.write_clouds_yaml(usual, self.service.clouds['cairo'])
        named = self.service.directory / 'named.yml'
        cloud.write_clouds_yaml(named, self.service.clouds['athens'])
        # The program runs in the directory of the third file.
        self.assertIn(
            f'Clouds: athens in {named}; berlin, cairo in '
            f'{self.service.clouds_yaml}.',
            self.started(OS_CLIENT_CONFIG_FILE=str(named)),
        )
        self.service.clouds_yaml.unlink()
        self.service.write(clouds=['athens', 'cairo'])
        self.assertIn(
            f'Clouds: athens in {named}; cairo in {usual}.',
            self.started(OS_CLIENT_CONFIG_FILE=str(named)),
        )

    def test_a_dollar_in_the_file_is_literal(self):
        path = self.service.directory / 'a$clouds$$b.sqlite'
        self.service.write(backend={'type': 'sqlite', 'database': str(path)})
        self.started()

        self.assertTrue(path.exists())


class TestPasswords(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(our_fixtures.Service())

    def be_a_client(self, **credentials):
        self.service.write(
            backend={
                'type': 'remote',
                'host': '127.0.0.1',
                'port': self.service.port,
                **credentials,
            }
        )

    def test_with_passwords_it_may_listen_on_every_address(self):
        self.service.write(
            server={'address': '0.0.0.0', 'port': self.service.port}
        )
        options = functional.http_basic(self.service.directory / 'htpasswd')
        self.service.start(
            f'--config-file={self.service.config_file(api=options)}'
        )
        self.service.wait_for_halves()

        self.be_a_client()
        result = self.service.run('list')
        self.assertEqual(1, result.returncode)
        self.assertIn('requires a user name and a password', result.stderr)
        self.be_a_client(username='ann', password='secret')
        result = self.service.run('list', '--json')
        self.assertEqual((0, '[]\n'), (result.returncode, result.stdout))
        self.assertEqual(0, self.service.stop())


class TestRefusals(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.place = self.useFixture(our_fixtures.Place())
        cloud.write_entries(
            self.place.clouds_yaml,
            {name: {} for name in our_fixtures.CLOUDS},
        )
        self.place.write()

    def assert_refuses(self, *lines, words=(), **variables):
        """Check that it ends with status 1 and one line with all of these."""
        result = self.place.run('run', *words, **variables)
        self.assertEqual(1, result.returncode, result)
        (line,) = result.stderr.splitlines()
        self.assertTrue(line.startswith('heat-spreader: '), line)
        for part in lines:
            self.assertIn(str(part), line)
        self.assertFalse(self.place.database.exists())

    def test_an_invalid_file_is_refused(self):
        for content, line in (
            ({'cloud': ['athens']}, 'unknown key cloud; the keys of the file'),
            (
                {'server': {'port': 'abc'}},
                'server.port must be a whole number from 1 to 65535.',
            ),
            (
                {'clouds': ['athens', 'delhi']},
                "clouds[1] is 'delhi', which has no entry in "
                f'{self.place.clouds_yaml}. Entries: athens, berlin, cairo.',
            ),
            (
                {'backend': {'type': 'remote', 'host': 'h'}},
                'backend.type is remote, so this is the file of a client.',
            ),
        ):
            self.place.write(**content)
            self.assert_refuses(f'{self.place.file}: {line}')

    def test_a_missing_file_is_refused(self):
        self.place.file.unlink()
        self.assert_refuses(f'{self.place.file} does not exist')

    def test_a_clouds_yaml_that_cannot_be_read_is_refused(self):
        self.place.clouds_yaml.write_text('clouds:\n  athens: {a: hunter2]')
        self.assert_refuses(
            f'{self.place.clouds_yaml} cannot be read: it is not YAML (line 2)'
        )
        self.place.clouds_yaml.unlink()
        self.assert_refuses(
            "clouds[0] is 'athens', which has no entry in any file: there is "
            f'no clouds.yaml in {self.place.directory} or ',
            HOME=str(self.place.directory),
        )
        self.assert_refuses(
            'has no entry in /nowhere.yaml (from OS_CLIENT_CONFIG_FILE), '
            'which does not exist',
            OS_CLIENT_CONFIG_FILE='/nowhere.yaml',
        )

    def test_an_invalid_variable_is_refused(self):
        self.assert_refuses(
            'HEAT_SPREADER_LOG_LEVEL must be one of DEBUG, INFO, WARNING, '
            "ERROR, CRITICAL, not 'LOUD'.",
            HEAT_SPREADER_LOG_LEVEL='loud',
        )

    def test_an_invalid_config_file_is_refused(self):
        self.assert_refuses(
            '/nowhere.conf', words=['--config-file=/nowhere.conf']
        )
        config_file = self.place.config_file(engine={'threads': 0})
        self.assert_refuses(
            'threads', config_file, words=[f'--config-file={config_file}']
        )

    def test_a_log_that_cannot_be_written_is_refused(self):
        self.assert_refuses(
            'The log file /nowhere/a.log cannot be written: No such file or '
            'directory. The variable HEAT_SPREADER_LOG_FILE names it.',
            HEAT_SPREADER_LOG_FILE='/nowhere/a.log',
        )

    def test_noauth_on_a_public_address_is_refused(self):
        for address in ('0.0.0.0', 'host.example.com'):
            self.place.write(server={'address': address})
            self.assert_refuses(
                f'{self.place.file}: auth_strategy = noauth would make '
                f'everyone who can reach {address} an administrator.',
                'auth_strategy to http_basic or keystone',
                'The host is server.address in this file',
            )

    def test_passwords_that_cannot_be_read_are_refused(self):
        config_file = self.place.config_file(
            api={
                'auth_strategy': 'http_basic',
                'http_basic_auth_user_file': '/nowhere',
            }
        )
        self.assert_refuses(
            'http_basic_auth_user_file',
            '/nowhere',
            words=[f'--config-file={config_file}'],
        )

    def test_an_address_that_is_taken_or_not_local_is_refused(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            port = taken.getsockname()[1]
            self.place.write(server={'port': port})
            self.assert_refuses(
                f'The API cannot listen on port {port} of 127.0.0.1: Address '
                'already in use.'
            )
        config_file = self.place.config_file(
            api=functional.http_basic(self.place.directory / 'htpasswd')
        )
        self.place.write(server={'address': '192.0.2.1'})
        self.assert_refuses(
            'The API cannot listen on port 8784 of 192.0.2.1: ',
            words=[f'--config-file={config_file}'],
        )

    def test_a_database_that_cannot_be_used_is_refused(self):
        (self.place.directory / 'file').touch()
        path = self.place.directory / 'file' / 'a.sqlite'
        for backend, line in (
            (
                {'type': 'sqlite', 'database': str(path)},
                f'The database sqlite:///{path} cannot be used: ',
            ),
            (
                {'type': 'database', 'connection': 'nowhere'},
                'The connection in [database] is not a URL of a database.',
            ),
            (
                {'type': 'database', 'connection': 'odd://u:secret@h/d'},
                'The database odd://u:***@h/d cannot be used: ',
            ),
        ):
            self.place.write(backend=backend)
            self.assert_refuses(line)

    def test_unknown_arguments_are_refused(self):
        result = self.place.run('run', '--confg-file=a')
        self.assertEqual(2, result.returncode)
        self.assertIn('usage: heat-spreader run', result.stderr)
