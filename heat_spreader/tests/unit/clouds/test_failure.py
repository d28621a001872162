# SPDX-License-Identifier: Apache-2.0
import datetime
import json
import socket
import ssl
from unittest import mock

import requests
from keystoneauth1 import exceptions as ksa_exc
from openstack import exceptions as sdk_exc
from oslo_utils import fixture
from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import failure


def response(status, body=b'', **headers):
    made = requests.Response()
    made.status_code = status
    made.url = 'https://user:hunter2@heat.example:8004/v1/p?name=theirs'
    is_raw = isinstance(body, bytes)
    made._content = body if is_raw else json.dumps(body).encode()
    made.headers.update(headers)
    return made


def heat_body(error_type, message=None):
    error = {'type': error_type, 'traceback': None}
    if message:
        error['message'] = message
    return {'code': 0, 'explanation': 'No, thank you.', 'error': error}


class TestOfResponse(base.BaseTestCase):
    def check(self, kind, status, body=b'', **headers):
        error = failure.of_response('east', response(status, body, **headers))
        self.assertIs(kind, type(error), f'{status} {body}')
        return error

    def test_statuses(self):
        for status, kind in (
            (302, exception.CloudMisconfigured),
            (400, exception.CloudFault),
            (401, exception.CloudUnauthorized),
            (403, exception.CloudUnauthorized),
            (404, exception.CloudFault),
            (409, exception.RemoteBusy),
            (413, exception.CloudThrottled),
            (418, exception.CloudFault),
            (429, exception.CloudThrottled),
            (500, exception.CloudFault),
            (501, exception.CloudFault),
            (502, exception.CloudUnreachable),
            (503, exception.CloudUnreachable),
            (504, exception.CloudUnreachable),
            (599, exception.CloudFault),
            (999, exception.CloudFault),
        ):
            self.check(kind, status)
            self.check(kind, status, b'<html>')

    def test_only_entity_not_found_means_no_such_stack(self):
        gone = heat_body('EntityNotFound', 'The Stack (web) is not there.')
        error = self.check(exception.RemoteStackNotFound, 404, gone)
        self.assertEqual(
            "The cloud 'east' has no such stack: 404 Not Found from "
            'https://heat.example:8004, The Stack (web) is not there.',
            str(error),
        )
        lost = heat_body('NotFound', 'ResourcePropertiesData with id {}')
        self.check(exception.CloudFault, 404, lost)
        self.check(exception.CloudFault, 404, {'error': 'EntityNotFound'})

    def test_a_rejection_quotes_heat(self):
        body = heat_body('StackValidationFailed', 'count: -1 is too small.')
        error = self.check(exception.RemoteRejected, 400, body)
        self.assertEqual(
            "Heat in 'east' rejected the request: count: -1 is too small.",
            str(error),
        )

    def test_a_rejection_without_a_message_quotes_the_explanation(self):
        error = self.check(exception.RemoteRejected, 400, heat_body('Odd'))
        self.assertEqual(
            "Heat in 'east' rejected the request: No, thank you.", str(error)
        )

    def test_error_has_no_secrets(self):
        token = 'gAAAAABm' + 'x' * 100
        words = f'{token} "auth_token": "{token}" http://a:hunter2@b/?q=theirs'
        error = self.check(
            exception.RemoteRejected, 400, heat_body('Odd', words)
        )
        for secret in (token, 'hunter2', 'theirs'):
            self.assertNotIn(secret, str(error))
        error = self.check(exception.CloudUnreachable, 503)
        self.assertIn('https://heat.example:8004', str(error))
        self.assertNotIn('hunter2', str(error))

    def test_error_has_a_maximum_length(self):
        body = heat_body('Odd', 'word ' * 100000)
        error = self.check(exception.RemoteRejected, 400, body)
        self.assertLess(len(str(error)), failure.MAX_MESSAGE + 100)


