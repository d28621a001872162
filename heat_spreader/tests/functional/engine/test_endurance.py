# SPDX-License-Identifier: Apache-2.0
"""A short run of the endurance test, with a new seed each time."""

from heat_spreader.tests.functional.engine import endurance


class TestEndurance(endurance.EnduranceTestCase):
    def test_invariants_hold_through_200_random_steps(self):
        self.run_steps()
