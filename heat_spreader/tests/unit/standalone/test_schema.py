# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.standalone import schema

KINDS = 'one of sqlite, database, remote'
PORTS = 'a whole number from 1 to 65535'


class TestAllowed(base.BaseTestCase):
    def test_content_of_the_samples_and_the_manual_is_allowed(self):
        for content in (
            {},
            {'clouds': ['athens']},
            {'backend': {'type': 'sqlite'}, 'clouds': ['athens', 'berlin']},
            {'backend': {'type': 'sqlite', 'database': '~/a.sqlite'}},
            {'backend': {'type': 'database', 'connection': 'mysql://h/d'}},
            {'backend': {'type': 'remote', 'host': 'h', 'port': 8784}},
            {
                'backend': {
                    'type': 'remote',
                    'host': '::1',
                    'username': 'ann',
                    'password': 'secret',
                }
            },
            {'server': {'address': '127.0.0.1', 'port': 1}},
            {'server': {'address': 'host.example.com'}},
        ):
            self.assertIsNone(schema.problem(content), content)


class TestProblems(base.BaseTestCase):
    def assert_says(self, line, **content):
        self.assertEqual(line, schema.problem(content))

    def test_an_unknown_key_is_reported(self):
        self.assert_says(
            'unknown key cloud; the keys of the file are backend, clouds, '
            'server.',
            cloud=['athens'],
        )
        self.assert_says(
            'unknown key server.adress; the keys of server are address, port.',
            server={'adress': '::1'},
        )

    def test_a_key_of_another_backend_type_is_reported(self):
        self.assert_says(
            'unknown key backend.host; the keys of backend are type, '
            'database.',
            backend={'type': 'sqlite', 'host': 'h'},
        )

    def test_a_missing_key_is_reported(self):
        for backend, line in (
            ({}, f'backend.type is missing; it must be {KINDS}.'),
            (
                {'type': 'remote'},
                'backend.host is missing; it must be an IP address or a '
                'host name.',
            ),
            (
                {'type': 'database'},
                'backend.connection is missing; it must be the URL of a '
                'database, such as '
                'postgresql+psycopg2://NAME:PASSWORD@HOST/DATABASE.',
            ),
            (
                {'type': 'remote', 'host': 'h', 'username': 'ann'},
                'backend.password is missing; it must be text.',
            ),
            (
                {'type': 'remote', 'host': 'h', 'password': 'pw'},
                'backend.username is missing; it must be text.',
            ),
        ):
            self.assert_says(line, backend=backend)

    def test_an_invalid_port_is_reported(self):
        for port in ('8784', 'abc', 0, 65536, 1.5, True, None, []):
            self.assert_says(
                f'server.port must be {PORTS}.', server={'port': port}
            )
        self.assert_says(
            f'backend.port must be {PORTS}.',
            backend={'type': 'remote', 'host': 'h', 'port': 'x'},
        )

    def test_an_invalid_address_is_reported(self):
        for address in ('', 'a b', 'http://h', '1.2.3.400', 5, None):
            self.assert_says(
                'server.address must be an IP address or a host name.',
                server={'address': address},
            )

    def test_clouds_that_are_not_a_list_of_names_are_reported(self):
        for clouds in ('athens', {}, [], ['a', 'a'], None):
            self.assert_says(
                'clouds must be a list of one or more names of clouds, each '
                'once.',
                clouds=clouds,
            )
        for name in (1, '', None, {'name': 'a'}):
            self.assert_says(
                'clouds[1] must be the name of a cloud.', clouds=['a', name]
            )

    def test_an_unknown_backend_type_is_reported(self):
        for kind in ('mysql', None, 1, ['sqlite']):
            self.assert_says(
                f'backend.type must be {KINDS}.', backend={'type': kind}
            )

    def test_a_section_that_is_not_a_mapping_is_reported(self):
        self.assertEqual(
            'the file must be a mapping with the keys backend, clouds, '
            'server.',
            schema.problem(['clouds']),
        )
        self.assert_says(
            'server must be a mapping with the keys address, port.',
            server='127.0.0.1',
        )

    def test_no_message_quotes_a_value_that_may_be_secret(self):
        for backend in (
            {'type': 'database', 'connection': ['secret']},
            {'type': 'remote', 'host': 'h', 'password': ['secret']},
            {'type': 'sqlite', 'connection': 'secret'},
        ):
            line = schema.problem({'backend': backend})
            self.assertIn('backend.', line)
            self.assertNotIn('secret', line)
