# SPDX-License-Identifier: Apache-2.0
import base64

from keystoneauth1 import exceptions as keystone_exc
from keystoneauth1 import fixture as ksa_fixture
from openstack import exceptions
from oslotest import base

from heat_spreader.tests.unit.sdk import fixtures

KEYSTONE = 'http://keystone.test/v3'


def basic(endpoint):
    return {
        'auth_type': 'http_basic',
        'auth': {'endpoint': endpoint, 'username': 'ann', 'password': 'pw'},
    }


def none(endpoint):
    return {'auth_type': 'none', 'auth': {'endpoint': endpoint}}


class TestWithoutCatalog(base.BaseTestCase):
    def list_stacks(self, **auth):
        service = self.useFixture(fixtures.Service(**auth))
        service.requests.get(fixtures.STACKS, json={'stacks': []})

        self.assertEqual([], list(service.client.stacks()))

        return service

    def test_auth_type_none_takes_the_endpoint_without_a_version(self):
        self.list_stacks(**none(fixtures.URL))

    def test_auth_type_none_takes_the_endpoint_with_a_slash(self):
        self.list_stacks(**none(f'{fixtures.URL}/'))

    def test_auth_type_none_takes_the_endpoint_of_version_1(self):
        self.list_stacks(**none(f'{fixtures.URL}/v1'))

    def test_http_basic_takes_the_endpoint_without_a_version(self):
        service = self.list_stacks(**basic(fixtures.URL))

        name_and_password = base64.b64encode(b'ann:pw').decode()
        self.assertEqual(
            f'Basic {name_and_password}',
            service.last.headers['Authorization'],
        )

    def test_http_basic_takes_the_endpoint_of_version_1(self):
        self.list_stacks(**basic(f'{fixtures.URL}/v1'))

    def test_an_endpoint_override_takes_precedence_over_the_endpoint(self):
        self.list_stacks(
            **basic('http://elsewhere.test'),
            multicloud_endpoint_override=fixtures.URL,
        )

    def test_missing_endpoint_is_reported(self):
        for auth in (none(None), basic(None)):
            service = self.useFixture(fixtures.Service(**auth))

            self.assertRaisesRegex(
                exceptions.ConfigException,
                'The endpoint of the multicloud service is not known',
                getattr,
                service,
                'client',
            )

    def test_microversion_is_sent(self):
        service = self.list_stacks()

        self.assertEqual(
            'multicloud 1.0', service.last.headers['OpenStack-API-Version']
        )

    def test_no_microversion_is_sent_to_a_service_without_them(self):
        service = self.useFixture(fixtures.Service())
        version = fixtures.VERSION | {'min_version': '', 'version': ''}
        service.requests.get(fixtures.URL, json={'versions': [version]})
        service.requests.get(f'{fixtures.URL}/v1', json={'version': version})
        service.requests.get(fixtures.STACKS, json={'stacks': []})

        list(service.client.stacks())

        self.assertNotIn('OpenStack-API-Version', service.last.headers)


class TestWithKeystone(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(
            fixtures.Service(
                auth_type='v3password',
                auth={
                    'auth_url': KEYSTONE,
                    'username': 'ann',
                    'password': 'pw',
                    'project_name': 'demo',
                    'user_domain_id': 'default',
                    'project_domain_id': 'default',
                },
            )
        )
        self.token = ksa_fixture.V3Token(project_id='p1')
        requests = self.service.requests
        requests.get(
            KEYSTONE, json={'version': ksa_fixture.V3Discovery(KEYSTONE)}
        )
        requests.post(
            f'{KEYSTONE}/auth/tokens',
            json=self.token,
            headers={'X-Subject-Token': 'token-1'},
        )
        requests.get(fixtures.STACKS, json={'stacks': []})

    def test_finds_the_service_in_the_catalog(self):
        service = self.token.add_service('multicloud')
        service.add_standard_endpoints(public=fixtures.URL)

        self.assertEqual([], list(self.service.client.stacks()))
        self.assertEqual('token-1', self.service.last.headers['X-Auth-Token'])

    def test_catalog_without_the_service_is_reported(self):
        self.token.add_service('compute')

        # The SDK makes an error of its own of it since 4.19.
        self.assertRaisesRegex(
            (exceptions.SDKException, keystone_exc.EndpointNotFound),
            'multicloud',
            lambda: list(self.service.client.stacks()),
        )
