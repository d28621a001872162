# SPDX-License-Identifier: Apache-2.0
"""The limits of clouds, read from time to time as an estimate."""

import datetime

from heat_spreader.db import limits as db
from heat_spreader.db import models
from heat_spreader.planning import room
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

NOVA = {
    'maxTotalInstances': 40,
    'totalInstancesUsed': 35,
    'maxTotalCores': 160,
    'totalCoresUsed': 70,
    'maxTotalRAMSize': -1,
    'totalRAMUsed': 143360,
}
LIMITS = {
    'instances': room.Limit(35, 40),
    'cores': room.Limit(70, 160),
    'ram': room.Limit(143360, None),
}


class QuotaTestCase(base.EngineTestCase):
    def setUp(self):
        super().setUp()
        self.clouds['athens'].set_limits(**NOVA)

    def survey(self):
        """Survey athens until what it begins to read has ended."""
        survey = self.engine.surveys['athens']
        self.engine.survey('athens')
        self.engine.survey('athens')
        if request := survey.quota._request:
            request.future.exception(base.process.TIMEOUT)
        self.engine.survey('athens')

    def reads(self):
        return len(
            [
                request
                for request in self.clouds['athens'].requests
                if request.path.endswith('/limits')
            ]
        )

    def limits(self):
        found = db.get_all(self.ctx).get('athens')
        return found and found.by_name

    def grow_old(self):
        """Let the interval be over."""
        long_ago = models.utcnow() - datetime.timedelta(hours=2)
        self.engine.surveys['athens'].quota._tried_at = long_ago


class TestQuota(QuotaTestCase):
    def test_limits_are_read_once_in_an_interval(self):
        for _ in range(3):
            self.survey()
        self.assertEqual((1, LIMITS), (self.reads(), self.limits()))

        self.clouds['athens'].set_limits(**{**NOVA, 'totalInstancesUsed': 39})
        self.grow_old()
        self.survey()

        self.assertEqual(2, self.reads())
        self.assertEqual(room.Limit(39, 40), self.limits()['instances'])

    def test_next_engine_does_not_read_them_again(self):
        self.survey()
        self.engine = self.start_engine('test:2')
        self.survey()

        self.assertEqual(1, self.reads())

    def test_invalid_limits_change_nothing_but_the_estimate(self):
        self.clouds['athens'].set_limits(maxTotalInstances='many')
        self.survey()

        self.assertIsNone(self.limits())
        self.assertEqual('UP', self.cloud_states()['athens'])

    def test_cloud_that_is_down_is_not_asked(self):
        self.clouds['athens'].fault = faults.REFUSE
        for _ in range(3):
            self.survey()

        self.assertEqual(0, self.reads())

    def test_cloud_without_nova_has_no_estimate_and_no_trouble(self):
        self.engine.survey('berlin')
        request = self.engine.surveys['berlin'].quota
        for _ in range(3):
            self.engine.survey('berlin')
        self.assertIsNone(request._request and request._request.result())

        self.assertNotIn('berlin', db.get_all(self.ctx))
        self.assertEqual('UP', self.cloud_states()['berlin'])


class TestNever(QuotaTestCase):
    engine_options = {'quota_interval': 0}

    def test_limits_are_not_read(self):
        self.survey()

        self.assertEqual(0, self.reads())
