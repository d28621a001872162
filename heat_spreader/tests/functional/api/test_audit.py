# SPDX-License-Identifier: Apache-2.0
"""The audit middleware of Keystone, with the sample of its map."""

import ast
import logging
import pathlib
import re

import fixtures as testing_fixtures
from oslo_utils import importutils
from oslotest import base

from heat_spreader import exception
from heat_spreader import threads
from heat_spreader.api import audit as api_audit
from heat_spreader.tests.functional import fixtures

MAP = pathlib.Path(__file__).parents[4] / 'etc/heat_spreader'
SAMPLE = str(MAP / 'api_audit_map.conf')
STACK = {'name': 'a', 'count': 1, 'count_parameter': 'size'}


class TestAudit(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        # Its options are known only then.
        threads.choose()
        importutils.import_module('keystonemiddleware.audit')
        self.log = self.useFixture(
            testing_fixtures.FakeLogger(level=logging.INFO)
        )
        self.api = self.useFixture(
            fixtures.Api(
                api={'audit_map_file': SAMPLE},
                audit_middleware_notifications={'use_oslo_messaging': False},
            )
        )

    def records(self):
        """What was recorded of requests that are over."""
        found = re.findall(
            r'Event type: audit.http.response, Context: .*?, Payload: (.*)',
            self.log.output,
        )
        return [ast.literal_eval(text) for text in found]

    def test_record_has_who_asked_for_what_and_the_result(self):
        created = self.api.request('POST', '/v1/stacks', STACK)
        path = f'/v1/stacks/{created.json["id"]}'
        self.api.request('PATCH', path, {'count': 2}, token='reader')

        done, refused = self.records()

        self.assertEqual('user-member', done['initiator']['id'])
        self.assertEqual(fixtures.PROJECT, done['initiator']['project_id'])
        self.assertEqual(
            created.headers['X-OpenStack-Request-ID'],
            done['initiator']['request_id'],
        )
        self.assertEqual(
            [('create', '201', 'success'), ('update', '403', 'failure')],
            [
                (each['action'], each['reason']['reasonCode'], each['outcome'])
                for each in (done, refused)
            ],
        )
        self.assertEqual(path, refused['requestPath'])
        self.assertEqual('user-reader', refused['initiator']['id'])

    def test_option_of_the_map_causes_no_warning(self):
        self.assertNotIn('audit_map_file', self.log.output)

    def test_preview_is_recorded_as_a_read(self):
        self.api.request('POST', '/v1/stacks/preview', STACK)
        [record] = self.records()
        self.assertEqual('read', record['action'])


class TestFile(base.BaseTestCase):
    def test_file_that_cannot_be_used_is_named_at_the_start(self):
        directory = pathlib.Path(
            self.useFixture(testing_fixtures.TempDir()).path
        )
        missing = directory / 'missing.conf'
        invalid = directory / 'invalid.conf'
        invalid.write_text('no section\n')
        configuration = self.useFixture(fixtures.Configuration())
        for path in (missing, invalid):
            configuration.override('api', audit_map_file=str(path))
            error = self.assertRaises(
                exception.ConfigurationInvalid,
                api_audit.middleware,
                *(None, configuration.conf),
            )
            self.assertIn(str(path), str(error))
