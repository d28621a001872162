# SPDX-License-Identifier: Apache-2.0
"""Failover by its modes and options, on emulated clouds."""

from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestNothingManaged(base.EngineTestCase):
    def test_cloud_without_managed_stacks_is_still_probed(self):
        self.clouds['cairo'].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey()

        self.assertEqual(
            {'athens': 'UP', 'berlin': 'UP', 'cairo': 'DOWN'},
            self.cloud_states(),
        )


class TestStandby(base.FailoverTestCase):
    counts = (10, 0, 0)
    weights_of_all = ('1', '0', '0')

    def test_standbys_share_the_whole_weight(self):
        self.lose('athens')
        self.assertEqual((10, 5, 5), self.settled())

        self.restore('athens')
        self.assertEqual((10, 0, 0), self.settled())


class TestProportional(base.FailoverTestCase):
    counts = (4, 4, 2)
    weights_of_all = ('0.4', '0.4', '0.2')
    wanted = {'failover': 'proportional'}

    def test_lost_weight_is_divided_by_weight(self):
        self.lose('athens')

        self.assertEqual((4, 7, 3), self.settled())


class TestNoFailover(base.FailoverTestCase):
    wanted = {'failover': 'none'}

    def test_lost_weight_stays_in_the_lost_cloud(self):
        before = self.patches()
        self.lose('cairo')
        self.settled()

        self.assertEqual(before, self.patches())
        stack = self.stack(self.stack_id)
        self.assertEqual('ERROR', stack.status)
        self.assertIn('failover is none', stack.status_reason)


class TestFlapping(base.FailoverTestCase):
    health = {'flap_window': 600.0}

    def test_cloud_that_goes_down_again_must_answer_for_longer(self):
        for surveys in (2, 4, 8):
            self.lose('cairo')
            self.restore('cairo', surveys=surveys - 1)
            self.assertEqual('RECOVERING', self.cloud_states()['cairo'])
            self.restore('cairo', surveys=1)
            self.assertEqual('UP', self.cloud_states()['cairo'])

    def test_engine_that_takes_over_knows_how_often_a_cloud_was_down(self):
        for _ in range(2):
            self.lose('cairo')
            self.restore('cairo', surveys=4)
        self.lose('cairo')
        self.engine = self.start_engine('test:2')
        self.restore('cairo', surveys=7)
        self.assertEqual('RECOVERING', self.cloud_states()['cairo'])

        self.restore('cairo', surveys=1)

        self.assertEqual('UP', self.cloud_states()['cairo'])


class TestMaxDownClouds(base.FailoverTestCase):
    # As if it were not set.
    health = {'max_down_clouds': None}

    def test_more_clouds_down_than_allowed_freeze_the_plan(self):
        self.lose('cairo')
        self.assertEqual((7, 3, 2), self.settled())
        before = self.patches()
        self.lose('athens')
        self.settled()

        self.assertEqual(before, self.patches())
        stack = self.stack(self.stack_id)
        self.assertEqual('FROZEN', stack.status)
        self.assertIn('max_down_clouds', stack.status_reason)
