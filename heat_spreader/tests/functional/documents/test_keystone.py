# SPDX-License-Identifier: Apache-2.0
"""What works without the Keystone of the API, as its page says."""

import datetime

import requests
import requests_mock
import webob
from keystoneauth1 import fixture as ksa_fixture
from keystoneauth1 import loading
from oslo_utils import fixture as utils_fixture
from oslotest import base
from requests_mock.contrib import fixture as requests_mock_fixture

from heat_spreader import context
from heat_spreader import states
from heat_spreader.api import app
from heat_spreader.tests.functional import fixtures as functional
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.documents import terminal
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base as engine_base

KEYSTONE = 'http://keystone.test/v3'
GROUP = 'keystone_authtoken'


class TestTokens(base.BaseTestCase):
    """A Keystone that accepts every token, until it is lost."""

    def setUp(self):
        super().setUp()
        configuration = self.useFixture(functional.Configuration())
        configuration.register(
            GROUP,
            loading.get_auth_common_conf_options()
            + loading.get_auth_plugin_conf_options('password'),
        )
        configuration.override(
            GROUP,
            auth_type='password',
            auth_url=KEYSTONE,
            username='heat-spreader',
            password='secret',
            project_name='service',
            user_domain_id='default',
            project_domain_id='default',
            # They would take their time.
            http_request_max_retries=0,
        )
        self.useFixture(functional.Database())
        self.keystone = self.useFixture(requests_mock_fixture.Fixture())
        self.time = self.useFixture(utils_fixture.TimeFixture())
        self.answer()
        self.application = app.make_app(configuration.conf)

    def answer(self):
        expires = datetime.datetime.now() + datetime.timedelta(hours=8)
        token = ksa_fixture.V3Token(
            project_id='p', user_id='u', expires=expires
        )
        token.add_role(name='reader')
        identity = token.add_service('identity')
        identity.add_standard_endpoints(public=KEYSTONE, internal=KEYSTONE)
        version = ksa_fixture.V3Discovery(KEYSTONE)
        self.keystone.get(KEYSTONE, json={'version': version})
        for method in ('get', 'post'):
            getattr(self.keystone, method)(
                f'{KEYSTONE}/auth/tokens',
                json=token,
                headers={'X-Subject-Token': 'token'},
            )

    def lose(self, how=requests.ConnectionError):
        for method in ('GET', 'POST'):
            self.keystone.register_uri(method, requests_mock.ANY, exc=how)

    def status(self, token, path='/v1/stacks'):
        request = webob.Request.blank(path, headers={'X-Auth-Token': token})
        return request.get_response(self.application).status_int

    def test_validated_token_is_accepted_for_five_minutes(self):
        self.assertEqual(200, self.status('one'))

        self.lose()

        self.assertEqual(503, self.status('two'))
        self.time.advance_time_seconds(299)
        self.assertEqual(200, self.status('one'))
        self.time.advance_time_seconds(2)
        self.assertEqual(503, self.status('one'))

    def test_all_tokens_are_accepted_again_when_it_is_back(self):
        for how in (requests.ConnectionError, requests.Timeout):
            self.lose(how)
            self.assertEqual(503, self.status(how.__name__))

            self.answer()

            self.assertEqual(200, self.status(how.__name__))

    def test_public_documents_do_not_need_it(self):
        self.lose()

        for path in ('/', '/v1', '/healthcheck'):
            self.assertEqual(200, self.status('one', path))


class TestEmergency(terminal.TerminalTestCase):
    """A stack of some project, and an API that accepts everyone."""

    def setUp(self):
        super().setUp()
        self.ctx = context.RequestContext(project_id='shop', user_id='ann')
        self.stack_id = self.create(['0.6', '0.2', '0.2'])
        self.everything()

    def type(self, line):
        line = line.replace('STACK_ID', self.stack_id)
        return self.terminal.type(
            line.replace('http://127.0.0.1:8785', self.url)
        )

    def test_every_command_works(self):
        pages.play('admin/keystone.rst', self)

        self.assertEqual(20, self.stack(self.stack_id).count)
        self.assertEqual('shop', self.stack(self.stack_id).project_id)
        last = self.events_of(self.stack_id, states.EventKind.STACK_CHANGED)
        self.assertIn('by the user noauth', last[-1].message)
        self.everything()
        self.assertEqual((12, 4, 4), self.counts_in_heat())


class TestKeystoneOfCloud(engine_base.FailoverTestCase):
    def test_cloud_is_up_as_long_as_its_heat_accepts_the_token(self):
        athens = self.clouds[engine_base.NAMES[0]]
        athens.keystone.fault = faults.REFUSE
        for _ in range(4):
            self.engine.survey()
        self.assertEqual('UP', self.cloud_states()[athens.name])

        athens.revoke_tokens()

        for _ in range(3):
            self.engine.survey()
        self.assertEqual('DOWN', self.cloud_states()[athens.name])
