# SPDX-License-Identifier: Apache-2.0
"""The base of the directives that generate text from the code."""

from docutils import nodes
from docutils import statemachine
from sphinx.util import docutils


class Generated(docutils.SphinxDirective):
    """A directive that is replaced by lines of reStructuredText."""

    def write(self, lines):
        """Parse the lines and return their nodes."""
        node = nodes.Element()
        source = statemachine.StringList([*lines], source=self.name)
        self.state.nested_parse(source, self.content_offset, node)
        return node.children


def table(head, rows):
    """The lines of a table with a header row."""
    lines = ['.. list-table::', '   :header-rows: 1', '']
    for row in [head, *rows]:
        first, *others = row
        lines.append(f'   * - {first}')
        lines += [f'     - {cell}' for cell in others]
    return [*lines, '']
