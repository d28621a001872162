# SPDX-License-Identifier: Apache-2.0
"""How many stacks a project may have, at the limit and beyond it."""

import logging
from unittest import mock

import fixtures as testing_fixtures
from oslo_limit import fixture as limit_fixture
from oslotest import base

from heat_spreader import exception
from heat_spreader.api import limits
from heat_spreader.tests.functional import fixtures

STACKS = 'multicloud_stacks'


class LimitTestCase(base.BaseTestCase):
    options = {}

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api(api=self.options))

    def create(self, name, status=201, path='/v1/stacks', token='member'):
        body = {'name': name, 'count': 1, 'count_parameter': 'size'}
        answer = self.api.request('POST', path, body, token)
        self.assertEqual(status, answer.status_int, answer.text)
        return answer

    def refuse(self, name, path='/v1/stacks', token='member'):
        """What a request is told that is one over the limit."""
        [error] = self.create(name, 403, path, token).json['errors']
        self.assertEqual('multicloud.limit', error['code'])
        return error['detail']


class TestOption(LimitTestCase):
    options = {'stacks_per_project': 2}

    def test_one_stack_over_the_limit_is_refused(self):
        first = self.create('a').json['id']
        self.create('b')

        detail = self.refuse('c')

        self.assertIn('has 2 stacks, and its limit is 2', detail)
        self.assertIn('stacks_per_project in [api]', detail)
        self.assertEqual(detail, self.refuse('c', '/v1/stacks/preview'))
        # Another project has a limit of its own; changes are not limited.
        self.create('c', token='other')
        path = f'/v1/stacks/{first}'
        changed = self.api.request('PATCH', path, {'count': 2})
        self.assertEqual(200, changed.status_int)
        self.api.request('DELETE', path)
        self.create('c')

    def test_a_name_that_is_taken_is_said_before_the_limit_is_reached(self):
        self.create('a')
        self.create('a', 409)


class TestNoLimit(LimitTestCase):
    options = {'stacks_per_project': 0}

    def test_no_stack_is_refused_without_a_limit(self):
        for name in ('a', 'b', 'c'):
            self.create(name)


class TestUnifiedLimits(LimitTestCase):
    options = {'unified_limits': True, 'stacks_per_project': 1}

    def setUp(self):
        super().setUp()
        self.api.configuration.override(
            'oslo_limit',
            endpoint_service_type='multicloud',
            endpoint_service_name='heat-spreader',
        )

    def register(self, **limits_of_keystone):
        self.useFixture(
            limit_fixture.LimitFixture(
                limits_of_keystone, {fixtures.OTHER_PROJECT: {STACKS: 3}}
            )
        )

    def test_the_limit_of_the_project_or_else_the_registered_one_holds(self):
        self.register(**{STACKS: 2})
        for token, limit in (('member', 2), ('other', 3)):
            for number in range(limit):
                self.create(f's{number}', token=token)
            detail = self.refuse('one-more', token=token)
            self.assertIn(f'{limit} stacks, and its limit is {limit}', detail)
            self.assertIn(f'the unified limit {STACKS} in Keystone', detail)

    def test_no_stack_can_be_created_without_a_registered_limit(self):
        self.register()
        self.assertIn('its limit is 0', self.refuse('a'))

    def test_no_number_is_no_limit(self):
        self.register(**{STACKS: -1})
        self.create('a')
        self.create('b')

    def test_limit_that_cannot_be_read_is_in_the_log(self):
        log = self.useFixture(testing_fixtures.FakeLogger(level=logging.ERROR))
        self.register(**{STACKS: 2})
        self.api.configuration.override(
            'oslo_limit', endpoint_service_type=None
        )
        self.api.configuration.override(
            'oslo_limit', endpoint_service_name=None
        )

        [error] = self.create('a', 503).json['errors']

        self.assertEqual('multicloud.unavailable', error['code'])
        self.assertIn('The log of the API has the cause', error['detail'])
        self.assertIn('Check the group [oslo_limit]', log.output)
        answer = self.api.request('GET', '/v1/stacks')
        self.assertEqual([], answer.json['stacks'])


class TestLibrary(base.BaseTestCase):
    def test_a_library_that_is_missing_is_named_at_the_start(self):
        with mock.patch.object(
            limits.importutils,
            'import_module',
            autospec=True,
            side_effect=ImportError,
        ):
            error = self.assertRaises(
                exception.ConfigurationInvalid, limits.unified_limits
            )
        self.assertIn('heat-spreader[limits]', str(error))
