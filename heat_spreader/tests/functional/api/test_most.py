# SPDX-License-Identifier: Apache-2.0
"""The most that a request may ask for, and one more, of everything limited.

Bytes of a request and its headers are in test_hostile_clients, the number of
stacks in test_limits, and the events that are kept in the tests of the purge.
"""

import json

from oslotest import base

from heat_spreader import states
from heat_spreader.tests.functional import fixtures

STACK = {'name': 'web', 'count': 1, 'count_parameter': 'size'}
CLOUDS = ('a', 'b', 'c')
# The default of [oslo_middleware] max_request_body_size.
MAX_BODY = 114688
PAGE = 2
# What to change in STACK for the most that is accepted; for one more; and what
# the error then names.
MOST = {
    'name': (
        {'name': 'n' * 255, 'stack_name': 'web'},
        {'name': 'n' * 256, 'stack_name': 'web'},
        'name must be',
    ),
    'name of the Heat stacks': (
        {'stack_name': 'n' * 255},
        {'stack_name': 'n' * 256},
        'stack_name must be',
    ),
    'count parameter': (
        {'count_parameter': 'n' * 255},
        {'count_parameter': 'n' * 256},
        'count_parameter must be',
    ),
    'count': (
        {'count': states.MAX_COUNT},
        {'count': states.MAX_COUNT + 1},
        'count must be',
    ),
    'members': (
        {'weights': dict.fromkeys(CLOUDS, 0)},
        {'weights': dict.fromkeys((*CLOUDS, 'd'), 0)},
        "'d'",
    ),
    'sum of the weights': (
        {'weights': {'a': 0.5, 'b': 0.5}},
        {'weights': {'a': 0.5, 'b': 0.500001}},
        'weights',
    ),
}


class TestMost(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(
            fixtures.Api(
                api={'max_limit': PAGE},
                projects={name: ['*'] for name in CLOUDS},
            )
        )

    def create(self, body, status):
        answer = self.api.request('POST', '/v1/stacks', body)
        self.assertEqual(status, answer.status_int, answer.text)
        if status == 201:
            url = f'/v1/stacks/{answer.json["id"]}'
            self.assertEqual(204, self.api.request('DELETE', url).status_int)
            return None
        [error] = answer.json['errors']
        return error['detail']

    def test_the_most_is_accepted_and_one_more_refused(self):
        for what, (most, more, named) in MOST.items():
            with self.subTest(what):
                self.create({**STACK, **most}, 201)
                self.assertIn(named, self.create({**STACK, **more}, 400))

    def test_body_of_the_most_bytes_is_accepted_and_one_more_refused(self):
        body = json.dumps(STACK).encode().ljust(MAX_BODY)

        self.create(body, 201)

        self.assertIn('max_request_body_size', self.create(body + b' ', 413))

    def test_page_has_the_most_items_whatever_is_asked_for(self):
        for name in ('a', 'b', 'c'):
            self.api.request('POST', '/v1/stacks', {**STACK, 'name': name})
        for query in ('', f'?limit={PAGE}', f'?limit={PAGE + 1}'):
            answer = self.api.request('GET', f'/v1/stacks{query}')
            self.assertEqual(PAGE, len(answer.json['stacks']), query)
            self.assertIn('stacks_links', answer.json)
