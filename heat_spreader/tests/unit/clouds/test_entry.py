# SPDX-License-Identifier: Apache-2.0
import json
import os

import fixtures
import yaml
from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import entry

ENDPOINT = 'http://east.example/v1/p'
ENTRY = f"""
clouds:
  east:
    auth_type: none
    auth: {{endpoint: '{ENDPOINT}'}}
"""
NO_AUTH = {'auth_type': 'none'}
PROFILED = """
clouds:
  east:
    profile: own
    auth: {username: u, password: p, project_name: p}
"""
VENDORS = """
public-clouds:
  own:
    auth: {auth_url: 'http://own.example/v3'}
"""


class EntryTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.folder = self.useFixture(fixtures.TempDir()).path

    def write(self, content, name='clouds.yaml'):
        path = os.path.join(self.folder, name)
        with open(path, 'w', encoding='utf-8') as file:
            file.write(content)
        return path

    def find(self, *paths, name='east'):
        return entry.find(name, list(paths))

    def endpoint(self, *paths):
        """The endpoint of the entry of east that is used."""
        return self.find(*paths).region.config['auth']['endpoint']

    def auth_url(self, *paths):
        return self.find(*paths).region.config['auth']['auth_url']

    def check_refused(self, expected, *paths, name='east'):
        error = self.assertRaises(
            exception.CloudMisconfigured, self.find, *paths, name=name
        )
        self.assertEqual(expected, str(error))


