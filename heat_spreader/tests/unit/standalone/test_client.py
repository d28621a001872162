# SPDX-License-Identifier: Apache-2.0
import fixtures
from oslotest import base

from heat_spreader.standalone import client
from heat_spreader.standalone import file


class TestConnection(base.BaseTestCase):
    def connection(self, url='http://127.0.0.1:1', **backend):
        self.useFixture(fixtures.MockPatchObject(file.Settings, 'url', url))
        settings = file.Settings('f', backend, [], '127.0.0.1', 1)
        return client._connection(settings)

    def test_logs_in_only_if_the_file_has_a_name_and_a_password(self):
        for name in ('OS_USERNAME', 'OS_PASSWORD'):
            self.useFixture(fixtures.EnvironmentVariable(name, 'of a cloud'))

        auth = self.connection(type='remote').session.auth
        self.assertEqual({'X-Auth-Token': 'notused'}, auth.get_headers(None))

        auth = self.connection(
            type='remote', username='ann', password='secret'
        ).session.auth
        self.assertEqual(
            {'Authorization': 'Basic YW5uOnNlY3JldA=='},
            auth.get_headers(None),
        )

    def test_no_proxy_is_used_for_a_server_on_this_machine(self):
        for url, trusts in (
            ('http://127.0.0.1:1', False),
            ('http://[::1]:1', False),
            ('http://localhost:1', False),
            ('http://10.0.0.1:1', True),
            ('http://host.example.com:1', True),
        ):
            session = self.connection(url, type='remote').session.session
            self.assertIs(trusts, session.trust_env, url)
