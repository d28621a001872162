# SPDX-License-Identifier: Apache-2.0
"""A cloud that wants to harm the engine, or what it stores and shows."""

import dataclasses
import gc

import fixtures
import requests

from heat_spreader import exception
from heat_spreader.tests.functional.clouds import base
from heat_spreader.tests.functional.clouds import hostile
from heat_spreader.tests.functional.emulator import cloud as emulated
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import layout


class TestBodies(hostile.HostileBodies):
    def test_any_changed_answer_gives_clean_values_or_a_cloud_error(self):
        self.run_bodies()


class TestKept(base.CloudTestCase):
    """What a cloud sends is not kept, and goes nowhere else."""

    def test_cookies_are_neither_kept_nor_sent_back(self):
        numbers = iter(range(9))

        def add_cookie(real):
            cookie = f'c{next(numbers)}=x; Path=/'
            return dataclasses.replace(
                real, headers={**real.headers, 'Set-Cookie': cookie}
            )

        self.remote.fault = faults.Fault('change', change=add_cookie)
        for _ in range(3):
            self.cloud.list_stacks([])

        self.assertEqual(
            [], [r for r in self.remote.requests if 'Cookie' in r.headers]
        )
        session = self.cloud._connection.get().session.session
        self.assertEqual(0, len(session.cookies))

    def test_answer_that_is_a_fault_is_not_kept_with_its_error(self):
        stack = self.remote.add_stack('web', 3)
        for body in ({'stacks': [{}], 'stack': {}, 'resources': [{}]}, b'{'):
            self.remote.heat.fault = faults.answer(200, body)
            # The collector does not see how much a large answer has.
            gc.collect()
            gc.disable()
            self.addCleanup(gc.enable)
            # The errors are kept until the end.
            errors = [
                self.assertRaises(exception.CloudFault, call, *arguments)
                for call, *arguments in (
                    (self.cloud.list_stacks, ['web']),
                    (self.cloud.read_stack, 'web', stack.id, 'count'),
                    (self.cloud.count_ready, 'web', stack.id, 'count'),
                )
            ]
            kept = [
                each.url
                for each in gc.get_objects()
                if isinstance(each, requests.Response)
                and each.url.startswith(self.remote.heat.url)
            ]
            self.assertEqual([], kept, errors)

    def test_encoding_of_a_body_is_not_guessed(self):
        guess = self.useFixture(
            fixtures.MockPatchObject(
                requests.models.chardet, 'detect', autospec=True
            )
        ).mock
        self.remote.keystone.fault = faults.answer(
            200, b'\xe4\xff' * 1000, '', X_Subject_Token='t'
        )
        self.assertRaises(exception.CloudError, self.cloud.list_stacks, [])
        guess.assert_not_called()

    def test_a_redirect_of_any_service_takes_no_token_elsewhere(self):
        stack = self.remote.add_stack('web', 3)
        self.remote.set_limits()
        calls = (
            ('list_stacks', ['web']),
            ('read_stack', 'web', stack.id, 'count'),
            ('set_parameter', 'web', stack.id, 'count', 4),
            ('count_ready', 'web', stack.id, 'count'),
            ('last_failure', 'web', stack.id),
            ('read_limits',),
            ('read_flavors',),
        )
        with emulated.EmulatedCloud('elsewhere') as elsewhere:
            for server, method in (
                (self.remote.heat, ''),
                (self.remote.keystone, ''),
                (self.remote.keystone, 'POST'),
            ):
                self.redirect(server, method, elsewhere, calls)
            self.assertEqual([], elsewhere.requests)

    def redirect(self, server, method, elsewhere, calls):
        """Let a service redirect each call to another host."""
        where = f'{elsewhere.keystone.url}/v3/auth/tokens'
        for status in (301, 302, 303, 307, 308):
            for call, *arguments in calls:
                self.remote.fault = None
                if server is self.remote.keystone:
                    self.cloud = self.make_cloud()
                fault = faults.answer(status, Location=where)
                server.fault = fault.only(method)
                self.assertRaises(
                    exception.CloudMisconfigured,
                    getattr(self.cloud, call),
                    *arguments,
                )

    def test_name_that_fits_no_url_is_a_fault(self):
        stack = self.remote.add_stack('web', 3)
        self.remote.move_group('web', layout.Layout.NESTED)

        def rename(body):
            for resource in body['resources']:
                for link in resource['links']:
                    path = link['href'].rpartition('/stacks/')[0]
                    link['href'] = f'{path}/stacks/a\ud800/{stack.id}'
            return body

        self.remote.heat.fault = faults.changed(rename).only(path='/resources')
        self.assertRaises(
            exception.CloudFault,
            self.cloud.count_ready,
            *('web', stack.id, 'count'),
        )
