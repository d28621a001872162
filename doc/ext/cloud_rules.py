# SPDX-License-Identifier: Apache-2.0
"""What the state of a cloud means, as a table from planning/facts.py.

``.. cloud-rules::`` has a row for each rule of facts.RULES, with all the
states that have it.
"""

import collections

import generated
from docutils.parsers import rst

from heat_spreader.planning import facts

HEAD = (
    'State of the cloud',
    'Share of the total',
    'May counts grow?',
    'May counts shrink?',
    'Do ready instances count?',
)


class CloudRules(generated.Generated):
    """``.. cloud-rules::``"""

    def run(self):
        self.env.note_dependency(facts.__file__)
        return self.write(generated.table(HEAD, rows(facts.RULES)))


def rows(rules):
    """The cells of each rule, with the states that share it in one cell."""
    states_of = collections.defaultdict(list)
    for state, rule in rules.items():
        states_of[rule].append(f'``{state}``')
    for rule, names in states_of.items():
        yield (
            ', '.join(names),
            rule.share.value,
            _yes_or_no(rule.grow),
            _yes_or_no(rule.shrink),
            rule.ready.value,
        )


def _yes_or_no(value):
    return 'yes' if value else 'no'


def setup(app):
    """Register the directive with Sphinx."""
    rst.directives.register_directive('cloud-rules', CloudRules)
    return {'parallel_read_safe': True}
