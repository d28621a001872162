# SPDX-License-Identifier: Apache-2.0
"""The application where gabbi cannot reach: prefixes, proxies, discovery."""

from keystoneauth1 import adapter
from keystoneauth1 import noauth
from keystoneauth1 import session
from oslotest import base
from requests_mock.contrib import fixture as requests_fixture

from heat_spreader.tests.functional import fixtures

STACK = {'name': 'a', 'count': 1, 'count_parameter': 'size'}


class TestLinks(base.BaseTestCase):
    def links(self, api, headers=(), **environ):
        """The host and prefix of every link that the API gives."""
        created = self.request(api, 'POST', '/v1/stacks', headers, environ)
        self.request(api, 'POST', '/v1/stacks', headers, environ, name='b')
        root = self.request(api, 'GET', '/', headers, environ)
        listed = self.request(
            api, 'GET', '/v1/stacks?limit=1', headers, environ
        )
        (version,) = root.json['versions']
        return {
            created.location.rpartition('/v1/')[0],
            version['links'][0]['href'].removesuffix('/v1'),
            listed.json['stacks_links'][0]['href'].rpartition('/v1/')[0],
        }

    def request(self, api, method, path, headers, environ, name='a'):
        application = api.application

        def prefixed(env, start_response):
            env.update(environ)
            return application(env, start_response)

        api.application = prefixed
        try:
            body = {**STACK, 'name': name} if method == 'POST' else None
            return api.request(method, path, body, headers=headers)
        finally:
            api.application = application

    def test_links_keep_the_prefix_of_the_deployment(self):
        api = self.useFixture(fixtures.Api())
        self.assertEqual(
            {'http://localhost/multicloud'},
            self.links(api, SCRIPT_NAME='/multicloud'),
        )

    def test_the_bare_prefix_is_the_version_document(self):
        api = self.useFixture(fixtures.Api())
        # The last is what Apache and uWSGI make of /mc/.
        for prefix, path in (('/mc', ''), ('/mc', '/'), ('/mc/', '/')):
            environ = {'SCRIPT_NAME': prefix, 'PATH_INFO': path}
            answer = self.request(api, 'GET', '/', (), environ)
            self.assertEqual(200, answer.status_int)
            self.assertEqual(
                'http://localhost/mc/v1',
                answer.json['versions'][0]['links'][0]['href'],
            )

    def test_links_follow_a_proxy_where_it_is_trusted(self):
        api = self.useFixture(
            fixtures.Api(
                oslo_middleware={'enable_proxy_headers_parsing': True}
            )
        )
        headers = {
            'X-Forwarded-Proto': 'https',
            'X-Forwarded-Host': 'cloud.example.com',
            'X-Forwarded-Prefix': '/multicloud',
        }
        self.assertEqual(
            {'https://cloud.example.com/multicloud'}, self.links(api, headers)
        )

    def test_a_proxy_is_not_trusted_by_default(self):
        api = self.useFixture(fixtures.Api())
        headers = {'X-Forwarded-Host': 'evil.example.com'}
        self.assertEqual({'http://localhost'}, self.links(api, headers))


class TestDiscovery(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        api = self.useFixture(fixtures.Api())

        def answer(request, context):
            reply = api.request(
                request.method,
                request.path,
                token=request.headers.get('X-Auth-Token'),
            )
            context.status_code = reply.status_int
            context.headers.update(reply.headers)
            return reply.text

        mocked = self.useFixture(requests_fixture.Fixture())
        for path in ('', '/', '/v1', '/v1/', '/v1/clouds'):
            mocked.get(f'http://localhost{path}', text=answer)

    def client(self, endpoint):
        return adapter.Adapter(
            session.Session(auth=noauth.NoAuth(endpoint=endpoint)),
            service_type='multicloud',
            min_version='1',
            max_version='1.latest',
        )

    def test_keystoneauth_finds_the_version_from_the_root(self):
        found = self.client('http://localhost').get_endpoint_data()
        self.assertEqual('http://localhost/v1', found.url)
        self.assertEqual((1, 0), found.api_version)
        self.assertEqual((1, 0), found.min_microversion)
        self.assertEqual((1, 0), found.max_microversion)

    def test_keystoneauth_finds_the_version_from_itself(self):
        found = self.client('http://localhost/v1').get_endpoint_data()
        self.assertEqual('http://localhost/v1', found.url)
        self.assertEqual((1, 0), found.max_microversion)
