# SPDX-License-Identifier: Apache-2.0
"""A short run of the engine beside a hostile cloud, with a new seed."""

from heat_spreader.tests.functional.engine import hostile


class TestHostile(hostile.HostileEngine):
    def test_other_clouds_get_the_same_requests_beside_a_hostile_one(self):
        self.run_rounds()
