# SPDX-License-Identifier: Apache-2.0
"""What the engine does, counted for Prometheus."""

import prometheus_client

from heat_spreader import exposition
from heat_spreader.engine import collector

SURVEYS = prometheus_client.Counter(
    'heat_spreader_surveys',
    'Surveys of clouds, by outcome.',
    ['cloud', 'outcome'],
    registry=None,
)
SURVEY_DURATION = prometheus_client.Histogram(
    'heat_spreader_survey_duration_seconds',
    'Seconds that a survey of a cloud took.',
    ['cloud'],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20, 30, 60),
    registry=None,
)
UPDATES = prometheus_client.Counter(
    'heat_spreader_updates',
    'Updates of counts, by result.',
    ['cloud', 'result'],
    registry=None,
)
PASSES = prometheus_client.Counter(
    'heat_spreader_passes',
    'Passes over stacks, by outcome.',
    ['outcome'],
    registry=None,
)
WITNESS_VOTES = prometheus_client.Counter(
    'heat_spreader_witness_votes',
    'Votes of witnesses about clouds that an engine did not reach.',
    ['witness', 'vote'],
    registry=None,
)
WITNESS_DURATION = prometheus_client.Histogram(
    'heat_spreader_witness_duration_seconds',
    'Seconds until a witness answered.',
    ['witness'],
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 20),
    registry=None,
)


@exposition.log_errors
def surveyed(cloud, outcome, seconds):
    """Count a survey.

    :param outcome: health.SurveyOutcome
    """
    _count(SURVEYS, cloud, outcome)
    SURVEY_DURATION.labels(cloud).observe(seconds)


@exposition.log_errors
def updated(cloud, result):
    """Count an update.

    :param result: act.Result
    """
    _count(UPDATES, cloud, result)


@exposition.log_errors
def voted(witness, vote, seconds):
    """Count a vote of a witness.

    :param vote: states.Vote
    :param seconds: until its answer, None if there was none
    """
    _count(WITNESS_VOTES, witness, vote)
    if seconds is not None:
        WITNESS_DURATION.labels(witness).observe(seconds)


def _count(counter, name, word):
    # The other words at 0, so that the first of each is seen as a change.
    for each in type(word):
        counter.labels(name, each.name).inc(each is word)


@exposition.log_errors
def passed(outcome):
    """Count a pass: DONE, FAILED, CONFLICT, or GONE where the stack is."""
    PASSES.labels(outcome).inc()


def registry(conf):
    """The metrics of the engine in this process."""
    metrics = prometheus_client.CollectorRegistry()
    for each in (
        *(SURVEYS, SURVEY_DURATION, UPDATES, PASSES),
        *(WITNESS_VOTES, WITNESS_DURATION),
        collector.make(conf),
    ):
        metrics.register(each)
    return metrics


def make_exposition(conf):
    """Where the metrics of the engine can be read, not listening yet."""
    return exposition.Exposition(
        conf.metrics,
        conf.metrics.engine_port,
        registry(conf),
        shared=conf.engine.workers > 1,
        collectors=[collector.make(conf)],
    )
