# SPDX-License-Identifier: Apache-2.0
"""A real cloud comes back to a stack whose failback a user orders."""

from heat_spreader.tests.real import base
from heat_spreader.tests.real import test_faults


class TestFailback(test_faults.FaultTestCase):
    def test_killed_heat_gets_its_share_back_by_order_only(self):
        self.set('--failback=manual')
        self.cairo.heat.kill()
        self.wait_until(lambda: self.living() == [7, 3], 'replaced')
        self.cairo.heat.start()
        self.wait_until(
            lambda: self.member('cairo')['state'] == 'WAITING', 'waiting'
        )
        self.assert_in_heat(7, 3, 0)
        self.assertIn(
            'Waits for failback: athens would get 6, berlin 2 and cairo 2.',
            self.reason('DEGRADED'),
        )

        self.check_new_engine_waits()

        with base.Sampler(self.name, self.clouds) as sampler:
            self.set('--failback-now')
        self.assert_in_heat(6, 2, 2)
        self.assertEqual('ACTIVE', self.show()['status'])
        self.assertGreaterEqual(min(sampler.samples), 10)

    def check_new_engine_waits(self):
        """An engine that starts knows only what is written."""
        before = self.patches_in_heat()
        surveyed = {c.name: c.checked_at for c in self.client.clouds()}
        self.site.restart_engine()
        self.wait_until(
            lambda: all(
                c.state == 'UP' and c.checked_at > surveyed[c.name]
                for c in self.client.clouds()
            ),
            'surveyed again',
        )
        self.wait_until(
            lambda: self.member('cairo')['state'] == 'WAITING', 'waiting'
        )
        self.assert_in_heat(7, 3, 0)
        self.assertEqual(before, self.patches_in_heat())
