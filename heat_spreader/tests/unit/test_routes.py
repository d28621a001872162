# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader import routes

ID = 'a8b1b1e6-5d8c-4f8a-9d5e-0b1c2d3e4f5a'


class TestFind(base.BaseTestCase):
    def test_path_has_the_route_and_the_arguments_of_its_template(self):
        for path, route, arguments in (
            ('', routes.VERSIONS, {}),
            ('/', routes.VERSIONS, {}),
            ('/v1', routes.VERSION, {}),
            ('/v1/', routes.VERSION, {}),
            ('/healthcheck', routes.HEALTHCHECK, {}),
            ('/v1/openapi.json', routes.DESCRIPTION, {}),
            ('/v1/stacks', routes.STACKS, {}),
            (f'/v1/stacks/{ID}', routes.STACK, {'stack_id': ID}),
            (f'/v1/stacks/{ID}/', routes.STACK, {'stack_id': ID}),
            ('/v1/stacks/a\nb', routes.STACK, {'stack_id': 'a\nb'}),
            (
                f'/v1/stacks/{ID}/events',
                routes.STACK_EVENTS,
                {'stack_id': ID},
            ),
            ('/v1/events', routes.EVENTS, {}),
            (
                f'/v1/stacks/{ID}/weights/events',
                routes.WEIGHT,
                {'stack_id': ID, 'cloud': 'events'},
            ),
            ('/v1/clouds', routes.CLOUDS, {}),
            ('/v1/clouds/kraków', routes.CLOUD, {'cloud': 'kraków'}),
        ):
            self.assertEqual((route, arguments), routes.find(path), path)

    def test_other_paths_have_no_route(self):
        for path in (
            '//',
            '/v2',
            '//v1',
            '/v1//',
            '/v1//stacks',
            '/V1/stacks',
            '/v1/stacks\n',
            '/v1/stacks//',
            f'/v1/stacks/{ID}/weights',
            f'/v1/stacks/{ID}/weights/',
            f'/v1/stacks/{ID}/weights/a/b',
            '/v1/clouds//',
            '/v1/clouds/a/b',
        ):
            self.assertEqual((None, {}), routes.find(path), path)

    def test_every_template_is_its_own_route(self):
        for route in routes.RULES:
            self.assertEqual(route, routes.find(route)[0])


class TestRules(base.BaseTestCase):
    def test_only_versions_health_and_description_are_public(self):
        self.assertEqual(
            {
                routes.VERSIONS,
                routes.HEALTHCHECK,
                routes.VERSION,
                routes.DESCRIPTION,
            },
            {route for route in routes.RULES if routes.is_public(route)},
        )
        self.assertFalse(routes.is_public(None))

    def test_operations_are_what_a_rule_guards(self):
        self.assertEqual(
            [('PUT', '/v1/stacks/{stack_id}/weights/{cloud}')],
            routes.operations('multicloud:weights:set'),
        )
        self.assertEqual([], routes.operations('multicloud:clouds:use_any'))

    def test_methods_of_a_route_are_in_the_order_of_the_header_allow(self):
        for rules in routes.RULES.values():
            self.assertEqual(sorted(rules), list(rules))
