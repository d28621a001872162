# SPDX-License-Identifier: Apache-2.0
"""Examples of spreading that the code itself works out.

::

    .. spread:: athens=0.6 berlin=0.2 cairo=0.2

       count 10
       count 10, lost cairo, failover none
       count 10, held athens=8, min berlin=1, max cairo=3

Each line is a row of the table: what is wanted and what happened, then the
target of each cloud, and what of the total fits nowhere. A wrong word ends
the build.
"""

import fractions

import generated
from docutils.parsers import rst

from heat_spreader import states
from heat_spreader.engine import spread

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
                raise self.error(f'This is no example: {line}') from exc
            targets = [result.targets[cloud] for cloud in weights]
            rows.append([line, *targets, result.unplaced])
        return self.write(generated.table(['', *weights, 'unplaced'], rows))


def _work_out(weights, line):
    """What becomes of the weights in the case that a line tells."""
    case = {'failover': ['even'], 'stack': ['id']}
    for clause in line.split(','):
        word, *values = clause.split()
        if word not in ('count', 'failover', 'stack', *_BY_CLOUD):
            raise ValueError(word)
        case[word] = values
    limits = {word: _pairs(case.get(word, ())) for word in ('min', 'max')}
    held = _pairs(case.get('held', ()))
    specification = spread.Specification(
        stack_id=case['stack'][0],
        count=int(case['count'][0]),
        failover=states.Failover(case['failover'][0]),
        parts=tuple(
            spread.Part(
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
        raise ValueError('an example is about a cloud that it does not have')
    return spread.spread(specification, lost, held)


def _pairs(words):
    """CLOUD=NUMBER words as a dictionary of exact numbers."""
    pairs = (word.split('=') for word in words)
    return {cloud: fractions.Fraction(number) for cloud, number in pairs}


def setup(app):
    """Tell Sphinx of the directive."""
    rst.directives.register_directive('spread', Spread)
    return {'parallel_read_safe': True}
