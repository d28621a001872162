# SPDX-License-Identifier: Apache-2.0
"""All clouds go away and come back, one after the other."""

import itertools
from unittest import mock

from heat_spreader import exception
from heat_spreader.tests.functional.engine import base


class TestReturn(base.FailoverTestCase):
    def test_all_clouds_lost_and_back_together_move_nothing(self):
        before = self.patches()
        self.lose(*base.NAMES)
        self.engine.turn()
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)

        self.restore(*base.NAMES, surveys=1)
        for name in base.NAMES:
            self.engine.survey(name)
            self.engine.reconcile()
        self.settle(self.stack_id)

        self.assertEqual(before, self.patches())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

    def test_cloud_that_comes_back_during_its_survey_is_waited_for(self):
        """The others are back first; that survey says nothing of now."""
        before = self.patches()
        self.lose(*base.NAMES)
        self.engine.turn()

        def come_back_meanwhile(*_):
            self.restore('berlin', 'cairo')
            raise exception.CloudUnreachable('it did not answer in time')

        athens = self.engine.surveys['athens']
        with mock.patch.object(athens, '_list', come_back_meanwhile):
            self.engine.survey('athens')
        self.engine.reconcile()
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)

        self.restore('athens')
        self.settle(self.stack_id)
        self.assertEqual(before, self.patches())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

    def test_cloud_that_answers_after_the_first_is_up_is_waited_for(self):
        before = self.patches()
        self.lose(*base.NAMES)
        self.engine.turn()
        self.restore('berlin')
        self.restore('athens', 'cairo', surveys=1)
        self.restore('athens', surveys=1)

        self.engine.reconcile()

        states = self.cloud_states()
        self.assertEqual(
            ['UP', 'UP', 'RECOVERING'], [states[name] for name in base.NAMES]
        )
        self.assertEqual(before, self.patches())
        self.restore('cairo', surveys=1)
        self.settle(self.stack_id)
        self.assertEqual(before, self.patches())

    def test_order_of_return_does_not_matter(self):
        for order in itertools.permutations(base.NAMES):
            self.lose(*base.NAMES)
            self.engine.turn()
            for name in order:
                self.restore(name)
                self.settled()

            self.assertEqual((6, 2, 2), self.settled(), order)
