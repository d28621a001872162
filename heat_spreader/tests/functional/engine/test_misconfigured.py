# SPDX-License-Identifier: Apache-2.0
"""What only our configuration explains moves no instance."""

import yaml

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import tls
from heat_spreader.tests.functional.engine import base

ELSEWHERE = 'https://elsewhere.example/v3/auth/tokens'


class TestMisconfigured(base.FailoverTestCase):
    """cairo is well, and the engine's configuration for it is not."""

    def assert_held(self, *reasons):
        """Nothing is changed, and the reason says what to correct."""
        before = self.patches()
        self.engine = self.start_engine()
        for _ in range(5):
            self.engine.survey()

        self.assertEqual((6, 2, 2), self.settled(), reasons)
        self.assertEqual(before, self.patches())
        self.assertEqual('MISCONFIGURED', self.cloud_states()['cairo'])
        stack = self.stack(self.stack_id)
        self.assertEqual('DEGRADED', stack.status)
        member = stack.members[2]
        self.assertEqual('MISCONFIGURED', member.state)
        for part in (
            'cairo has been misconfigured since',
            'The count there is left unchanged.',
            self.clouds_yaml,
            *reasons,
        ):
            self.assertIn(part, member.reason)
        self.assertNotIn(self.clouds['cairo'].password, member.reason)

    def assert_up_when_corrected(self):
        self.clouds['cairo'].fault = None
        base.emulator.write_clouds_yaml(
            self.clouds_yaml, *self.clouds.values()
        )
        self.engine.survey()
        self.assertEqual('UP', self.cloud_states()['cairo'])
        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

    def change_entry(self, change, **changes):
        """Write clouds.yaml with changes of auth, and of the entry itself."""
        with open(self.clouds_yaml, encoding='utf-8') as file:
            entries = yaml.safe_load(file)['clouds']
        entries['cairo']['auth'].update(change)
        entries['cairo'].update(changes)
        base.emulator.write_entries(self.clouds_yaml, entries)

    def test_missing_or_empty_password(self):
        for password in (None, ''):
            self.change_entry({'password': password})
            self.assert_held('its password is missing or empty')
            self.assert_up_when_corrected()

    def test_missing_entry(self):
        base.emulator.write_clouds_yaml(
            self.clouds_yaml,
            *(c for name, c in self.clouds.items() if name != 'cairo'),
        )
        self.assert_held("The cloud 'cairo' has no entry in")
        self.assert_up_when_corrected()

    def test_wrong_path_in_auth_url(self):
        url = self.clouds['cairo'].keystone.url
        for path in ('/wrong', '/wrong/v3'):
            self.change_entry({'auth_url': url + path})
            self.assert_held(
                'auth_url of the cloud', f'404 Not Found from {url}'
            )
            self.assert_up_when_corrected()

    def test_keystone_that_redirects(self):
        for status in (301, 302, 307, 308):
            self.clouds['cairo'].keystone.fault = faults.answer(
                status, Location=ELSEWHERE
            )
            self.assert_held('a redirect to https://elsewhere.example.')
            self.assert_up_when_corrected()

    def test_heat_that_redirects(self):
        self.clouds['cairo'].heat.fault = faults.answer(
            301, Location=ELSEWHERE
        )
        self.assert_held(
            "The Heat of the cloud 'cairo' is at another address",
            'a redirect to https://elsewhere.example.',
            'or set orchestration_endpoint_override in its entry in',
        )
        self.assert_up_when_corrected()

    def test_page_of_another_program(self):
        for path in ('', '/v3'):
            url = self.clouds['cairo'].keystone.url
            self.change_entry({'auth_url': url + path})
            for fault in (faults.NOT_JSON, faults.answer(200, {'v': 1})):
                self.clouds['cairo'].keystone.fault = fault
                self.assert_held('is no Keystone: 200 OK from')
            self.assert_up_when_corrected()

    def test_auth_url_of_heat(self):
        self.change_entry({'auth_url': self.clouds['cairo'].heat.url})
        self.clouds['cairo'].heat.fault = faults.answer(
            300, {'versions': [{'id': 'v1.0', 'status': 'CURRENT'}]}
        )
        self.assert_held('is no Keystone: 300 Multiple Choices from')
        self.assert_up_when_corrected()

    def test_no_orchestration_endpoint(self):
        self.change_entry({}, region_name='Elsewhere')
        self.assert_held('orchestration service in Elsewhere')
        self.assert_up_when_corrected()

    def test_certificate_that_does_not_verify(self):
        server = self.useFixture(tls.UntrustedServer())
        self.change_entry({'auth_url': f'{server.url}/v3'})
        self.assert_held(
            f'The certificate of {server.url} does not verify',
            'Correct cacert of the cloud',
        )
        self.assert_up_when_corrected()

    def test_file_of_certificates_that_is_missing_or_invalid(self):
        server = self.useFixture(tls.UntrustedServer())
        for path in ('/nowhere/ca.pem', self.clouds_yaml):
            self.change_entry({'auth_url': f'{server.url}/v3'}, cacert=path)
            self.assert_held("The entry of the cloud 'cairo'")
            self.assert_up_when_corrected()

    def test_file_that_is_not_yaml_moves_nothing(self):
        with open(self.clouds_yaml, 'w', encoding='utf-8') as file:
            file.write('clouds: [')
        before = self.patches()
        self.engine = self.start_engine()
        for _ in range(5):
            self.engine.survey()

        self.assertEqual((6, 2, 2), self.settled())
        self.assertEqual(before, self.patches())
        self.assertEqual({'MISCONFIGURED'}, set(self.cloud_states().values()))
        self.assert_up_when_corrected()

    def test_wrong_password_after_a_wrong_address(self):
        self.change_entry({'password': ''})
        self.assert_held()
        self.change_entry({'password': 'wrong'})
        self.engine.survey()
        self.assertEqual('UNAUTHORIZED', self.cloud_states()['cairo'])
        self.change_entry({'password': ''})
        self.engine.survey()
        self.assertEqual('MISCONFIGURED', self.cloud_states()['cairo'])

    def test_cloud_has_one_event_and_the_member_none(self):
        self.change_entry({'password': ''})
        self.assert_held()
        events = self.events_of(self.stack_id)
        self.assertEqual([], [e for e in events if e.kind == 'MEMBER_STATE'])
        [event] = [e for e in events if 'to MISCONFIGURED' in e.message]
        self.assertEqual('CLOUD_STATE', event.kind)

    def test_handshake_that_fails_otherwise_is_an_outage(self):
        # A server without TLS.
        url = self.clouds['cairo'].keystone.url.replace('http:', 'https:')
        self.change_entry({'auth_url': f'{url}/v3'})
        self.engine = self.start_engine()
        for _ in range(3):
            self.engine.survey()
        self.assertEqual('DOWN', self.cloud_states()['cairo'])
        self.assertEqual((7, 3, 2), self.settled())