class TestRetryAfter(base.BaseTestCase):
    def retry_after(self, value):
        answer = response(429, **{'Retry-After': value})
        return failure.of_response('east', answer).retry_after

    def test_retry_after_is_read_as_seconds(self):
        self.assertEqual(30, self.retry_after('30'))
        self.assertEqual(300, self.retry_after('300'))

    def test_retry_after_is_capped(self):
        self.assertEqual(300, self.retry_after('301'))
        self.assertEqual(300, self.retry_after('100000000'))
        self.assertEqual(
            300, self.retry_after('Sun, 22 Nov 2099 10:00:30 GMT')
        )

    def test_retry_after_is_read_as_a_date(self):
        now = datetime.datetime(2026, 11, 22, 10, 0, 0)
        self.useFixture(fixture.TimeFixture(now))
        for value, seconds in (
            ('Sun, 22 Nov 2026 10:00:30 GMT', 30),
            ('Sun, 22 Nov 2026 10:00:30 -0000', 30),
            ('Sun, 22 Nov 2026 09:00:00 GMT', 0),
        ):
            self.assertEqual(seconds, self.retry_after(value), value)

    def test_retry_after_is_zero_without_a_valid_header(self):
        for value in ('', 'soon', '-1', '1.5', '9' * 5000, 'Sun, 99 Nov 2026'):
            self.assertEqual(0.0, self.retry_after(value), value)
        self.assertEqual(
            0.0, failure.of_response('east', response(429)).retry_after
        )


