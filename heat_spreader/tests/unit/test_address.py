# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader import address


class TestIsLoopback(base.BaseTestCase):
    def test_only_loopback_addresses_and_localhost_are(self):
        for host in ('127.0.0.1', '127.0.0.2', '::1', 'localhost'):
            self.assertTrue(address.is_loopback(host), host)
        for host in (
            '0.0.0.0',
            '::',
            '192.0.2.1',
            'localhost.example.com',
            '',
        ):
            self.assertFalse(address.is_loopback(host), host)
