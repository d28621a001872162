# SPDX-License-Identifier: Apache-2.0
"""Errors that no request of gabbits/ causes."""

import json
import logging
import os
from unittest import mock

import fixtures as testing_fixtures
import sqlalchemy as sa
import webob
from oslo_context import context as oslo_context
from oslotest import base

from heat_spreader import exception
from heat_spreader.api import errors
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures

SECRET = 'mysql://root:hunter2@db'
STACK = {'name': 'a', 'count': 1, 'count_parameter': 'size'}


class TestErrors(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())
        self.log = self.useFixture(
            testing_fixtures.FakeLogger(level=logging.INFO)
        )

    def assert_error(self, answer, status, code):
        self.assertEqual(status, answer.status_int, answer.text)
        self.assertEqual('application/json', answer.content_type)
        (error,) = answer.json['errors']
        self.assertEqual(
            {'status', 'code', 'title', 'detail', 'request_id'}, set(error)
        )
        self.assertEqual(status, error['status'])
        self.assertEqual(code, error['code'])
        self.assertEqual(
            answer.headers['X-OpenStack-Request-ID'], error['request_id']
        )
        return error

    def test_the_request_id_of_an_error_is_that_of_the_answer(self):
        for method, path, token in (
            ('GET', '/v1/stacks', None),
            ('GET', '/v1/nothing', 'member'),
            ('POST', '/v1/clouds', 'member'),
        ):
            answer = self.api.request(method, path, token=token)
            (error,) = answer.json['errors']
            self.assertEqual(
                answer.headers['X-OpenStack-Request-ID'], error['request_id']
            )

    def test_an_unexpected_exception_is_logged_and_not_shown(self):
        with mock.patch.object(
            stacks, 'get_all', autospec=True, side_effect=RuntimeError(SECRET)
        ):
            answer = self.api.request('GET', '/v1/stacks')
        error = self.assert_error(answer, 500, 'multicloud.internal')
        self.assertEqual('An unexpected error occurred.', error['detail'])
        self.assertNotIn('hunter2', answer.text)
        self.assertIn('Traceback', self.log.output)
        self.assertIn('RuntimeError', self.log.output)
        self.assertEqual(
            'multicloud 1.0', answer.headers['OpenStack-API-Version']
        )

    def test_an_own_exception_without_a_status_is_not_shown(self):
        with mock.patch.object(
            stacks,
            'get_all',
            autospec=True,
            side_effect=exception.CloudFault(SECRET),
        ):
            answer = self.api.request('GET', '/v1/stacks')
        self.assert_error(answer, 500, 'multicloud.internal')
        self.assertNotIn('hunter2', answer.text)

    def test_an_exception_of_the_middleware_is_not_shown(self):
        with mock.patch(
            'keystonemiddleware.auth_token.AuthProtocol.process_request',
            autospec=True,
            side_effect=RuntimeError(SECRET),
        ):
            answer = self.api.request('GET', '/v1/stacks')
        self.assert_error(answer, 500, 'multicloud.internal')
        self.assertNotIn('hunter2', answer.text)
        self.assertIn('Traceback', self.log.output)

    def test_a_database_that_does_not_answer_is_unavailable(self):
        self.lose_database()
        answer = self.api.request('GET', '/v1/stacks')
        error = self.assert_error(answer, 503, 'multicloud.unavailable')
        self.assertEqual(
            'The database cannot be reached. Try again later.', error['detail']
        )
        answer = self.api.request('POST', '/v1/stacks', STACK)
        self.assert_error(answer, 503, 'multicloud.unavailable')

    def test_the_health_check_asks_the_database(self):
        self.lose_database()
        answer = self.api.request('GET', '/healthcheck', token=None)
        error = self.assert_error(answer, 503, 'multicloud.unavailable')
        self.assertEqual(
            'The database cannot be reached. Try again later.', error['detail']
        )
        head = self.api.request('HEAD', '/healthcheck', token=None)
        self.assertEqual((503, b''), (head.status_int, head.body))

    def test_database_that_refuses_changes_is_unavailable(self):
        self.refuse_changes()
        for request in (
            ('POST', '/v1/stacks', STACK),
            ('GET', '/healthcheck'),
        ):
            answer = self.api.request(*request)
            error = self.assert_error(answer, 503, 'multicloud.unavailable')
            self.assertTrue(
                error['detail'].startswith(
                    'The database is read-only. Try again later.'
                )
            )
        self.assertEqual(200, self.api.request('GET', '/v1/stacks').status_int)

    def refuse_changes(self):
        def refuse(connection, record):
            connection.execute('PRAGMA query_only = ON')

        engine = session.get_engine()
        sa.event.listen(engine, 'connect', refuse)
        self.addCleanup(sa.event.remove, engine, 'connect', refuse)

    def test_deleted_database_file_is_unavailable(self):
        os.unlink(session.get_engine().url.database)
        for path in ('/v1/stacks', '/healthcheck'):
            answer = self.api.request('GET', path)
            self.assert_error(answer, 503, 'multicloud.unavailable')

    def lose_database(self):
        """Use a server that does not run: nothing listens on port 1."""
        url = 'mysql+pymysql://root:hunter2@127.0.0.1:1/heat_spreader'
        self.useFixture(fixtures.Connection(url))

    def test_a_body_that_is_too_large_is_refused(self):
        for body in (b'[' * 200_000, b'{"name": "' + b'a' * 200_000):
            answer = self.api.request('POST', '/v1/stacks', body)
            error = self.assert_error(answer, 413, 'multicloud.too_large')
            self.assertIn('max_request_body_size', error['detail'])

    def test_chunks_that_a_server_refuses_are_invalid(self):
        class Chunks:
            def read(self, *_):
                # Such as gunicorn.http.errors.InvalidChunkSize.
                raise RuntimeError(SECRET)

        request = webob.Request.blank('/v1/stacks', method='POST')
        request.content_type = 'application/json'
        request.headers['X-Auth-Token'] = 'member'
        request.environ['wsgi.input_terminated'] = True
        request.environ['wsgi.input'] = Chunks()
        answer = request.get_response(self.api.application)

        error = self.assert_error(answer, 400, 'multicloud.invalid')
        self.assertNotIn(SECRET, error['detail'])

    def test_what_is_no_http_request_is_refused(self):
        # uWSGI passes such requests on.
        for change in (
            lambda environ: environ.pop('PATH_INFO'),
            lambda environ: environ.update({'HTTP_X\xff': 'a'}),
        ):
            request = webob.Request.blank('/v1/stacks')
            change(request.environ)
            answer = request.get_response(self.api.application)
            self.assert_error(answer, 400, 'multicloud.invalid')

    def test_deep_nesting_is_refused(self):
        for depth in (200, 900, 990, 20_000, 110_000):
            nested = b'[' * (depth // 2) + b']' * (depth // 2)
            for body in (nested, b'{"name": ' + nested + b'}'):
                answer = self.api.request('POST', '/v1/stacks', body)
                self.assert_error(answer, 400, 'multicloud.invalid')

    def test_very_long_integers_are_refused(self):
        for digits in (400, 4300, 5000, 100_000):
            body = json.dumps(STACK).replace('1', '9' * digits).encode()
            answer = self.api.request('POST', '/v1/stacks', body)
            self.assert_error(answer, 400, 'multicloud.invalid')
            self.assertLess(len(answer.body), 1000)

    def test_a_body_that_is_not_utf_8_is_refused(self):
        for body in (b'{"name": "\xff"}', '{"name": "ü"}'.encode('utf-16')):
            answer = self.api.request('POST', '/v1/stacks', body)
            error = self.assert_error(answer, 400, 'multicloud.invalid')
            self.assertEqual('The body is not UTF-8.', error['detail'])

    def test_a_path_that_is_not_utf_8_is_not_found(self):
        answer = self.api.request('GET', '/v1/stacks/%ff')
        self.assert_error(answer, 404, 'multicloud.stack.not_found')
        answer = self.api.request('GET', '/v1/clouds/%C3')
        self.assert_error(answer, 404, 'multicloud.cloud.not_found')
        answer = self.api.request('GET', '/%ff', token=None)
        self.assert_error(answer, 401, 'multicloud.unauthenticated')
        self.assertNotIn('Traceback', self.log.output)

    def test_errors_of_other_middleware_have_our_format(self):
        def teapot(environ, start_response):
            start_response('418 Teapot', [('Content-Type', 'text/html')])
            return [b'<h1>short and stout</h1>']

        environ = {
            'openstack.request_id': 'req-1',
            'REQUEST_METHOD': 'GET',
            'PATH_INFO': '/',
        }
        seen = []
        body = errors.Errors(teapot, self.api.conf)(
            environ, lambda status, headers: seen.append(status)
        )
        (error,) = json.loads(b''.join(body))['errors']
        self.assertEqual(['418 Teapot'], seen)
        self.assertEqual(418, error['status'])
        self.assertEqual('multicloud.invalid', error['code'])
        self.assertEqual('req-1', error['request_id'])

    def test_log_lines_have_the_id_of_the_request(self):
        seen = []
        with mock.patch.object(
            stacks,
            'get_all',
            autospec=True,
            side_effect=lambda *_, **__: note(seen),
        ):
            answer = self.api.request('GET', '/v1/stacks')
        self.assertEqual([answer.headers['X-OpenStack-Request-ID']], seen)

    def test_log_lines_before_authentication_have_the_id_too(self):
        self.api.request('GET', '/v1/stacks')
        seen = []
        with mock.patch(
            'keystonemiddleware.auth_token.AuthProtocol.process_request',
            autospec=True,
            side_effect=lambda *_: note(seen),
        ):
            answer = self.api.request('GET', '/v1/stacks')
        self.assertEqual([answer.headers['X-OpenStack-Request-ID']], seen)


def note(seen):
    """Keep the request id that oslo.log would write now."""
    seen.append(oslo_context.get_current().request_id)
    return []
