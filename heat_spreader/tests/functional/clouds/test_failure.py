# SPDX-License-Identifier: Apache-2.0
"""Every way in which a cloud can fail, over HTTP and through openstacksdk."""

import os
import tracemalloc

import hypothesis
from hypothesis import strategies as st

from heat_spreader import exception
from heat_spreader.clouds import transport
from heat_spreader.tests.functional.clouds import base
from heat_spreader.tests.functional.emulator import cloud as emulated
from heat_spreader.tests.functional.emulator import faults

# Keys of Keystone's answers and Heat's errors.
FIELDS = [
    'token',
    'catalog',
    'endpoints',
    'expires_at',
    'error',
    'errors',
    'versions',
    'values',
    'version',
    'id',
    'links',
    'type',
    'project',
    'user',
    'stacks',
    'url',
    'status',
]


class TestClassification(base.CloudTestCase):
    """The table of section 5, row by row, through every call."""

    read_timeout = base.SHORT
    connect_timeout = base.SHORT

    def setUp(self):
        super().setUp()
        self.stack = self.remote.add_stack('web', 3)
        self.calls = (
            (self.cloud.list_stacks, ['web']),
            (self.cloud.read_stack, 'web', self.stack.id, 'count'),
            (self.cloud.count_ready, 'web', self.stack.id, 'count'),
            (self.cloud.set_parameter, 'web', self.stack.id, 'count', 4),
        )

    def check(self, kind, fault, keystone=None, requests=1):
        """Check that every call fails so, with that many requests to Heat."""
        for call in self.calls:
            self.remote.fault = None
            self.cloud.list_stacks([])
            self.forget()
            self.remote.heat.fault = fault
            self.assertIs(kind, type(self.assertRaises(kind, *call)), fault)
            heat = [r for r in self.remote.requests if r.service == 'heat']
            self.assertEqual(requests, len(heat), fault)
        self.check_keystone(keystone or kind, fault)

    def check_keystone(self, kind, fault):
        self.remote.fault = None
        fresh = self.make_cloud()
        self.remote.keystone.fault = fault
        error = self.assertRaises(kind, fresh.list_stacks, ['web'])
        self.assertIs(kind, type(error), fault)
        self.remote.fault = None
        self.assertEqual(1, len(fresh.list_stacks(['web'])))

    def test_no_answer_is_unreachable(self):
        unreachable = exception.CloudUnreachable
        self.check(unreachable, faults.REFUSE, requests=0)
        self.check(unreachable, faults.UNANSWERED, requests=0)
        self.check(unreachable, faults.HANG)
        self.check(unreachable, faults.RESET)
        for status in (502, 503, 504):
            self.check(unreachable, faults.html(status))

    def test_a_lost_answer_does_not_mean_that_the_request_was_lost(self):
        for fault in (faults.LOST, faults.RESET):
            self.remote.heat.fault = fault.only('PATCH')
            call, *arguments = self.calls[-1]
            self.assertRaises(exception.CloudUnreachable, call, *arguments)
            self.assertEqual(4, self.remote.stack('web').count)
        self.assertEqual(2, len(self.remote.patches))

    def test_an_invalid_body_is_a_fault(self):
        fault = exception.CloudFault
        wrong = exception.CloudMisconfigured
        self.check(fault, faults.html(500))
        self.check(fault, faults.html(404), keystone=wrong)
        self.check(fault, faults.html(418))
        lost = faults.heat_error(404, 'NotFound', 'ResourcePropertiesData')
        self.check(fault, lost, keystone=wrong)
        for page in (
            faults.html(400),
            faults.answer(200, [1]),
            faults.NOT_JSON,
            faults.NOT_JSON_DESPITE_ITS_TYPE,
        ):
            self.check(fault, page, keystone=wrong)

    def test_an_incomplete_answer_is_a_fault(self):
        # The answer to a PATCH has no body to cut.
        self.calls = self.calls[:-1]
        self.check(exception.CloudFault, faults.TRUNCATED)

    def test_rejected_credentials_are_unauthorized(self):
        unauthorized = exception.CloudUnauthorized
        # Once with the token it has, once with a new one.
        self.check(unauthorized, faults.html(401), requests=2)
        self.check(unauthorized, faults.html(403))

    def test_catalog_without_heat_is_misconfigured(self):
        self.check_keystone(
            exception.CloudMisconfigured, faults.NO_ORCHESTRATION
        )

    def test_a_keystone_that_requires_a_token_for_its_versions_is_unauthorized(
        self,
    ):
        self.remote.keystone.fault = faults.html(401).only('GET')
        self.assertEqual(1, len(self.cloud.list_stacks(['web'])))

    def test_too_many_requests_are_throttled(self):
        for status in (413, 429):
            self.check(exception.CloudThrottled, faults.answer(status))

    def test_cloud_that_asks_for_a_pause_gets_no_call_for_a_stack(self):
        for status in (413, 429):
            self.remote.heat.fault = faults.answer(status, Retry_After='7')
            paused = self.make_cloud()
            error = self.assertRaises(
                exception.CloudThrottled, paused.begin_list(['web']).result
            )
            self.assertIs(exception.CloudThrottled, type(error))
            self.assertEqual(7, error.retry_after)
            self.remote.fault = None
            self.forget()
            for call, *arguments in self.calls:
                self.assertRaises(
                    exception.CloudPaused,
                    getattr(paused, call.__name__),
                    *arguments,
                )
            self.assertEqual([], self.remote.requests)

            self.assertEqual(1, len(paused.begin_list(['web']).result()))
            self.assertEqual([], paused.begin_probe(base.SHORT).result())

    def test_a_missing_stack_is_not_found(self):
        fault = faults.heat_error(404, 'EntityNotFound', 'The Stack is gone')
        self.check(
            exception.RemoteStackNotFound,
            fault,
            keystone=exception.CloudMisconfigured,
        )

    def test_a_rejection_has_the_message_of_heat(self):
        for value, words in (
            (-1, 'count: -1 is out of range (min: 0)'),
            ('many', "could not convert 'many'"),
        ):
            self.reject(value, words)
        self.remote.suspend('web')
        self.reject(5, 'Updating a stack when it is suspended')
        self.remote.resume('web')
        self.cloud.set_parameter('web', self.stack.id, 'count', 5)

    def reject(self, value, words):
        error = self.assertRaises(
            exception.RemoteRejected,
            self.cloud.set_parameter,
            'web',
            self.stack.id,
            'count',
            value,
        )
        self.assertIn(words, str(error))

    def test_conflict_is_busy(self):
        fault = faults.heat_error(409, 'ActionInProgress', 'Has an action')
        self.check(exception.RemoteBusy, fault, keystone=exception.CloudFault)

    def test_a_redirect_is_not_followed(self):
        with emulated.EmulatedCloud('elsewhere') as elsewhere:
            for status in (301, 302, 307, 308):
                where = f'{elsewhere.heat.url}/v3/auth/tokens'
                fault = faults.answer(status, Location=where)
                self.check(exception.CloudMisconfigured, fault)
            self.assertEqual([], elsewhere.requests)


