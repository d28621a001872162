# SPDX-License-Identifier: Apache-2.0
"""What the state of a cloud means, as a table from planning/rules.py.

``.. cloud-rules::`` has a row for each rule and order of rules.RULES, with all
the states that have it.
"""

import collections

import generated
from docutils.parsers import rst

from heat_spreader import states
from heat_spreader.planning import rules

HEAD = (
    'State of the cloud',
    'Ordered',
    'Share of the total',
    'May counts grow?',
    'May counts shrink?',
    'Do ready instances count?',
)


class CloudRules(generated.Generated):
    """``.. cloud-rules::``"""

    def run(self):
        self.env.note_dependency(rules.__file__)
        return self.write(generated.table(HEAD, rows()))


def rows():
    """The cells of each rule, with what shares it in one cell."""
    table = collections.defaultdict(dict)
    for (state, declared, order), rule in rules.RULES.items():
        found = table[rule].setdefault(order, collections.defaultdict(list))
        found[declared].append(state)
    for rule, orders in table.items():
        # The same clouds are in the row of each order.
        yield (
            _clouds(*orders.values()),
            ', '.join(f'``{order}``' for order in orders),
            rule.share.value,
            _yes_or_no(rule.grow),
            _yes_or_no(rule.shrink),
            rule.ready.value,
        )


def _clouds(found, *others):
    """The states in which clouds are, and those that are declared."""
    if any(other != found for other in others):
        raise ValueError('orders with one rule must have the same states')
    cells = [', '.join(f'``{state}``' for state in found[None])]
    if len(found[states.Declared.DOWN]) == len(states.CloudState):
        cells.append('any if declared ``DOWN``')
    up = set(found[states.Declared.UP]).difference(found[None])
    names = ', '.join(
        f'``{state}``' for state in rules.OBSERVED if state in up
    )
    if names:
        cells.append(f'{names} if declared ``UP``')
    return '; '.join(cells)


def _yes_or_no(value):
    return 'yes' if value else 'no'


def setup(app):
    """Register the directive with Sphinx."""
    rst.directives.register_directive('cloud-rules', CloudRules)
    return {'parallel_read_safe': True}
