# SPDX-License-Identifier: Apache-2.0
"""Every route by every persona, with the expected status."""

import decimal

from oslotest import base

from heat_spreader import context
from heat_spreader import routes
from heat_spreader.api.controllers import root
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures

PERSONAS = ('reader', 'member', 'admin', 'other', 'stranger', None)
# Who has no role in a project, and whose token is no longer valid. There is no
# token 'revoked'.
OUTSIDERS = ('service', 'unscoped', 'domain', 'system')
INVALID = ('expired', 'revoked')
ALL_PROJECTS = f'{routes.STACKS}?all_projects=true'
ALL_EVENTS = f'{routes.EVENTS}?all_projects=true'
NEW = {'name': 'new', 'count': 1, 'count_parameter': 'size'}

# Method and route, body, and the statuses by persona, in the
# order of PERSONAS. The stack is of the project of reader and member; other
# is a member of another project, stranger has no role that counts, None has
# no token. The cloud east is for every project.
EXPECTED = {
    ('GET', routes.STACKS): (None, 200, 200, 200, 200, 403, 401),
    ('GET', ALL_PROJECTS): (
        None, 403, 403, 200, 403, 403, 401,
    ),
    ('POST', routes.STACKS): (NEW, 403, 201, 201, 201, 403, 401),
    ('POST', routes.STACKS_PREVIEW): (NEW, 200, 200, 200, 200, 403, 401),
    ('POST', routes.STACK_PREVIEW): (
        {'count': 2}, 200, 200, 200, 404, 403, 401,
    ),
    ('GET', routes.STACK): (
        None, 200, 200, 200, 404, 403, 401,
    ),
    ('PATCH', routes.STACK): (
        {'count': 2}, 403, 200, 200, 404, 403, 401,
    ),
    ('DELETE', routes.STACK): (
        None, 403, 204, 204, 404, 403, 401,
    ),
    ('PUT', routes.WEIGHT): (
        {'weight': 0.25}, 403, 200, 200, 404, 403, 401,
    ),
    ('DELETE', routes.WEIGHT): (
        None, 403, 204, 204, 404, 403, 401,
    ),
    ('GET', routes.STACK_EVENTS): (
        None, 200, 200, 200, 404, 403, 401,
    ),
    ('GET', routes.EVENTS): (None, 200, 200, 200, 200, 403, 401),
    ('GET', ALL_EVENTS): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.CLOUDS): (None, 200, 200, 200, 200, 403, 401),
    ('GET', routes.CLOUD): (None, 200, 200, 200, 200, 403, 401),
    ('PATCH', routes.CLOUD): (
        {'admin_state': 'CORDONED'}, 403, 403, 200, 403, 403, 401,
    ),
    ('GET', routes.CLOUD_EVENTS): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.CLOUDS_READINESS): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.CLOUD_READINESS): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.ENGINES): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.WITNESSES): (None, 403, 403, 200, 403, 403, 401),
}  # fmt: skip
# What needs no token.
PUBLIC = {
    ('GET', routes.VERSIONS),
    ('GET', routes.HEALTHCHECK),
    ('GET', routes.VERSION),
    ('GET', routes.DESCRIPTION),
}
# What clouds:use_any adds to a route: the same for a cloud of no project.
EXPECTED_ANY_CLOUD = {
    ('POST', routes.STACKS): (
        {**NEW, 'weights': {'vault': 1}}, 403, 400, 201, 400, 403, 401,
    ),
    ('POST', routes.STACKS_PREVIEW): (
        {**NEW, 'weights': {'vault': 1}}, 400, 400, 200, 400, 403, 401,
    ),
    ('POST', routes.STACK_PREVIEW): (
        {'weights': {'vault': 1}}, 400, 400, 200, 404, 403, 401,
    ),
    ('PATCH', routes.STACK): (
        {'weights': {'vault': 1}}, 403, 400, 200, 404, 403, 401,
    ),
    ('PUT', routes.WEIGHT): (
        {'weight': 0.25}, 403, 404, 200, 404, 403, 401,
    ),
    ('GET', routes.CLOUD): (None, 404, 404, 200, 404, 403, 401),
    ('GET', routes.CLOUD_EVENTS): (None, 403, 403, 200, 403, 403, 401),
    ('GET', routes.CLOUD_READINESS): (None, 403, 403, 200, 403, 403, 401),
    ('PATCH', routes.CLOUD): (
        {'admin_state': 'CORDONED'}, 403, 403, 200, 403, 403, 401,
    ),
}  # fmt: skip