class TestConnectTimeout(base.CloudTestCase):
    connect_timeout = base.SHORT

    def test_timeout_applies_to_heat(self):
        self.cloud.list_stacks([])
        self.remote.heat.fault = faults.UNANSWERED
        self.assertRaises(
            exception.CloudUnreachable, self.cloud.list_stacks, []
        )

    def test_timeout_applies_to_keystone(self):
        self.remote.keystone.fault = faults.UNANSWERED
        self.assertRaises(
            exception.CloudUnreachable, self.cloud.list_stacks, []
        )

    def test_timeout_does_not_apply_to_answers(self):
        self.remote.heat.fault = faults.slow(2 * base.SHORT)
        self.assertEqual([], self.cloud.list_stacks([]))


class TestReadTimeout(base.CloudTestCase):
    read_timeout = base.SHORT

    def test_timeout_applies_to_heat(self):
        self.cloud.list_stacks([])
        self.remote.heat.fault = faults.HANG
        self.assertRaises(
            exception.CloudUnreachable, self.cloud.list_stacks, []
        )

    def test_timeout_applies_to_discovery_and_authentication(self):
        for method in ('GET', 'POST'):
            self.remote.keystone.fault = faults.HANG.only(method)
            if method == 'GET':
                # The version is then taken from the URL.
                self.assertEqual([], self.cloud.list_stacks([]))
                self.cloud = self.make_cloud()
        self.assertRaises(
            exception.CloudUnreachable, self.cloud.list_stacks, []
        )


