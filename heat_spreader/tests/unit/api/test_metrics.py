# SPDX-License-Identifier: Apache-2.0
from unittest import mock

import fixtures
from oslotest import base

from heat_spreader.api import metrics
from heat_spreader.tests.unit.conf import base as conf_base

REQUESTS = 'heat_spreader_api_requests_total'
SECONDS = 'heat_spreader_api_request_duration_seconds'


def value(name, **labels):
    return metrics.registry().get_sample_value(name, labels) or 0


def answer(environ, start_response):
    start_response('201 Created', [])
    return [b'made']


class TestMiddleware(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.conf = conf_base.make_conf()

    def ask(self, method, path, application=answer):
        self.conf.set_override('enabled', True, 'metrics')
        return metrics.middleware(application, self.conf)(
            {'REQUEST_METHOD': method, 'PATH_INFO': path}, mock.Mock()
        )

    def test_counts_an_answer_and_its_time(self):
        labels = {'method': 'POST', 'route': '/v1/stacks'}
        before = value(REQUESTS, code='201', **labels)
        timed = value(f'{SECONDS}_count', **labels)

        self.assertEqual([b'made'], self.ask('POST', '/v1/stacks'))
        self.assertEqual(before + 1, value(REQUESTS, code='201', **labels))
        self.assertEqual(timed + 1, value(f'{SECONDS}_count', **labels))

    def test_requests_are_counted_by_the_requested_path(self):
        def shifted(environ, start_response):
            environ['PATH_INFO'] = '/v1/clouds'
            return answer(environ, start_response)

        labels = {'method': 'GET', 'route': '/v1', 'code': '201'}
        before = value(REQUESTS, **labels)
        self.ask('GET', '/v1', shifted)

        self.assertEqual(before + 1, value(REQUESTS, **labels))

    def test_an_exception_is_counted_and_propagates(self):
        def broken(environ, start_response):
            raise ZeroDivisionError

        labels = {'method': 'GET', 'route': '/v1', 'code': '500'}
        before = value(REQUESTS, **labels)

        self.assertRaises(ZeroDivisionError, self.ask, 'GET', '/v1', broken)
        self.assertEqual(before + 1, value(REQUESTS, **labels))

    def test_an_unknown_method_does_not_become_a_label(self):
        labels = {'method': 'other', 'route': 'other', 'code': '201'}
        before = value(REQUESTS, **labels)
        self.ask('BREW', '/pot')

        self.assertEqual(before + 1, value(REQUESTS, **labels))

    def test_a_counter_that_fails_is_logged_once_and_fails_no_request(self):
        log = self.useFixture(fixtures.FakeLogger())
        self.useFixture(
            fixtures.MockPatchObject(
                metrics.REQUESTS, 'labels', side_effect=OSError('no space')
            )
        )
        for _ in range(2):
            self.assertEqual([b'made'], self.ask('GET', '/v1'))

        self.assertEqual(1, log.output.count('no space'))

    def test_nothing_is_counted_while_metrics_are_disabled(self):
        self.assertIs(answer, metrics.middleware(answer, self.conf))
