# SPDX-License-Identifier: Apache-2.0
"""The ways to know a caller without Keystone."""

import logging
import os
import pathlib
from unittest import mock

import bcrypt
import fixtures as testing_fixtures
import webob
from keystoneauth1 import loading
from keystonemiddleware.auth_token import _exceptions
from oslotest import base

from heat_spreader import exception
from heat_spreader.api import app
from heat_spreader.api import auth
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures

STACK = {
    'name': 'a',
    'count': 1,
    'count_parameter': 'size',
    'weights': {'vault': 1},
}
GROUP = 'keystone_authtoken'
# Headers with which a client may try to impersonate a user.
SPOOFED = {
    'X-Identity-Status': 'Confirmed',
    'X-Is-Admin-Project': 'True',
    'X-Project-Id': 'project-one',
    'X-Role': 'admin',
    'X-Roles': 'admin',
    'X-Service-Roles': 'service',
    'X-Service-Token': 'forged',
    'X-Tenant-Id': 'project-one',
    'X-User': 'root',
    'X-User-Id': 'root',
    'OpenStack-System-Scope': 'all',
}


class TestHttpBasic(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        directory = self.useFixture(testing_fixtures.TempDir()).path
        self.path = pathlib.Path(directory) / 'htpasswd'
        self.path.write_text(
            '# who may\n\n'
            + fixtures.entry('ann', 'pass:wörd')
            + fixtures.entry('bob', 'b')
        )
        self.api = self.useFixture(
            fixtures.Api(
                api={
                    'auth_strategy': 'http_basic',
                    'http_basic_auth_user_file': str(self.path),
                }
            )
        )
        self.log = self.useFixture(
            testing_fixtures.FakeLogger(level=logging.DEBUG)
        )

    def get(self, headers, path='/v1/stacks'):
        return self.api.request('GET', path, token=None, headers=headers)

    def assert_refused(self, headers):
        answer = self.get(headers)
        self.assertEqual(401, answer.status_int)
        self.assertEqual(
            'Basic realm="heat-spreader", charset="UTF-8"',
            answer.headers['WWW-Authenticate'],
        )
        (error,) = answer.json['errors']
        self.assertEqual('multicloud.unauthenticated', error['code'])

    def test_a_user_of_the_file_is_an_administrator_of_the_one_project(self):
        answer = self.api.request(
            'POST',
            '/v1/stacks',
            STACK,
            token=None,
            headers=fixtures.basic('ann', 'pass:wörd'),
        )
        self.assertEqual(201, answer.status_int, answer.text)
        self.assertEqual('ann', answer.json['user_id'])
        self.assertEqual('default', answer.json['project_id'])
        everything = self.get(
            fixtures.basic('bob', 'b'), '/v1/stacks?all_projects=1'
        )
        self.assertEqual('a', everything.json['stacks'][0]['name'])

    def test_every_other_caller_is_refused(self):
        for headers in (
            {},
            fixtures.basic('ann', 'b'),
            fixtures.basic('ann', ''),
            fixtures.basic('ann', 'pass'),
            fixtures.basic('eve', 'b'),
            fixtures.basic('', ''),
            fixtures.basic('ann', 'x' * 100),
            fixtures.basic('#', 'b'),
            {'Authorization': 'Basic'},
            {'Authorization': 'Basic ====='},
            {'Authorization': 'Basic /w=='},
            {'Authorization': 'Basic é'},
            {'Authorization': 'Bearer token'},
            {'X-Auth-Token': 'admin'},
            SPOOFED,
        ):
            self.assert_refused(headers)

    def test_public_documents_need_no_password(self):
        for path in ('/', '/v1', '/v1/', '/healthcheck'):
            self.assertEqual(200, self.get({}, path).status_int)

    def test_a_client_cannot_choose_who_it_is(self):
        headers = {**SPOOFED, **fixtures.basic('ann', 'pass:wörd')}
        answer = self.api.request(
            'POST', '/v1/stacks', STACK, token='admin', headers=headers
        )
        self.assertEqual('ann', answer.json['user_id'])
        self.assertEqual('default', answer.json['project_id'])

    def test_a_failure_of_the_application_is_not_a_401(self):
        with mock.patch.object(
            stacks, 'get_all', autospec=True, side_effect=ValueError('hunter2')
        ):
            answer = self.get(fixtures.basic('ann', 'pass:wörd'))
        self.assertEqual(500, answer.status_int)
        self.assertNotIn('hunter2', answer.text)

    def test_a_password_is_hashed_once(self):
        with mock.patch.object(
            bcrypt, 'checkpw', autospec=True, side_effect=bcrypt.checkpw
        ) as checked:
            for _ in range(3):
                answer = self.get(fixtures.basic('ann', 'pass:wörd'))
                self.assertEqual(200, answer.status_int)
            self.assertEqual(1, checked.call_count)
            for _ in range(2):
                self.assert_refused(fixtures.basic('ann', 'wrong'))
            self.assertEqual(3, checked.call_count)

    def test_an_unknown_name_takes_as_long_as_a_known_one(self):
        with mock.patch.object(
            bcrypt, 'checkpw', autospec=True, side_effect=bcrypt.checkpw
        ) as checked:
            self.assert_refused(fixtures.basic('eve', 'b'))
        self.assertEqual(1, checked.call_count)

    def test_a_change_of_the_file_takes_effect_at_once(self):
        self.assertEqual(200, self.get(fixtures.basic('bob', 'b')).status_int)
        new = self.path.with_name('new')
        new.write_text(fixtures.entry('bob', 'c'))
        os.replace(new, self.path)
        self.assert_refused(fixtures.basic('bob', 'b'))
        self.assert_refused(fixtures.basic('ann', 'pass:wörd'))
        self.assertEqual(200, self.get(fixtures.basic('bob', 'c')).status_int)

    def test_every_caller_is_refused_while_the_file_cannot_be_read(self):
        self.assertEqual(200, self.get(fixtures.basic('bob', 'b')).status_int)
        content = self.path.read_text()
        for spoil in (
            lambda: self.path.write_text(content + 'eve:plain\n'),
            self.path.unlink,
        ):
            spoil()
            answer = self.get(fixtures.basic('bob', 'b'))
            self.assertEqual(503, answer.status_int)
            self.assertNotIn(str(self.path), answer.text)
            self.assertIn(
                'HTTP basic authentication is not possible', self.log.output
            )
            self.assertNotIn('plain', self.log.output)
        self.path.write_text(content)
        self.assertEqual(200, self.get(fixtures.basic('bob', 'b')).status_int)

    def test_passwords_are_not_logged(self):
        self.get(fixtures.basic('ann', 'pass:wörd'))
        self.get(fixtures.basic('ann', 'wrong-one'))
        self.assertNotIn('pass:wörd', self.log.output)
        self.assertNotIn('wrong-one', self.log.output)

    def test_a_file_that_cannot_be_used_keeps_the_service_from_starting(self):
        for content, words in (
            ('ann:{SHA}abc\n', 'Line 1'),
            ('\nann\n', 'Line 2'),
            (None, 'cannot be read'),
        ):
            if content is None:
                self.path.unlink()
            else:
                self.path.write_text(content)
            raised = self.assertRaises(
                exception.ConfigurationInvalid, app.make_app, self.api.conf
            )
            self.assertIn(words, str(raised))
            self.assertNotIn('SHA', str(raised))


class TestNoAuth(base.BaseTestCase):
    def test_every_caller_is_the_one_user(self):
        api = self.useFixture(fixtures.Api(api={'auth_strategy': 'noauth'}))
        for headers in ({}, SPOOFED):
            answer = api.request(
                'POST', '/v1/stacks', STACK, token=None, headers=headers
            )
            self.assertEqual(201, answer.status_int, answer.text)
            self.assertEqual('noauth', answer.json['user_id'])
            self.assertEqual('default', answer.json['project_id'])
            deleted = api.request(
                'DELETE', f'/v1/stacks/{answer.json["id"]}', token=None
            )
            self.assertEqual(204, deleted.status_int)

    def test_noauth_is_for_loopback_addresses_only(self):
        configuration = self.useFixture(
            fixtures.Configuration(api={'auth_strategy': 'noauth'})
        )
        for host in ('127.0.0.1', '127.0.0.2', '::1', 'localhost'):
            configuration.override('api', host=host)
            auth.check_noauth_address(configuration.conf)
        for host in ('0.0.0.0', '::', '192.0.2.1', 'localhost.example.com'):
            configuration.override('api', host=host)
            raised = self.assertRaises(
                exception.ConfigurationInvalid,
                auth.check_noauth_address,
                configuration.conf,
            )
            self.assertIn(host, str(raised))

    def test_other_strategies_may_listen_anywhere(self):
        configuration = self.useFixture(
            fixtures.Configuration(api={'host': '0.0.0.0'})
        )
        for strategy in ('keystone', 'http_basic'):
            configuration.override('api', auth_strategy=strategy)
            auth.check_noauth_address(configuration.conf)


class TestKeystone(base.BaseTestCase):
    def test_the_decision_is_never_left_to_the_application(self):
        api = self.useFixture(fixtures.Api())
        api.configuration.override(
            'keystone_authtoken', delay_auth_decision=True
        )
        api.application = app.make_app(api.conf)
        for headers in ({}, SPOOFED):
            answer = api.request(
                'GET', '/v1/stacks', token=None, headers=headers
            )
            self.assertEqual(401, answer.status_int)
            self.assertIn('Keystone', answer.headers['WWW-Authenticate'])


class TestLostKeystone(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.configuration = self.useFixture(fixtures.Configuration())
        self.configuration.register(
            GROUP,
            loading.get_auth_common_conf_options()
            + loading.get_auth_plugin_conf_options('password'),
        )
        self.configuration.override(
            GROUP,
            auth_type='password',
            # Nothing listens on port 1.
            auth_url='http://127.0.0.1:1/v3',
            username='heat-spreader',
            password='hunter2',
            project_name='service',
            user_domain_id='default',
            project_domain_id='default',
            http_request_max_retries=0,
        )

    def detail(self):
        """What the caller of the API is told."""
        request = webob.Request.blank(
            '/v1/stacks', headers={'X-Auth-Token': 'member'}
        )
        answer = request.get_response(app.make_app(self.configuration.conf))
        self.assertEqual(503, answer.status_int)
        (error,) = answer.json['errors']
        self.assertEqual('multicloud.unavailable', error['code'])
        return error['detail']

    def test_keystone_that_does_not_answer_is_named(self):
        """By its public address, which each 401 has, too."""
        self.assertEqual(
            'The Keystone at http://127.0.0.1:1/v3 does not answer, so no '
            'token can be checked. Try again later.',
            self.detail(),
        )
        self.configuration.override(
            GROUP, www_authenticate_uri='https://me:secret@keystone.test'
        )
        self.assertEqual(
            'The Keystone at https://keystone.test does not answer, so no '
            'token can be checked. Try again later.',
            self.detail(),
        )

    def test_keystone_that_rejects_the_service_is_named(self):
        with mock.patch(
            'keystonemiddleware.auth_token._identity.IdentityServer.'
            'verify_token',
            autospec=True,
            side_effect=_exceptions.ServiceError,
        ):
            self.assertIn(
                'The Keystone at http://127.0.0.1:1/v3 answers, but does not '
                'check tokens for the service',
                self.detail(),
            )
