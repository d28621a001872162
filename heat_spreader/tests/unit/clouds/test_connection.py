# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import os
import threading
from unittest import mock

import fixtures
import yaml
from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import connection

ENTRY = """
clouds:
  east:
    auth_type: none
    auth: {endpoint: 'http://east.example/v1/p'}
"""


class TestConnect(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.useFixture(fixtures.TempDir()).path

    def write(self, content, name='clouds.yaml'):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(content)
        return path

    def connect(self, *paths, name='east'):
        return connection.connect(name, list(paths), 1.5, 2.5)

    def check_refused(self, expected, *paths, name='east'):
        error = self.assertRaises(
            exception.CloudMisconfigured, self.connect, *paths, name=name
        )
        self.assertEqual(expected, str(error))

    def test_makes_a_client_without_retries_or_redirects(self):
        heat = self.connect(self.write(ENTRY))
        self.assertEqual('http://east.example/v1/p', heat.get_endpoint())
        self.assertEqual((1.5, 2.5), heat.session.timeout)
        self.assertIs(False, heat.session.redirect)
        self.assertEqual(0, heat.connect_retries)
        self.assertEqual(0, heat.status_code_retries)

    def test_the_first_file_with_the_cloud_is_used(self):
        first = self.write('clouds: {west: {}}', 'first.yaml')
        second = self.write(ENTRY, 'second.yaml')
        third = self.write(ENTRY.replace('east.e', 'odd.e'), 'third.yaml')
        missing = os.path.join(self.folder, 'missing.yaml')
        heat = self.connect(missing, first, second, third)
        self.assertEqual('http://east.example/v1/p', heat.get_endpoint())

    def test_a_secure_file_beside_it_is_merged(self):
        path = self.write('clouds: {east: {auth_type: none}}')
        self.write(ENTRY.replace('auth_type: none', ''), 'secure.yaml')
        heat = self.connect(path)
        self.assertEqual('http://east.example/v1/p', heat.get_endpoint())

    def test_the_environment_is_ignored(self):
        elsewhere = self.write(ENTRY.replace('east.e', 'odd.e'), 'odd.yaml')
        for name, value in (
            ('OS_CLIENT_CONFIG_FILE', elsewhere),
            ('OS_CLOUD', 'east'),
            ('OS_AUTH_TYPE', 'none'),
            ('OS_ENDPOINT', 'http://env.example'),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        heat = self.connect(self.write(ENTRY))
        self.assertEqual('http://east.example/v1/p', heat.get_endpoint())
        path = self.write('clouds: {west: {}}')
        for name in ('east', 'envvars', 'defaults', 'openstack', ''):
            self.check_refused(
                f"The cloud '{name}' has no entry in {path}.", path, name=name
            )

    def test_a_missing_file_is_named(self):
        path = os.path.join(self.folder, 'missing.yaml')
        self.check_refused(
            f"The cloud 'east' has no entry in {path}, which does not exist.",
            path,
        )

    def test_no_file_at_all_is_reported(self):
        self.check_refused(
            "The cloud 'east' has no entry in any file: config_files in "
            '[clouds] is empty.'
        )

    def test_an_unreadable_file_is_named(self):
        self.check_refused(
            f'{self.folder} cannot be read: Is a directory.', self.folder
        )

    def test_a_broken_file_is_named_but_not_quoted(self):
        log = self.useFixture(fixtures.FakeLogger(level=0))
        path = self.write('clouds:\n  east: {password: hunter2]')
        self.check_refused(
            f'{path} cannot be read: it is not YAML (line 2).', path
        )
        path = self.write(ENTRY)
        secure = self.write(
            'clouds:\n  east: {password: hunter2]', 'secure.yaml'
        )
        self.check_refused(
            f'{secure} cannot be read: it is not YAML (line 2).', path
        )
        self.assertNotIn('hunter2', log.output)

    def test_a_file_with_other_content_is_named(self):
        for content in ('', '[]', 'clouds: [east]', 'hello'):
            path = self.write(content)
            self.check_refused(
                f'{path} cannot be read: it has no mapping named "clouds".',
                path,
            )

    def test_an_entry_without_authentication_is_named(self):
        path = self.write('clouds: {east: {}}')
        error = self.assertRaises(
            exception.CloudMisconfigured, self.connect, path
        )
        self.assertIn(f"the cloud 'east' in {path} is invalid", str(error))

    def test_a_malformed_entry_is_named_but_not_quoted(self):
        for entry in (
            'hunter2',
            '[hunter2]',
            '{auth: hunter2}',
            '{auth: {password: hunter2}}',
            '{auth_type: hunter3, auth: {password: hunter2}}',
            '{profile: hunter3, auth: {password: hunter2}}',
            '{auth: {auth_url: 7, password: hunter2}, verify: [hunter2]}',
            '{cert: [hunter2], regions: [hunter2], auth: {password: hunter2}}',
        ):
            path = self.write(f'clouds: {{east: {entry}}}')
            error = self.assertRaises(
                exception.CloudMisconfigured, self.connect, path
            )
            self.assertIn(f"the cloud 'east' in {path}", str(error), entry)
            self.assertNotIn('hunter2', str(error))

    def test_an_entry_without_its_secret_is_named(self):
        for kind, given, missing in (
            ('password', {}, 'password'),
            ('password', {'password': ''}, 'password'),
            ('password', {'password': None}, 'password'),
            ('v3password', {}, 'password'),
            ('v3token', {}, 'token'),
        ):
            auth = {'auth_url': 'http://k.example/v3', **given}
            if missing == 'password':
                auth |= {'username': 'u', 'user_domain_id': 'default'}
            path = self.write_entry({'auth_type': kind, 'auth': auth})
            self.check_refused(
                f"The entry of the cloud 'east' in {path} is invalid: its "
                f'{missing} is missing or empty.',
                path,
            )

    def test_an_application_credential_without_its_secret_is_named(self):
        auth = {
            'auth_url': 'http://k.example/v3',
            'application_credential_id': 'hunter2',
        }
        path = self.write_entry(
            {'auth_type': 'v3applicationcredential', 'auth': auth}
        )
        error = self.assertRaises(
            exception.CloudMisconfigured, self.connect, path
        )
        self.assertIn('secret', str(error))
        self.assertNotIn('hunter2', str(error))

    def write_entry(self, entry):
        return self.write(yaml.safe_dump({'clouds': {'east': entry}}))


class TestShared(base.BaseTestCase):
    def test_threads_share_one_attempt_and_its_outcome(self):
        waiting, attempts = threading.Barrier(6 + 1), []

        class Watched(concurrent.futures.Future):
            def result(self, timeout=None):
                if not self.done():
                    waiting.wait(60)
                return super().result(timeout)

        def connect():
            attempts.append(threading.get_ident())
            waiting.wait(60)
            raise exception.CloudUnreachable('Hangs.')

        shared = connection.Shared(connect)
        with (
            mock.patch.object(concurrent.futures, 'Future', Watched),
            concurrent.futures.ThreadPoolExecutor(7) as pool,
        ):
            futures = [pool.submit(shared.get) for _ in range(7)]
            for future in futures:
                self.assertIsInstance(
                    future.exception(60), exception.CloudUnreachable
                )
        self.assertEqual(1, len(attempts))

    def test_a_failed_attempt_is_made_again(self):
        outcomes = [ValueError('No'), 'connection']

        def connect():
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        shared = connection.Shared(connect)
        self.assertRaises(ValueError, shared.get)
        self.assertEqual('connection', shared.get())
        self.assertEqual('connection', shared.get())

    def test_only_the_connection_in_use_is_dropped(self):
        made = ['second', 'first']
        shared = connection.Shared(made.pop)
        first = shared.get()
        shared.drop(first)
        self.assertEqual('second', shared.get())
        shared.drop(first)
        shared.drop(None)
        self.assertEqual('second', shared.get())
