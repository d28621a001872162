# SPDX-License-Identifier: Apache-2.0
"""The states of a cloud as a picture and a table, from planning/health.py.

``.. health-diagram::`` draws health.TRANSITIONS as an SVG, without the help of
a program that pip cannot install. ``.. health-table::`` writes all of them as
a table.
"""

import collections
import html
import math

import generated
from docutils import nodes
from docutils.parsers import rst
from sphinx.util import docutils

from heat_spreader.planning import health

SIZE = 880, 595
BOX = 148, 40
# The position of each state; a new state needs one.
PLACES = {
    health.UNKNOWN: (440, 30),
    health.UP: (90, 180),
    health.SUSPECT: (440, 140),
    health.DOWN: (790, 180),
    health.RECOVERING: (440, 265),
    health.UNAUTHORIZED: (270, 450),
    health.MISCONFIGURED: (610, 450),
    health.UNSEEN: (790, 25),
}
ANY = 'any state'
PLACE_OF_ANY = 440, 560
COLOURS = {
    health.UP: '#d5efdc',
    health.DOWN: '#f8d3d3',
    health.UNAUTHORIZED: '#fbe7c6',
    health.MISCONFIGURED: '#fbe7c6',
    health.UNSEEN: '#fbe7c6',
}
WORDS = {
    health.SurveyOutcome.GOOD: 'answers',
    health.SurveyOutcome.SLOW: 'is slow',
    health.SurveyOutcome.FAILED: 'fails',
    health.SurveyOutcome.UNAUTHORIZED: 'rejects credentials',
    health.SurveyOutcome.MISCONFIGURED: 'is misconfigured',
}
THRESHOLDS = {
    health.UP: 'success_threshold times',
    health.DOWN: 'failure_threshold times',
}


# Not of a survey alone.
BY_VOTES = health.SUSPECT, health.UNSEEN, 'is not confirmed'


class HealthDiagram(docutils.SphinxDirective):
    """``.. health-diagram::``"""

    def run(self):
        self.env.note_dependency(health.__file__)
        return [nodes.raw('', draw(health.TRANSITIONS), format='html')]


class HealthTable(generated.Generated):
    """``.. health-table::``"""

    def run(self):
        self.env.note_dependency(health.__file__)
        rows = []
        for state in PLACES:
            cells = [f'``{state}``']
            for outcome in WORDS:
                following, beyond = health.TRANSITIONS[state, outcome]
                cell = f'``{following}``'
                if beyond:
                    cell += f'; ``{beyond}`` after {THRESHOLDS[beyond]}'
                cells.append(cell)
            rows.append(cells)
        return self.write(generated.table(['', *WORDS.values()], rows))


def edges(transitions):
    """Triples of a state, the next state and the label of the arrow.

    If an outcome leads from every state to the same one, there is one arrow
    for it. A threshold is on the arrow from the state in which its surveys are
    counted. Outcomes that lead from one state to the same one share an arrow.
    """
    by_outcome = collections.defaultdict(dict)
    for (state, outcome), (following, beyond) in transitions.items():
        by_outcome[outcome][state] = following, beyond
    labels = collections.defaultdict(list)
    for outcome, leads in by_outcome.items():
        targets = {following for following, _ in leads.values()}
        if len(targets) == 1:
            labels[ANY, targets.pop()].append(WORDS[outcome])
            continue
        for state, (following, beyond) in leads.items():
            if following != state:
                labels[state, following].append(WORDS[outcome])
            elif beyond:
                labels[state, beyond].append(
                    f'{WORDS[outcome]} {THRESHOLDS[beyond]}'
                )
    for (start, end), found in labels.items():
        yield start, end, ' or '.join(found)
    yield BY_VOTES


def draw(transitions):
    """The SVG of the states and of the transitions between them."""
    width, height = SIZE
    found = list(edges(transitions))
    both_ways = {(a, b) for a, b, _ in found} & {(b, a) for a, b, _ in found}
    lines = [
        f'<svg viewBox="0 0 {width} {height}" role="img" '
        'aria-label="The states of a cloud and the transitions between them"'
        ' style="max-width: 100%; width: 880px; height: auto; '
        'font-family: sans-serif; font-size: 13px">',
        '<defs><marker id="arrow" markerWidth="9" markerHeight="9" refX="8" '
        'refY="4.5" orient="auto"><path d="M0,0 L9,4.5 L0,9 z" '
        'fill="#555"/></marker></defs>',
    ]
    labels = []
    for start, end, label in found:
        path, middle = _arrow(start, end, (start, end) in both_ways)
        lines.append(path)
        labels += _label(label, middle)
    lines += labels
    for state, place in PLACES.items():
        lines += _box(state, place, COLOURS.get(state, '#e8eef4'))
    lines += _box(ANY, PLACE_OF_ANY, '#ffffff', dashed=True)
    return ''.join([*lines, '</svg>'])


def _arrow(start, end, bent):
    """An arrow from box to box, and its middle."""
    (x1, y1), (x2, y2) = (
        PLACE_OF_ANY if name == ANY else PLACES[name] for name in (start, end)
    )
    # Two arrows in opposite directions must not overlap.
    length = math.hypot(x2 - x1, y2 - y1)
    bend = 26 if bent else 0
    bx = (x1 + x2) / 2 + bend * (y2 - y1) / length
    by = (y1 + y2) / 2 - bend * (x2 - x1) / length
    ax, ay = _edge_of_box(x1, y1, bx, by)
    cx, cy = _edge_of_box(x2, y2, bx, by)
    path = (
        f'<path d="M{ax:.0f},{ay:.0f} Q{bx:.0f},{by:.0f} {cx:.0f},{cy:.0f}" '
        'fill="none" stroke="#555" stroke-width="1.4" '
        'marker-end="url(#arrow)"/>'
    )
    return path, ((ax + 2 * bx + cx) / 4, (ay + 2 * by + cy) / 4)


def _edge_of_box(x, y, towards_x, towards_y):
    dx, dy = towards_x - x, towards_y - y
    half_width, half_height = BOX[0] / 2 + 3, BOX[1] / 2 + 3
    scale = min(
        half_width / abs(dx) if dx else math.inf,
        half_height / abs(dy) if dy else math.inf,
    )
    return x + dx * scale, y + dy * scale


def _label(text, middle):
    x, y = middle
    words = text.split()
    # A threshold is on its own line.
    rows = [words[0], ' '.join(words[1:])] if '_' in text else [text]
    for number, row in enumerate(rows):
        top = y + 15 * (number - (len(rows) - 1) / 2)
        yield (
            f'<text x="{x:.0f}" y="{top + 4:.0f}" text-anchor="middle" '
            'fill="#333" stroke="#fff" stroke-width="5" '
            f'paint-order="stroke">{html.escape(row)}</text>'
        )


def _box(text, place, colour, dashed=False):
    x, y = place
    width, height = BOX
    dash = ' stroke-dasharray="5 4"' if dashed else ''
    yield (
        f'<rect x="{x - width / 2}" y="{y - height / 2}" width="{width}" '
        f'height="{height}" rx="8" fill="{colour}" stroke="#555"{dash}/>'
    )
    yield (
        f'<text x="{x}" y="{y + 5}" text-anchor="middle" '
        f'font-weight="bold" fill="#222">{html.escape(str(text))}</text>'
    )


def setup(app):
    """Register the directives with Sphinx."""
    rst.directives.register_directive('health-diagram', HealthDiagram)
    rst.directives.register_directive('health-table', HealthTable)
    return {'parallel_read_safe': True}
