# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.osc import staying
from heat_spreader.tests.unit.sdk import fixtures


class TestSentence(base.BaseTestCase):
    def test_what_was_only_known_before_is_marked(self):
        self.assertEqual(
            'athens 6, berlin 2 (last known), cairo (count unknown) keep '
            'running',
            staying.sentence(
                [
                    fixtures.member('athens'),
                    fixtures.member('berlin', count=2, state='UNREACHABLE'),
                    fixtures.member('cairo', count=None, state='UNKNOWN'),
                ]
            ),
        )

    def test_what_is_not_there_does_not_run(self):
        self.assertEqual(
            'nothing is known to run there',
            staying.sentence(
                [
                    fixtures.member('athens', count=0),
                    fixtures.member('berlin', count=None, state='MISSING'),
                    # Another member has the same Heat stack.
                    fixtures.member('cairo', count=2, state='CONFLICT'),
                ]
            ),
        )