class TestClassified(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.session = mock.Mock(source='/etc/clouds.yaml', answer=None)

    def check(self, kind, *chain):
        """Raise the last exception while handling the one before it."""

        def raise_all(links):
            if not links:
                return
            try:
                raise_all(links[:-1])
            finally:
                raise links[-1]

        def run():
            with failure.classified('east', self.session):
                raise_all(chain)

        error = self.assertRaises(kind, run)
        self.assertIs(chain[-1], error.__cause__)
        return error

    def test_no_answer_is_unreachable(self):
        for exc in (
            ksa_exc.ConnectTimeout(),
            ksa_exc.ConnectFailure(),
            ksa_exc.SSLError(),
            ksa_exc.UnknownConnectionError('Cut', ValueError()),
            ConnectionResetError(),
            TimeoutError(),
        ):
            self.check(exception.CloudUnreachable, exc)

    def test_error_names_the_address_and_the_cause(self):
        error = self.check(
            exception.CloudUnreachable,
            ssl.SSLError(1, 'wrong version number'),
            requests.exceptions.SSLError('Max retries exceeded'),
            ksa_exc.SSLError('Connecting to https://a:b@heat.example/v1?q=1'),
        )
        self.assertEqual(
            "The cloud 'east' cannot be reached: https://heat.example: "
            'wrong version number.',
            str(error),
        )

    def test_a_certificate_that_does_not_verify_is_misconfigured(self):
        error = self.check(
            exception.CloudMisconfigured,
            ssl.SSLCertVerificationError(1, 'certificate has expired'),
            requests.exceptions.SSLError('Max retries exceeded'),
            ksa_exc.SSLError('Connecting to https://a:b@heat.example/v1?q=1'),
        )
        self.assertEqual(
            'The certificate of https://heat.example does not verify: '
            "certificate has expired. Correct cacert of the cloud 'east' in "
            '/etc/clouds.yaml, or the certificate.',
            str(error),
        )

    def test_failed_discovery_has_the_class_of_its_cause(self):
        for kind, *cause in (
            (exception.CloudUnreachable, ksa_exc.ConnectFailure()),
            (
                exception.CloudUnreachable,
                ksa_exc.ServiceUnavailable(response=response(503)),
            ),
            (exception.CloudFault,),
        ):
            self.check(kind, *cause, ksa_exc.DiscoveryFailure())

    def test_rejected_credentials_are_unauthorized(self):
        body = {'error': {'message': 'Expecting to find domain in user.'}}
        for exc in (
            ksa_exc.Unauthorized(response=response(401)),
            ksa_exc.Forbidden(response=response(403)),
            ksa_exc.BadRequest(response=response(400, body)),
        ):
            error = self.check(exception.CloudUnauthorized, exc)
            # One engine has the file, and may be one of many.
            self.assertTrue(
                str(error).endswith(
                    '. Correct its entry in /etc/clouds.yaml on the host '
                    f'{socket.gethostname()}, or the roles of its user.'
                ),
                error,
            )

    def test_what_only_the_entry_explains_is_misconfigured(self):
        for exc in (
            ksa_exc.EndpointNotFound(),
            ksa_exc.EmptyCatalog(),
            ksa_exc.MissingRequiredOptions([]),
            ksa_exc.MissingAuthPlugin(),
            ksa_exc.AuthorizationFailure(),
            sdk_exc.ConfigException('No'),
            FileNotFoundError('no ca.pem'),
            ksa_exc.BadRequest(response=response(400)),
        ):
            error = self.check(exception.CloudMisconfigured, exc)
            self.assertIn(' in /etc/clouds.yaml', str(error))

    def test_an_invalid_url_is_misconfigured(self):
        url = requests.exceptions.MissingSchema('No scheme')
        unknown = ksa_exc.UnknownConnectionError('Unexpected', url)
        self.check(exception.CloudMisconfigured, url, unknown)

    def test_answer_of_keystone_never_means_no_such_stack(self):
        for status, kind in (
            (404, exception.CloudMisconfigured),
            (409, exception.CloudFault),
        ):
            error = ksa_exc.HttpError(
                response=response(status, heat_body('EntityNotFound'))
            )
            self.check(kind, error)

    def test_wrong_path_of_keystone_is_named_with_the_file(self):
        error = self.check(
            exception.CloudMisconfigured,
            ksa_exc.NotFound(response=response(404)),
            ksa_exc.DiscoveryFailure(),
        )
        self.assertEqual(
            "auth_url of the cloud 'east' in /etc/clouds.yaml answers, but is "
            'no Keystone: 404 Not Found from https://heat.example:8004.',
            str(error),
        )

    def test_a_redirect_of_keystone_is_misconfigured_and_says_where_to(self):
        target = 'https://a:hunter2@other.example/v3?token=hunter2'
        self.session.answer = response(301, Location=target)
        error = self.check(
            exception.CloudMisconfigured, ksa_exc.DiscoveryFailure()
        )
        self.assertIn(
            'a redirect to https://other.example. Redirects are not followed',
            str(error),
        )
        self.assertNotIn('hunter2', str(error))

    def test_another_page_than_that_of_keystone_is_misconfigured(self):
        for body in (b'<html>', b'', [1], {'versions': [{'id': 'v1.0'}]}):
            self.session.answer = response(200, body)
            for exc in (ksa_exc.DiscoveryFailure(), KeyError('token')):
                error = self.check(exception.CloudMisconfigured, exc)
                self.assertIn('is no Keystone: 200 OK from', str(error))

    def test_half_of_an_answer_of_keystone_is_a_fault(self):
        for body in (b'{"token": {', {'token': {}}):
            self.session.answer = response(200, body)
            self.check(exception.CloudFault, KeyError('token'))

    def test_a_body_that_is_too_large_is_a_fault(self):
        large = failure.BodyTooLarge('Large')
        unknown = ksa_exc.UnknownConnectionError('Unexpected', large)
        self.check(exception.CloudFault, large, unknown)

    def test_everything_else_is_a_fault(self):
        for exc in (KeyError('token'), RecursionError(), TypeError('x')):
            self.check(exception.CloudFault, exc)

    def test_our_own_errors_are_unchanged(self):
        ours = exception.CloudUnauthorized('No file.')

        def run():
            with failure.classified('east'):
                raise ours

        self.assertIs(ours, self.assertRaises(type(ours), run))

    def test_an_exception_that_the_caller_handles_is_ignored(self):
        try:
            raise ksa_exc.EndpointNotFound
        except ksa_exc.EndpointNotFound:
            self.check(exception.CloudFault, KeyError())
