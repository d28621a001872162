# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader.engine import act
from heat_spreader.engine import metrics
from heat_spreader.planning import health


def samples(instrument, suffix='_total'):
    """Return the values of an instrument by the values of its labels."""
    (metric,) = instrument.collect()
    return {
        tuple(sample.labels.values()): sample.value
        for sample in metric.samples
        if sample.name == metric.name + suffix
    }


class TestCounters(base.BaseTestCase):
    def test_a_survey_is_counted_by_its_outcome_and_others_start_at_zero(self):
        metrics.surveyed('athens', health.SurveyOutcome.FAILED, 0.3)
        metrics.surveyed('athens', health.SurveyOutcome.FAILED, 4)

        found = samples(metrics.SURVEYS)
        self.assertEqual(
            {
                'FAILED': 2,
                'GOOD': 0,
                'UNAUTHORIZED': 0,
                'MISCONFIGURED': 0,
                'SLOW': 0,
                'THROTTLED': 0,
            },
            {
                outcome: number
                for (cloud, outcome), number in found.items()
                if cloud == 'athens'
            },
        )
        seconds = samples(metrics.SURVEY_DURATION, '_sum')
        self.assertAlmostEqual(4.3, seconds['athens',])

    def test_an_update_is_counted_by_its_result(self):
        metrics.updated('athens', act.Result.REJECTED)

        found = samples(metrics.UPDATES)
        self.assertEqual(1, found['athens', 'REJECTED'])
        self.assertEqual(0, found['athens', 'ACCEPTED'])

    def test_a_pass_is_counted_by_its_outcome(self):
        before = samples(metrics.PASSES).get(('GONE',), 0)
        metrics.passed('GONE')

        self.assertEqual(before + 1, samples(metrics.PASSES)['GONE',])
