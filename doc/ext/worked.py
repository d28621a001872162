# SPDX-License-Identifier: Apache-2.0
"""Examples of spreading, and of outages, that the code computes.

::

    .. spread:: athens=0.6 berlin=0.2 cairo=0.2

       count 10
       count 10, lost cairo, failover none
       count 10, held athens=8, min berlin=1, max cairo=3

Each line is a row of the table: the case, then the target of each cloud, and
how many of the total fit nowhere. An unknown word stops the build.
"""

import datetime
import fractions

import generated
from docutils.parsers import rst

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import health
from heat_spreader.planning import specification
from heat_spreader.planning import spread

_BY_CLOUD = ('lost', 'held', 'min', 'max')


class Spread(generated.Generated):
    """``.. spread:: CLOUD=WEIGHT ...``"""

    required_arguments = 1
    final_argument_whitespace = True
    has_content = True

    def run(self):
        self.env.note_dependency(spread.__file__)
        weights = _pairs(self.arguments[0].split())
        rows = []
        for line in self.content:
            try:
                result = _work_out(weights, line)
            except (KeyError, ValueError) as exc:
                raise self.error(f'not a valid example: {line}') from exc
            targets = [result.targets[cloud] for cloud in weights]
            rows.append([line, *targets, result.unplaced])
        return self.write(generated.table(['', *weights, 'unplaced'], rows))


def _work_out(weights, line):
    """Spread the weights in the case that a line describes."""
    case = {'failover': ['even'], 'stack': ['id']}
    for clause in line.split(','):
        word, *values = clause.split()
        if word not in ('count', 'failover', 'stack', *_BY_CLOUD):
            raise ValueError(word)
        case[word] = values
    limits = {word: _pairs(case.get(word, ())) for word in ('min', 'max')}
    held = _pairs(case.get('held', ()))
    wanted = specification.Specification(
        name='workers',
        stack_name='workers',
        count_parameter='size',
        count=int(case['count'][0]),
        failover=states.Failover(case['failover'][0]),
        parts=tuple(
            specification.Part(
                cloud,
                weight,
                int(limits['min'].get(cloud, 0)),
                limits['max'].get(cloud),
            )
            for cloud, weight in weights.items()
        ),
    )
    lost = set(case.get('lost', ()))
    if not {*lost, *held, *limits['min'], *limits['max']} <= {*weights}:
        raise ValueError('the example names a cloud that has no weight')
    return spread.spread(
        case['stack'][0], wanted, spread.Restrictions(lost, held=held)
    )


def _pairs(words):
    """CLOUD=NUMBER words as a dictionary of exact numbers."""
    pairs = (word.split('=') for word in words)
    return {cloud: fractions.Fraction(number) for cloud, number in pairs}


class Outage(generated.Generated):
    """``.. outage::``, and ``.. outage:: return`` for the return.

    Each line is a row: its title, how long each survey lasts, and options of
    [health] or the survey_interval that differ from the defaults, separated by
    semicolons::

       Nothing answers; lasts 20 10; failure_threshold 1
    """

    optional_arguments = 1
    has_content = True

    def run(self):
        self.env.note_dependency(health.__file__)
        start, outcome = health.UP, health.SurveyOutcome.FAILED
        if self.arguments:
            start, outcome = health.DOWN, health.SurveyOutcome.GOOD
        rows, states_seen = [], {}
        for line in self.content:
            title, *clauses = line.split(';')
            reached = _watch(start, outcome, *_conditions(clauses))
            states_seen.update(reached)
            rows.append([title, reached])
        return self.write(
            generated.table(
                ['', *(f'``{state}`` after' for state in states_seen)],
                [
                    [title, *(_seconds(seen, state) for state in states_seen)]
                    for title, seen in rows
                ],
            )
        )


def _seconds(reached, state):
    return f'{reached[state]:g} s' if state in reached else ''


def _conditions(clauses):
    """The durations of surveys, the interval and the thresholds of a row."""
    words = dict(clause.split(maxsplit=1) for clause in clauses)
    lasts = [float(word) for word in words.pop('lasts', '0').split()]
    interval = float(words.pop('survey_interval', 10))
    thresholds = {
        name: datetime.timedelta(seconds=float(value))
        if name.endswith('_delay')
        else int(value)
        for name, value in words.items()
    }
    return lasts, interval, health.Thresholds(**thresholds)


def _watch(state, outcome, lasts, interval, thresholds):
    """The seconds until each state, if it starts just after a survey."""
    begin = datetime.datetime(2000, 1, 1, tzinfo=datetime.UTC)
    cloud = facts.Cloud('athens', state, begin)
    start = now = begin
    reached, end = {}, {health.UP, health.DOWN} - {state}
    while cloud.state not in end:
        last = lasts.pop(0) if len(lasts) > 1 else lasts[0]
        # Surveys start on a fixed clock; one that is late starts at once.
        start = max(start + datetime.timedelta(seconds=interval), now)
        now = start + datetime.timedelta(seconds=last)
        cloud = health.update(cloud, outcome, '', thresholds, now)
        reached.setdefault(cloud.state, (now - begin).total_seconds())
    return reached


def setup(app):
    """Register the directives with Sphinx."""
    rst.directives.register_directive('outage', Outage)
    rst.directives.register_directive('spread', Spread)
    return {'parallel_read_safe': True}
