# SPDX-License-Identifier: Apache-2.0
"""The table of partitions in watchdog.rst is what really happens."""

import pathlib
import re

from oslotest import base

import heat_spreader
from heat_spreader.tests.unit.planning import partitions

GUIDE = (
    pathlib.Path(heat_spreader.__file__).parents[1]
    / 'doc/source/admin/watchdog.rst'
)
ROW = re.compile(
    r'   \* - (?P<title>[^*]+?)\n     - ``(?P<faults>[^`]+)``\n'
    r'     - ``(?P<state>\w+)``\n     - (?P<reason>[^*]+?)\n(?=   \*|\n)'
)
CLOUDS = ('athens', 'berlin', 'cairo')
WITNESSES = ('lab', 'office', 'valencia')
SAYS = {'yes': True, 'no': False}


def network(faults):
    """The network of a row, such as: dead cairo; cut a-b; lab says no."""
    cut, dead, liars = set(), set(), {}
    for clause in faults.split(';'):
        first, *others = clause.split()
        if first == 'dead':
            dead.update(others)
        elif first == 'cut':
            cut.update(pair for link in others for pair in pairs(link))
        else:
            says, word = others
            assert says == 'says'
            liars[first] = SAYS[word]
    return partitions.Network(
        CLOUDS, WITNESSES, frozenset(cut), frozenset(dead), liars=liars
    )


def pairs(link):
    """Who cannot send to whom if a link is cut, in both ways or one."""
    one, way, other = re.fullmatch(r'(\w+)([->])(\w+)', link).groups()
    assert {one, other} < {'engine', 'reference', *CLOUDS, *WITNESSES}
    return [(one, other), (other, one)][: 2 if way == '-' else 1]


class TestPartitions(base.BaseTestCase):
    def test_every_row_is_what_happens(self):
        rows = [
            {key: ' '.join(text.split()) for key, text in found.items()}
            for found in map(
                re.Match.groupdict, ROW.finditer(GUIDE.read_text())
            )
        ]

        self.assertEqual(13, len(rows))
        for row in rows:
            found = network(row['faults'])
            self.assertEqual(
                ['SUSPECT', 'SUSPECT', row['state']],
                list(found.states('cairo', 3)),
                row['title'],
            )
            self.assertEqual(row['reason'], found.verdict('cairo').reason)