class TestPolicy(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())
        self.ctx = context.RequestContext(
            project_id=fixtures.PROJECT, overwrite=False
        )
        self.stack_id = None

    def renew(self):
        """Create a stack in the first project, in place of all others."""
        for stack in stacks.get_all(self.ctx):
            stacks.delete(self.ctx, stack.id)
        values = {
            'name': 'web',
            'stack_name': 'web',
            'count_parameter': 'size',
            'count': 4,
            'failover': 'even',
            'weights': {'east': decimal.Decimal(0)},
        }
        self.stack_id = stacks.create(self.ctx, values).id

    def assert_status(self, status, method, path, body, persona, cloud='east'):
        if self.stack_id is None:
            self.renew()
        url = path.format(stack_id=self.stack_id, cloud=cloud)
        answer = self.api.request(method, url, body, persona)
        self.assertEqual(
            status,
            answer.status_int,
            f'{method} {path} by {persona}: {answer.text}',
        )
        if method != 'GET' and status < 300:
            self.stack_id = None

    def check(self, expected, cloud):
        for (method, path), (body, *statuses) in expected.items():
            for persona, status in zip(PERSONAS, statuses, strict=True):
                self.assert_status(status, method, path, body, persona, cloud)

    def test_every_persona_gets_the_expected_status_on_every_route(self):
        self.check(EXPECTED, 'east')

    def test_who_has_no_role_in_a_project_gets_nothing(self):
        for (method, path), (body, *_) in EXPECTED.items():
            status = 404 if '{stack_id}' in path else 403
            for persona in OUTSIDERS:
                self.assert_status(status, method, path, body, persona)
            for persona in INVALID:
                self.assert_status(401, method, path, body, persona)

    def test_only_administrators_use_a_cloud_of_no_project(self):
        self.check(EXPECTED_ANY_CLOUD, 'vault')

    def test_what_is_public_is_the_same_for_everyone(self):
        found = {
            (method, route)
            for route, rules in routes.RULES.items()
            for method, rule in rules.items()
            if rule is None
        }
        self.assertEqual(PUBLIC, found)
        for method, route in PUBLIC:
            for persona in (*PERSONAS, *OUTSIDERS, *INVALID):
                self.assert_status(200, method, route, None, persona)

    def test_every_method_of_every_route_is_expected_here(self):
        expected = {
            (method, route)
            for route, rules in routes.RULES.items()
            for method, rule in rules.items()
            if rule
        }
        queries = {('GET', ALL_PROJECTS), ('GET', ALL_EVENTS)}
        self.assertEqual(expected | queries, set(EXPECTED))
        self.assertLessEqual(set(EXPECTED_ANY_CLOUD), set(EXPECTED))

    def test_every_route_has_the_methods_that_have_a_rule(self):
        self.renew()
        for route in set(routes.RULES) - {routes.HEALTHCHECK}:
            url = route.format(stack_id=self.stack_id, cloud='east')
            answer = self.api.request('BREW', url)
            self.assertEqual(405, answer.status_int)
            self.assertEqual(
                ', '.join(routes.RULES[route]), answer.headers['Allow']
            )

    def test_no_resource_has_a_method_without_a_rule(self):
        self.assertEqual(
            set(routes.RULES) - {routes.HEALTHCHECK}, set(root.RESOURCES)
        )
        for route, resource in root.RESOURCES.items():
            methods = {
                name.upper()
                for name, member in vars(resource).items()
                if getattr(member, 'exposed', False)
            }
            self.assertEqual(set(routes.RULES[route]), methods, route)