class TestRepair(base.CloudTestCase):
    def test_a_corrected_password_is_used(self):
        self.remote.password = 'new-secret'
        error = self.assertRaises(
            exception.CloudUnauthorized, self.log_in_with, 'wrong-secret'
        )
        self.assertNotIn('wrong-secret', str(error))
        self.log_in_with('new-secret')

    def log_in_with(self, password):
        entry = self.remote.clouds_yaml_entry()
        entry['auth']['password'] = password
        emulated.write_entries(self.path, {'east': entry})
        self.cloud.list_stacks([])

    def test_a_missing_file_is_read_once_it_exists(self):
        os.remove(self.path)
        self.assertRaises(
            exception.CloudMisconfigured, self.cloud.list_stacks, []
        )
        emulated.write_clouds_yaml(self.path, self.remote)
        self.assertEqual([], self.cloud.list_stacks([]))

    def test_a_corrected_catalog_is_used(self):
        self.remote.keystone.fault = faults.NO_ORCHESTRATION
        self.assertRaises(
            exception.CloudMisconfigured, self.cloud.list_stacks, []
        )
        self.remote.keystone.fault = None
        self.assertEqual([], self.cloud.list_stacks([]))

    def test_a_cloud_with_a_new_address_is_found(self):
        self.cloud.list_stacks([])
        with emulated.EmulatedCloud('east') as moved:
            self.remote.stop()
            emulated.write_clouds_yaml(self.path, moved)
            self.assertRaises(
                exception.CloudUnreachable, self.cloud.list_stacks, []
            )
            self.assertEqual([], self.cloud.list_stacks([]))

    def test_expired_tokens_are_replaced_at_once(self):
        self.cloud.list_stacks([])
        self.remote.revoke_tokens()
        self.assertEqual([], self.cloud.list_stacks([]))

    def test_a_region_that_is_not_in_the_catalog_is_reported(self):
        entry = self.remote.clouds_yaml_entry()
        entry['region_name'] = 'Elsewhere'
        emulated.write_entries(self.path, {'east': entry})
        error = self.assertRaises(
            exception.CloudMisconfigured, self.cloud.list_stacks, []
        )
        self.assertIn('orchestration service in Elsewhere', str(error))

    def test_invalid_addresses_are_misconfigured(self):
        for key, value in (('auth_url', 'keystone'), ('auth_url', 'ftp://k')):
            entry = self.remote.clouds_yaml_entry()
            entry['auth'][key] = value
            self.check_entry(entry)

    def test_a_missing_ca_bundle_is_misconfigured(self):
        entry = self.remote.clouds_yaml_entry()
        entry['auth']['auth_url'] = 'https://127.0.0.1:1/v3'
        self.check_entry({**entry, 'cacert': '/nowhere/ca.pem'})

    def check_entry(self, entry):
        emulated.write_entries(self.path, {'east': entry})
        self.assertRaises(
            exception.CloudMisconfigured, self.cloud.list_stacks, []
        )


class TestBodies(base.CloudTestCase):
    def test_endless_bodies_are_not_read_to_their_end(self):
        self.check_refused(b' ' * (transport.MAX_BODY + 1), 'larger than')

    def test_many_values_in_a_small_body_do_not_fill_the_memory(self):
        body = b'{"stacks": [' + b'{},' * 2_500_000 + b'{}]}'
        tracemalloc.start()
        self.addCleanup(tracemalloc.stop)

        self.check_refused(body, 'values')

        _, peak = tracemalloc.get_traced_memory()
        # Parsed, they would have 180 MB.
        self.assertLess(peak, 64 * 2**20)

    def check_refused(self, body, reason):
        """Check that neither Heat nor Keystone may send such a body."""
        for server in (self.remote.heat, self.remote.keystone):
            self.remote.fault = None
            self.cloud = self.make_cloud()
            server.fault = faults.answer(200, body)
            error = self.assertRaises(
                exception.CloudFault, self.cloud.list_stacks, []
            )
            self.assertIn(reason, str(error))

    @hypothesis.settings(deadline=None, max_examples=60)
    @hypothesis.given(
        body=st.recursive(
            st.none() | st.booleans() | st.floats() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=2)
                | st.dictionaries(
                    st.sampled_from(FIELDS),
                    inner,
                    max_size=4,
                )
            ),
            max_leaves=12,
        ),
        status=st.sampled_from((200, 201, 300, 400, 401, 404, 500, 503)),
        method=st.sampled_from(('', 'GET', 'POST')),
        token=st.sampled_from(('t', '', 'ü', 'a b')),
    )
    def test_any_body_gives_a_result_or_a_cloud_error(
        self, body, status, method, token
    ):
        self.remote.fault = None
        fresh = self.make_cloud()
        fault = faults.answer(status, body, X_Subject_Token=token)
        self.remote.fault = fault.only(method)
        try:
            fresh.list_stacks([])
        except exception.CloudError as exc:
            self.assertTrue(str(exc).isprintable())
