# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.clouds import limits
from heat_spreader.planning import room

ABSOLUTE = {
    'maxTotalInstances': 10,
    'totalInstancesUsed': 4,
    'maxTotalCores': -1,
    'totalCoresUsed': 8,
    'maxTotalRAMSize': 51200,
    'totalRAMUsed': 8192,
    'maxServerMeta': 128,
}


class TestParse(base.BaseTestCase):
    def test_limits_are_read_by_their_names(self):
        self.assertEqual(
            {
                'instances': room.Limit(4, 10),
                'cores': room.Limit(8, None),
                'ram': room.Limit(8192, 51200),
            },
            limits.parse({'limits': {'rate': [], 'absolute': ABSOLUTE}}),
        )

    def test_other_bodies_are_refused(self):
        for body in (
            None,
            [],
            {},
            {'limits': {'absolute': {}}},
            {'limits': {'absolute': {**ABSOLUTE, 'totalRAMUsed': '1'}}},
            {'limits': {'absolute': {**ABSOLUTE, 'totalRAMUsed': True}}},
            {'limits': {'absolute': {**ABSOLUTE, 'totalRAMUsed': 2**53}}},
            {'limits': {'absolute': {**ABSOLUTE, 'totalRAMUsed': -(2**53)}}},
        ):
            self.assertRaises(ValueError, limits.parse, body)
