# SPDX-License-Identifier: Apache-2.0
"""What belongs to others cannot be distinguished from what does not exist."""

import json

import sqlalchemy as sa
from oslo_utils import uuidutils
from oslotest import base

from heat_spreader import routes
from heat_spreader.db import session
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.api import test_policy

# A cloud of no project, and none; both names are as long.
VAULT, MISSING = 'vault', 'xxxxx'


class TestTenancy(base.BaseTestCase):
    """A stack of the project of member, and a caller of another project."""

    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())
        self.stack_id = self.create('web', 'member')

    def create(self, name, token):
        body = {
            'name': name,
            'count': 1,
            'count_parameter': 'size',
            'weights': {'east': 1},
        }
        answer = self.api.request('POST', '/v1/stacks', body, token)
        self.assertEqual(201, answer.status_int, answer.text)
        return answer.json['id']

    def answer(self, method, url, body, token, named):
        """The status, headers and text of a response, without what differs.

        :param named: what the request is about
        """
        answer = self.api.request(method, url, body, token)
        request_id = answer.headers.pop('X-OpenStack-Request-ID')
        headers = dict(answer.headers)
        text = answer.text.replace(request_id, '').replace(named, '')
        return answer.status_int, headers, text

    def test_stack_of_another_project_is_like_none(self):
        for (method, route), (body, *_) in test_policy.EXPECTED.items():
            if '{stack_id}' not in route:
                continue
            found = [
                self.answer(
                    *(method, route.format(stack_id=each, cloud='east')),
                    *(body, 'other', each),
                )
                for each in (self.stack_id, uuidutils.generate_uuid())
            ]
            self.assertEqual(404, found[0][0])
            self.assertEqual(found[1], found[0], f'{method} {route}')

    def test_of_a_stack_of_another_project_only_the_owner_is_read(self):
        """Else the time would depend on what the stack has."""
        engine, selected = session.get_engine(), []

        def note(connection, cursor, statement, *rest):
            if statement.startswith('SELECT'):
                selected.append(' '.join(statement.split()))

        sa.event.listen(engine, 'before_cursor_execute', note)
        self.addCleanup(sa.event.remove, engine, 'before_cursor_execute', note)
        found = []
        for each in (self.stack_id, uuidutils.generate_uuid()):
            selected.clear()
            self.api.request('GET', f'/v1/stacks/{each}', token='other')
            found.append(list(selected))
        self.assertEqual(found[1], found[0])
        *own, owner = found[0]
        for each in own:
            self.assertIn('stacks.project_id = ', each)
        self.assertIn('SELECT stacks.project_id, stacks.user_id FROM', owner)

    def test_cloud_of_no_project_is_like_none(self):
        new = {'name': 'new', 'count': 1, 'count_parameter': 'size'}
        stack = f'/v1/stacks/{self.stack_id}'
        for status, method, url, body in (
            (404, 'GET', '/v1/clouds/NAME', None),
            (404, 'PUT', f'{stack}/weights/NAME', {'weight': 0}),
            (404, 'DELETE', f'{stack}/weights/NAME', None),
            (400, 'POST', '/v1/stacks', {**new, 'weights': {'NAME': 0}}),
            (400, 'POST', '/v1/stacks/preview', {**new, 'down': ['NAME']}),
            (400, 'PATCH', stack, {'weights': {'NAME': 1}}),
            (400, 'POST', f'{stack}/preview', {'down': ['NAME']}),
            (400, 'GET', '/v1/stacks?cloud=NAME', None),
            (400, 'GET', '/v1/events?cloud=NAME', None),
            (400, 'GET', f'{stack}/events?cloud=NAME', None),
        ):
            text = json.dumps(body) if body else ''
            found = [
                self.answer(
                    *(method, url.replace('NAME', cloud)),
                    *(text.replace('NAME', cloud).encode(), 'member', cloud),
                )
                for cloud in (VAULT, MISSING)
            ]
            self.assertEqual(status, found[0][0], found[0])
            self.assertEqual(found[1], found[0], f'{method} {url}')

    def test_marker_of_another_project_is_like_none(self):
        events = self.api.request('GET', f'/v1/stacks/{self.stack_id}/events')
        event_id = events.json['events'][0]['id']
        own = self.create('own', 'other')
        for url, marker in (
            (routes.STACKS, self.stack_id),
            (routes.EVENTS, event_id),
            (f'/v1/stacks/{own}/events', event_id),
        ):
            found = [
                self.answer('GET', f'{url}?marker={each}', None, 'other', each)
                for each in (marker, uuidutils.generate_uuid())
            ]
            self.assertEqual(400, found[0][0], found[0])
            self.assertEqual(found[1], found[0], url)
