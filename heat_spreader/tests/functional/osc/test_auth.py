# SPDX-License-Identifier: Apache-2.0
import fixtures
from keystoneauth1 import fixture as ksa_fixture
from requests_mock.contrib import fixture as requests_mock_fixture

from heat_spreader.tests.functional import fixtures as functional
from heat_spreader.tests.functional.osc import base

KEYSTONE = 'http://keystone.test/v3'


class TestHttpBasic(base.ShellTestCase):
    def setUp(self):
        path = self.useFixture(fixtures.TempDir()).join('htpasswd')
        self.settings = {'api': functional.http_basic(path, password='sésame')}
        super().setUp()

    def options(self, password='sésame', path=''):
        return (
            '--os-auth-type=http_basic',
            f'--os-endpoint={self.served.url}{path}',
            '--os-username=ann',
            f'--os-password={password}',
        )

    def test_create_show_and_delete_a_stack(self):
        self.assertEqual('ann', self.create('web')['user_id'])
        self.run_command('stack', 'weight', 'set', 'web', 'east', '--weight=1')
        self.assertEqual(
            {'east': 1.0}, self.ask('stack', 'show', 'web')['weights']
        )
        self.run_command('stack', 'delete', 'web')
        self.assertEqual([], self.ask('stack', 'list'))

    def test_the_endpoint_may_have_a_version_or_a_slash(self):
        for path in ('/', '/v1', '/v1/'):
            self.shell.options = self.options(path=path)

            self.assertEqual([], self.ask('stack', 'list'))

    def test_a_wrong_password_is_reported(self):
        self.shell.options = self.options(password='wrong')

        self.assertIn(
            'The user name or the password is wrong. (HTTP 401',
            self.fails('stack', 'list'),
        )


class TestNoAuth(base.ShellTestCase):
    def test_the_endpoint_may_have_a_version_or_a_slash(self):
        for path in ('/', '/v1', '/v1/'):
            self.shell.options = (
                '--os-auth-type=none',
                f'--os-endpoint={self.served.url}{path}',
            )

            self.assertEqual([], self.ask('stack', 'list'))

    def test_the_api_version_may_be_given(self):
        for version in ('1', '1.0'):
            self.shell.options = (
                *self.options(),
                f'--os-multicloud-api-version={version}',
            )

            self.assertEqual([], self.ask('stack', 'list'))

    def test_an_unknown_version_is_reported(self):
        self.shell.options = (
            *self.options(),
            '--os-multicloud-api-version=1.9',
        )

        result = self.shell.run('multicloud', 'stack', 'list')

        self.assertEqual((1, ''), (result.status, result.out))
        self.assertIn('1.9 was requested', result.err)


class TestKeystone(base.ShellTestCase):
    """A Keystone that gives each persona a token of the same name."""

    settings = {'api': {'auth_strategy': 'keystone'}}

    def setUp(self):
        super().setUp()
        requests = self.useFixture(
            requests_mock_fixture.Fixture(real_http=True)
        )
        requests.get(
            KEYSTONE, json={'version': ksa_fixture.V3Discovery(KEYSTONE)}
        )
        requests.post(f'{KEYSTONE}/auth/tokens', json=self._give_token)
        self.catalog = {'multicloud': self.served.url}

    def _give_token(self, request, context):
        identity = request.json()['auth']['identity']
        context.headers['X-Subject-Token'] = identity['password']['user'][
            'name'
        ]
        token = ksa_fixture.V3Token(project_id='given by the fixture')
        for service_type, url in self.catalog.items():
            token.add_service(service_type).add_standard_endpoints(public=url)
        return token

    def as_persona(self, persona):
        self.shell.options = (
            '--os-auth-type=v3password',
            f'--os-auth-url={KEYSTONE}',
            f'--os-username={persona}',
            '--os-password=pw',
            '--os-project-name=demo',
            '--os-user-domain-id=default',
            '--os-project-domain-id=default',
        )
        return self

    def test_create_set_show_and_delete_a_stack_as_a_member(self):
        self.as_persona('member')

        created = self.create('web', '--weight=north=1')
        self.assertEqual('user-member', created['user_id'])
        self.run_command('stack', 'set', 'web', '--count=3')
        self.assertEqual(3, self.ask('stack', 'show', 'web')['count'])
        self.run_command('stack', 'delete', 'web')
        self.assertEqual([], self.ask('stack', 'list'))

    def test_the_catalog_may_name_the_version(self):
        self.catalog = {'multicloud': f'{self.served.url}/v1'}

        self.assertEqual([], self.as_persona('member').ask('stack', 'list'))

    def test_a_catalog_without_the_service_is_reported(self):
        self.catalog = {'compute': 'http://nova.test'}

        self.assertIn(
            'multicloud', self.as_persona('member').fails('stack', 'list')
        )

    def test_a_reader_may_only_read(self):
        self.as_persona('member').create('web')
        self.as_persona('reader')

        self.assertEqual('web', self.ask('stack', 'show', 'web')['name'])
        for rule, words in (
            ('stacks:update', ('stack', 'set', 'web', '--count=1')),
            ('weights:unset', ('stack', 'weight', 'unset', 'web', 'east')),
        ):
            output = self.fails(*words)
            self.assertIn(
                f"The policy rule 'multicloud:{rule}' does not", output
            )
            self.assertIn('(HTTP 403', output)

    def test_a_cloud_of_other_projects_does_not_exist(self):
        self.as_persona('other').create('web')

        self.assertIn(
            "There is no cloud 'north'. Clouds that can be used: east, west.",
            self.fails('stack', 'set', 'web', '--weight=north=1'),
        )
        names = [row['Name'] for row in self.ask('cloud', 'list')]
        self.assertEqual(['east', 'west'], names)

    def test_only_an_administrator_sees_the_stacks_of_every_project(self):
        stack = self.as_persona('member').create('web')
        self.assertIn(
            '(HTTP 403', self.fails('stack', 'list', '--all-projects')
        )

        self.as_persona('other')
        self.assertEqual([], self.ask('stack', 'list'))
        self.assertIn('There is no stack', self.fails('stack', 'show', 'web'))
        self.assertIn(
            'There is no stack', self.fails('stack', 'show', stack['id'])
        )

        self.as_persona('admin')
        self.assertEqual([], self.ask('stack', 'list'))
        (row,) = self.ask('stack', 'list', '--all-projects', '--long')
        self.assertEqual('project-one', row['Project ID'])
        self.assertEqual(stack, self.ask('stack', 'show', stack['id']))
