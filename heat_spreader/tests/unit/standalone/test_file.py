# SPDX-License-Identifier: Apache-2.0
import os
import pathlib

import fixtures
from oslotest import base

from heat_spreader import exception
from heat_spreader.standalone import file

SAMPLES = pathlib.Path(__file__).parents[4] / 'etc' / 'heat_spreader'


class FileTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.home = self.useFixture(fixtures.TempHomeDir()).path
        self.path = os.path.join(self.home, 'heat-spreader.yaml')

    def write(self, text, name='heat-spreader.yaml'):
        path = os.path.join(self.home, name)
        with open(path, 'w', encoding='utf-8') as stream:
            stream.write(text)
        return path

    def load(self, text):
        return file.load(self.write(text))

    def refused(self, function, *args):
        return str(
            self.assertRaises(exception.ConfigurationInvalid, function, *args)
        )


class TestPath(FileTestCase):
    def test_path_comes_from_the_variable_or_is_beside_clouds_yaml(self):
        self.assertEqual(
            f'{self.home}/.config/openstack/heat-spreader.yaml', file.path({})
        )
        self.assertEqual(
            f'{self.home}/my.yaml',
            file.path({'HEAT_SPREADER_CONFIG_FILE': '~/my.yaml'}),
        )


class TestLoad(FileTestCase):
    def test_missing_values_have_defaults(self):
        for text in ('', '---\n', '{}', 'clouds: [athens]'):
            settings = self.load(text)

            self.assertEqual({'type': 'sqlite'}, settings.backend)
            self.assertEqual(
                f'{self.home}/.local/share/heat-spreader/heat-spreader.sqlite',
                settings.database,
            )
            self.assertEqual('http://127.0.0.1:8784', settings.url)
            self.assertFalse(settings.is_remote)

    def test_the_database_is_beside_the_file_by_default(self):
        for database, path in (
            ('a.sqlite', f'{self.home}/a.sqlite'),
            ('~/b/a.sqlite', f'{self.home}/b/a.sqlite'),
            ('/var/a.sqlite', '/var/a.sqlite'),
        ):
            settings = self.load(
                f'backend: {{type: sqlite, database: {database}}}'
            )
            self.assertEqual(path, settings.database)

    def test_the_address_of_the_server_is_read_from_the_file(self):
        for text, url in (
            ('server: {port: 1234}', 'http://127.0.0.1:1234'),
            ('server: {address: 10.0.0.1}', 'http://10.0.0.1:8784'),
            ('server: {address: "::1"}', 'http://[::1]:8784'),
            ('server: {address: 0.0.0.0}', 'http://127.0.0.1:8784'),
            ('server: {address: "::"}', 'http://[::1]:8784'),
            ('backend: {type: remote, host: h}', 'http://h:8784'),
            ('backend: {type: remote, host: h, port: 1}', 'http://h:1'),
            ('backend: {type: remote, host: "fe::1"}', 'http://[fe::1]:8784'),
        ):
            self.assertEqual(url, self.load(text).url)

    def test_an_invalid_file_is_reported_with_its_name(self):
        self.assertEqual(
            f'{self.path}: server.port must be a whole number from 1 to '
            '65535.',
            self.refused(self.load, 'server: {port: abc}'),
        )

    def test_a_file_that_is_not_yaml_is_reported_and_not_quoted(self):
        self.assertEqual(
            f'{self.path} cannot be read: it is not YAML (line 2). Correct '
            'it, or name another file in HEAT_SPREADER_CONFIG_FILE.',
            self.refused(self.load, 'a: 1\nb: "a" secret\n'),
        )
        self.assertEqual(
            f'{self.path} cannot be read: it is not YAML. Correct it, or '
            'name another file in HEAT_SPREADER_CONFIG_FILE.',
            self.refused(self.load, '\x07'),
        )

    def test_a_missing_file_is_reported(self):
        self.assertEqual(
            f'{self.path} does not exist. Create it, or name another file in '
            'HEAT_SPREADER_CONFIG_FILE.',
            self.refused(file.load, self.path),
        )
        self.assertEqual(
            f'{self.home} cannot be read: Is a directory. Correct it, or name '
            'another file in HEAT_SPREADER_CONFIG_FILE.',
            self.refused(file.load, self.home),
        )


class TestServer(FileTestCase):
    def test_a_server_needs_clouds_and_a_database(self):
        self.assertEqual(
            f'{self.path}: clouds is missing; it must be a list of one or '
            'more names of clouds, each once.',
            self.refused(file.check_server, self.load('server: {port: 1}')),
        )
        self.assertEqual(
            f'{self.path}: backend.type is remote, so this is the file of a '
            'client. A server needs the type sqlite or database.',
            self.refused(
                file.check_server,
                self.load('backend: {type: remote, host: h}\nclouds: [a]'),
            ),
        )
        self.assertIsNone(file.check_server(self.load('clouds: [a]')))


class TestSamples(base.BaseTestCase):
    def test_samples_of_server_and_client_are_valid(self):
        server = file.load(SAMPLES / 'heat-spreader.server.yaml')
        self.assertIsNone(file.check_server(server))
        self.assertEqual('http://127.0.0.1:8784', server.url)

        client = file.load(SAMPLES / 'heat-spreader.client.yaml')
        self.assertTrue(client.is_remote)