class TestGivenFiles(EntryTestCase):
    def test_the_first_file_with_the_cloud_is_used(self):
        first = self.write('clouds: {west: {}}', 'first.yaml')
        second = self.write(ENTRY, 'second.yaml')
        third = self.write(ENTRY.replace('east.e', 'odd.e'), 'third.yaml')
        missing = os.path.join(self.folder, 'missing.yaml')
        self.assertEqual(
            ENDPOINT, self.endpoint(missing, first, second, third)
        )

    def test_a_secure_file_beside_it_is_merged(self):
        path = self.write('clouds: {east: {auth_type: none}}')
        self.write(ENTRY.replace('auth_type: none', ''), 'secure.yaml')
        self.assertEqual(ENDPOINT, self.endpoint(path))

    def test_the_environment_is_ignored(self):
        elsewhere = self.write(ENTRY.replace('east.e', 'odd.e'), 'odd.yaml')
        for name, value in (
            ('OS_CLIENT_CONFIG_FILE', elsewhere),
            ('OS_CLOUD', 'east'),
            ('OS_AUTH_TYPE', 'none'),
            ('OS_ENDPOINT', 'http://env.example'),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        self.assertEqual(ENDPOINT, self.endpoint(self.write(ENTRY)))
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

    def test_profiles_of_a_file_beside_it_and_of_openstacksdk_are_used(self):
        path = self.write(PROFILED)
        self.write(VENDORS, 'clouds-public.yml')
        self.assertEqual('http://own.example/v3', self.auth_url(path))
        path = self.write(PROFILED.replace('own', 'otc'))
        self.assertEqual(
            'https://iam.eu-de.otc.t-systems.com/v3',
            self.auth_url(path),
        )


class TestUsualPlaces(EntryTestCase):
    """No path of clouds.yaml is given."""

    def setUp(self):
        super().setUp()
        for name in ('OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        self.first, self.second = (
            os.path.join(self.folder, name) for name in ('first', 'second')
        )
        for folder in (self.first, self.second):
            os.mkdir(folder)
        self.patch('CONFIG_SEARCH_PATH', [self.first, self.second])
        for name, stem in (
            ('CONFIG_FILES', 'clouds'),
            ('SECURE_FILES', 'secure'),
            ('VENDOR_FILES', 'clouds-public'),
        ):
            paths = [
                os.path.join(folder, f'{stem}.{suffix}')
                for folder in (self.first, self.second)
                for suffix in ('yaml', 'yml', 'json')
            ]
            self.patch(name, paths)

    def patch(self, name, value):
        self.useFixture(
            fixtures.MonkeyPatch(f'openstack.config.loader.{name}', value)
        )

    def test_the_first_place_with_the_cloud_is_used(self):
        for name in (
            *('second/clouds.json', 'second/clouds.yaml'),
            *('first/clouds.json', 'first/clouds.yml', 'first/clouds.yaml'),
        ):
            content = {'endpoint': f'http://{name}'}
            path = self.write(
                json.dumps({'clouds': {'east': NO_AUTH | {'auth': content}}}),
                name,
            )
            self.assertEqual(f'http://{name}', self.endpoint())
            self.assertEqual(path, self.find().source)
            self.assertEqual(path, entry.path_of('east', []))
        self.write('clouds: {west: {}}', 'first/clouds.yaml')
        self.assertEqual('http://first/clouds.yml', self.endpoint())
        self.assertEqual({'east', 'west'}, entry.names([]))

    def test_json_may_be_indented_with_tabs(self):
        content = json.dumps(yaml.safe_load(ENTRY), indent='\t')
        self.write(content, 'first/clouds.json')
        self.assertEqual(ENDPOINT, self.endpoint())

    def test_the_variable_names_the_first_file(self):
        self.write(ENTRY.replace('east.e', 'odd.e'), 'first/clouds.yaml')
        path = self.write(ENTRY, 'named.yaml')
        self.name('CONFIG', path)
        self.assertEqual(ENDPOINT, self.endpoint())
        self.write('clouds: {west: {}}', 'named.yaml')
        self.assertEqual('http://odd.example/v1/p', self.endpoint())

    def name(self, kind, path):
        self.useFixture(
            fixtures.EnvironmentVariable(f'OS_CLIENT_{kind}_FILE', path)
        )

    def test_secrets_come_from_the_first_secure_file(self):
        clouds = self.write(
            PROFILED.replace('password: p,', ''), 'first/clouds.yaml'
        )
        self.write(VENDORS, 'second/clouds-public.yaml')
        self.assert_no_password(clouds)
        for name in ('second/secure.json', 'first/secure.yml', 'named.yaml'):
            content = {'clouds': {'east': {'auth': {'password': name}}}}
            path = self.write(json.dumps(content), name)
            if name == 'named.yaml':
                self.name('SECURE', path)
            found = self.find()
            self.assertEqual(name, found.region.config['auth']['password'])
            self.assertEqual(f'{clouds} and {path}', found.source)
        self.write('clouds: {west: {}}', 'named.yaml')
        self.assert_no_password(clouds)

    def assert_no_password(self, path):
        self.check_refused(
            f"The entry of the cloud 'east' in {path} is invalid: its "
            'password is missing or empty.'
        )

    def test_profiles_come_from_the_first_vendor_file(self):
        self.write(PROFILED, 'second/clouds.yaml')
        self.write(
            VENDORS.replace('own.e', 'odd.e'), 'second/clouds-public.yml'
        )
        self.assertEqual('http://odd.example/v3', self.auth_url())
        self.write(VENDORS, 'first/clouds-public.json')
        self.check_refused(
            f'{self.first}/clouds-public.json cannot be read: it is not JSON '
            '(line 2).'
        )
        self.write(VENDORS, 'first/clouds-public.yaml')
        self.assertEqual('http://own.example/v3', self.auth_url())

    def test_variables_make_no_cloud(self):
        self.useFixture(
            fixtures.EnvironmentVariable('OS_AUTH_URL', 'http://env.example')
        )
        self.write(ENTRY, 'first/clouds.yaml')
        self.check_refused(
            f"The cloud 'envvars' has no entry in {self.first}/clouds.yaml.",
            name='envvars',
        )

    def test_the_places_are_named(self):
        self.check_refused(
            "The cloud 'east' has no entry in any file: there is no "
            f'clouds.yaml in {self.first} or {self.second}.'
        )
        path = self.write('clouds: {}', 'second/clouds.yaml')
        self.name('CONFIG', '/nowhere.yaml')
        self.check_refused(
            "The cloud 'east' has no entry in /nowhere.yaml (from "
            f'OS_CLIENT_CONFIG_FILE), which does not exist or {path}.'
        )
        self.assertEqual(['/nowhere.yaml', path], entry.paths([]))

    def test_variable_that_names_an_unusable_file_is_named(self):
        self.name('CONFIG', self.write(ENTRY, 'first/clouds.yaml'))
        for name in ('SECURE', 'CONFIG'):
            self.name(name, self.folder)
            self.check_refused(
                f'{self.folder} (from OS_CLIENT_{name}_FILE) cannot be read: '
                'Is a directory.'
            )
            self.name(name, '/nowhere')

    def test_a_file_that_cannot_be_read_is_not_skipped(self):
        log = self.useFixture(fixtures.FakeLogger(level=0))
        self.write(ENTRY, 'second/clouds.yaml')
        for name, kind in (('clouds.json', 'JSON'), ('clouds.yml', 'YAML')):
            path = self.write('{"clouds": {"east": hunter2]', f'first/{name}')
            self.check_refused(
                f'{path} cannot be read: it is not {kind} (line 1).'
            )
        self.assertNotIn('hunter2', log.output)


class TestInvalidEntries(EntryTestCase):
    def test_an_entry_without_authentication_is_named(self):
        path = self.write('clouds: {east: {}}')
        error = self.assertRaises(
            exception.CloudMisconfigured, self.find, path
        )
        self.assertIn(f"the cloud 'east' in {path} is invalid", str(error))

    def test_a_malformed_entry_is_named_but_not_quoted(self):
        for content in (
            'hunter2',
            '[hunter2]',
            '{auth: hunter2}',
            '{auth: {password: hunter2}}',
            '{auth_type: hunter3, auth: {password: hunter2}}',
            '{profile: hunter3, auth: {password: hunter2}}',
            '{auth: {auth_url: 7, password: hunter2}, verify: [hunter2]}',
            '{cert: [hunter2], regions: [hunter2], auth: {password: hunter2}}',
        ):
            path = self.write(f'clouds: {{east: {content}}}')
            error = self.assertRaises(
                exception.CloudMisconfigured, self.find, path
            )
            self.assertIn(f"the cloud 'east' in {path}", str(error), content)
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
            exception.CloudMisconfigured, self.find, path
        )
        self.assertIn('secret', str(error))
        self.assertNotIn('hunter2', str(error))

    def write_entry(self, entry):
        return self.write(yaml.safe_dump({'clouds': {'east': entry}}))

    def test_a_profile_that_is_unknown_is_reported(self):
        path = self.write(PROFILED.replace('own', 'unknown'))
        self.check_refused(
            f"The entry of the cloud 'east' in {path} is invalid: its profile "
            'is unknown, or has no auth_url.',
            path,
        )

    def test_a_profile_that_cannot_be_fetched_is_an_outage(self):
        path = self.write(PROFILED.replace('own', 'http://127.0.0.1:1'))
        error = self.assertRaises(exception.CloudUnreachable, self.find, path)
        self.assertIn("The profile of the cloud 'east' in", str(error))
