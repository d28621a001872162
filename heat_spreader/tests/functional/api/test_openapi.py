# SPDX-License-Identifier: Apache-2.0
"""The description of the API is valid, complete and what is served."""

import json
from unittest import mock

import openapi_spec_validator
import webob
from oslotest import base

from heat_spreader import routes
from heat_spreader.api import views
from heat_spreader.api.controllers import root
from heat_spreader.tests.functional import answers
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.api import generated


class TestDescription(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())

    def get(self, **options):
        answer = self.api.request('GET', routes.DESCRIPTION, **options)
        self.assertEqual(200, answer.status_int, answer.text)
        return answer.json

    def test_it_is_valid(self):
        openapi_spec_validator.validate(self.get())

    def test_it_needs_no_token_and_is_the_same_for_all(self):
        self.assertEqual(self.get(token=None), self.get(token='admin'))

    def test_it_has_every_method_of_every_route_and_no_other(self):
        described = {
            route: {
                method.upper() for method in item if method != 'parameters'
            }
            for route, item in self.get()['paths'].items()
        }

        self.assertEqual(
            {route: set(rules) for route, rules in routes.RULES.items()},
            described,
        )

    def test_operations_have_the_rules_and_security_of_their_routes(self):
        for route, rules in routes.RULES.items():
            for method, rule in rules.items():
                operation = self.get()['paths'][route][method.lower()]
                self.assertEqual(bool(rule), bool(operation['security']))
                self.assertEqual(bool(rule), '401' in operation['responses'])
                self.assertEqual(rule, operation.get('x-openstack-policy'))

    def test_operations_have_names_of_their_own(self):
        names = [
            item[method]['operationId']
            for item in self.get()['paths'].values()
            for method in item
            if method != 'parameters'
        ]

        self.assertEqual(sorted(set(names)), sorted(names))

    def test_parts_with_one_title_are_one(self):
        found = {}

        def collect(part):
            if isinstance(part, dict):
                if isinstance(title := part.get('title'), str):
                    self.assertEqual(found.setdefault(title, part), part)
                part = list(part.values())
            for each in part if isinstance(part, list) else ():
                collect(each)

        for operation in operations():
            collect([operation.answer, operation.body, operation.query])
        self.assertLessEqual(
            set(found), set(self.get()['components']['schemas'])
        )

    def test_its_server_is_that_of_the_request(self):
        found = self.get(headers={'Host': 'cloud.example.com:8784'})

        self.assertEqual(
            [{'url': 'http://cloud.example.com:8784'}], found['servers']
        )

    def test_url_with_the_name_of_another_resource_has_its_405(self):
        for method, url, route in (
            ('PATCH', '/v1/clouds/readiness', routes.CLOUD),
            ('DELETE', '/v1/stacks/preview', routes.STACK),
        ):
            answer = self.api.request(method, url, token='admin')
            self.assertEqual(405, answer.status_int)
            item = self.get()['paths'][route]
            self.assertIn('405', item[method.lower()]['responses'])

    def test_it_names_no_host_and_no_file(self):
        text = json.dumps(self.get(headers={'Host': 'cloud.example.com'}))

        self.assertIsNone(generated.LEAKS.search(text))
        for found in (self.api.database.url, 'keystone.example.com'):
            self.assertNotIn(found, text)


def operations():
    return [
        getattr(resource, method.lower()).operation
        for route, resource in root.RESOURCES.items()
        for method in routes.RULES[route]
    ]


class TestChecked(base.BaseTestCase):
    """The tests do not accept an answer that is not described."""

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())

    def assert_refused(self, message, document):
        with mock.patch.object(
            views, 'versions', autospec=True, return_value=document
        ):
            refused = self.assertRaises(
                AssertionError, self.api.request, 'GET', '/'
            )
        self.assertIn(message, str(refused))

    def test_field_without_a_schema_is_refused(self):
        self.assert_refused(
            "'more' was unexpected", {'versions': [], 'more': 1}
        )

    def test_field_that_is_missing_is_refused(self):
        self.assert_refused("'versions' is a required property", {})

    def test_value_of_another_type_is_refused(self):
        self.assert_refused("None is not of type 'array'", {'versions': None})

    def test_status_that_is_not_described_is_refused(self):
        answer = webob.Response(status=201, json_body={})
        refused = self.assertRaises(
            AssertionError, answers.check, routes.VERSIONS, 'GET', answer
        )
        self.assertIn('is not described', str(refused))


class TestGenerated(generated.GeneratedTestCase):
    def test_generated_requests_get_what_is_described(self):
        self.run_requests()
