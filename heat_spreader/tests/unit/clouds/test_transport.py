# SPDX-License-Identifier: Apache-2.0
"""What the sessions of requests take from their environment."""

import pathlib
from unittest import mock

import fixtures
import requests
from oslotest import base

from heat_spreader.clouds import transport

HEAT = 'http://heat.example:8004/v1/stacks'


class TestSession(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        for name in ('http_proxy', 'HTTP_PROXY', 'no_proxy', 'NO_PROXY'):
            self.useFixture(fixtures.EnvironmentVariable(name))
        self.session = transport.Session()

    def settings(self, url):
        return self.session.merge_environment_settings(
            url, {}, False, True, None
        )

    def test_proxy_of_the_environment_is_used_except_for_excluded_hosts(self):
        for name, value in (
            ('http_proxy', 'http://proxy.example:3128'),
            ('no_proxy', 'near.example'),
        ):
            self.useFixture(fixtures.EnvironmentVariable(name, value))
        for _ in range(2):
            self.assertEqual(
                'http://proxy.example:3128',
                self.settings(HEAT)['proxies']['http'],
            )
            near = self.settings('http://near.example/v1')
            self.assertNotIn('http', near['proxies'])

    def test_environment_is_read_once_for_each_host(self):
        with mock.patch.object(
            requests.sessions,
            'get_environ_proxies',
            autospec=True,
            return_value={},
        ) as read:
            for path in ('', '/a', '/b'):
                self.settings(f'{HEAT}{path}')
            self.assertEqual(1, read.call_count)
            self.settings('http://keystone.example/v3')
            self.assertEqual(2, read.call_count)

    def test_password_of_a_netrc_is_not_sent_to_heat(self):
        path = pathlib.Path(self.useFixture(fixtures.TempDir()).path, 'netrc')
        path.write_text('machine heat.example login me password secret\n')
        self.useFixture(fixtures.EnvironmentVariable('NETRC', str(path)))
        request = requests.Request('GET', HEAT)

        self.assertIn(
            'Authorization',
            requests.Session().prepare_request(request).headers,
        )
        self.assertNotIn(
            'Authorization', self.session.prepare_request(request).headers
        )
