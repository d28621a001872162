# SPDX-License-Identifier: Apache-2.0
"""Every route by every persona: what each of them is answered."""

import decimal

from oslotest import base

from heat_spreader import context
from heat_spreader import policies
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures

PERSONAS = ('reader', 'member', 'admin', 'other', 'stranger', None)
NEW = {'name': 'new', 'count': 1, 'count_parameter': 'size'}

# Route as policies.py writes it, body, and the statuses by persona, in the
# order of PERSONAS. The stack is of the project of reader and member; other
# is a member of another project, stranger has no role that counts, None has
# no token. The cloud east is for every project.
EXPECTED = {
    ('GET', '/v1/stacks'): (None, 200, 200, 200, 200, 403, 401),
    ('GET', '/v1/stacks?all_projects=true'): (
        None, 403, 403, 200, 403, 403, 401,
    ),
    ('POST', '/v1/stacks'): (NEW, 403, 201, 201, 201, 403, 401),
    ('GET', '/v1/stacks/{stack_id}'): (
        None, 200, 200, 200, 404, 403, 401,
    ),
    ('PATCH', '/v1/stacks/{stack_id}'): (
        {'count': 2}, 403, 200, 200, 404, 403, 401,
    ),
    ('DELETE', '/v1/stacks/{stack_id}'): (
        None, 403, 204, 204, 404, 403, 401,
    ),
    ('PUT', '/v1/stacks/{stack_id}/weights/{cloud}'): (
        {'weight': 0.25}, 403, 200, 200, 404, 403, 401,
    ),
    ('DELETE', '/v1/stacks/{stack_id}/weights/{cloud}'): (
        None, 403, 204, 204, 404, 403, 401,
    ),
    ('GET', '/v1/stacks/{stack_id}/events'): (
        None, 200, 200, 200, 404, 403, 401,
    ),
    ('GET', '/v1/clouds'): (None, 200, 200, 200, 200, 403, 401),
    ('GET', '/v1/clouds/{cloud}'): (None, 200, 200, 200, 200, 403, 401),
}  # fmt: skip
# What clouds:use_any adds to a route: the same for a cloud of nobody.
EXPECTED_ANY_CLOUD = {
    ('POST', '/v1/stacks'): (
        {**NEW, 'weights': {'vault': 1}}, 403, 403, 201, 403, 403, 401,
    ),
    ('PATCH', '/v1/stacks/{stack_id}'): (
        {'weights': {'vault': 1}}, 403, 403, 200, 404, 403, 401,
    ),
    ('PUT', '/v1/stacks/{stack_id}/weights/{cloud}'): (
        {'weight': 0.25}, 403, 403, 200, 404, 403, 401,
    ),
    ('GET', '/v1/clouds/{cloud}'): (None, 404, 404, 200, 404, 403, 401),
}  # fmt: skip


def _routes(rule):
    return [(each['method'], each['path']) for each in rule.operations]


class TestPolicy(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())

    def stack_id(self):
        """A new stack of the first project with a weight in every cloud."""
        ctx = context.RequestContext(
            project_id=fixtures.PROJECT, overwrite=False
        )
        for stack in stacks.get_all(ctx):
            stacks.delete(ctx, stack.id)
        values = {
            'name': 'web',
            'stack_name': 'web',
            'count_parameter': 'size',
            'count': 4,
            'failover': 'even',
            'weights': {'east': decimal.Decimal(0)},
        }
        return stacks.create(ctx, values).id

    def check(self, expected, cloud):
        for (method, path), (body, *statuses) in expected.items():
            for persona, status in zip(PERSONAS, statuses, strict=True):
                url = path.format(stack_id=self.stack_id(), cloud=cloud)
                answer = self.api.request(method, url, body, persona)
                self.assertEqual(
                    status,
                    answer.status_int,
                    f'{method} {path} by {persona}: {answer.text}',
                )

    def test_every_persona_is_answered_as_expected_on_every_route(self):
        self.check(EXPECTED, 'east')

    def test_only_administrators_use_a_cloud_of_no_project(self):
        self.check(EXPECTED_ANY_CLOUD, 'vault')

    def test_every_route_of_every_rule_is_expected_here(self):
        routes = {
            route for rule in policies.list_rules() for route in _routes(rule)
        }
        self.assertEqual(set(EXPECTED), routes)
        self.assertLessEqual(set(EXPECTED_ANY_CLOUD), routes)

    def test_every_method_of_every_url_has_a_rule(self):
        routes = {
            (method, path.partition('?')[0]) for method, path in EXPECTED
        }
        for path in {path for _, path in routes}:
            url = path.format(stack_id=self.stack_id(), cloud='east')
            answer = self.api.request('BREW', url)
            self.assertEqual(405, answer.status_int)
            self.assertEqual(
                {method for method, known in routes if known == path},
                set(answer.allow),
                path,
            )
