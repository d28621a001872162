# SPDX-License-Identifier: Apache-2.0
"""Directives that write what the code says, so that it is not said twice.

``vocabulary`` lists the words of a class of heat_spreader.states with their
sentences; ``error-codes`` lists the errors of heat_spreader.exception.
"""

from docutils import nodes
from docutils import statemachine
from docutils.parsers import rst
from sphinx.util import docutils

from heat_spreader import exception
from heat_spreader import states


class _Generated(docutils.SphinxDirective):
    def write(self, lines):
        """The nodes that lines of reStructuredText become."""
        node = nodes.Element()
        source = statemachine.StringList([*lines], source=self.name)
        self.state.nested_parse(source, self.content_offset, node)
        return node.children


class Vocabulary(_Generated):
    """``.. vocabulary:: StackStatus``"""

    required_arguments = 1

    def run(self):
        self.env.note_dependency(states.__file__)
        words = getattr(states, self.arguments[0])
        return self.write(
            line
            for word in words
            for line in (f'``{word}``', f'  {word.sentence}', '')
        )


class ErrorCodes(_Generated):
    """``.. error-codes::``"""

    def run(self):
        self.env.note_dependency(exception.__file__)
        rows = sorted(
            (error.status, error.error_code)
            for error in _answers(exception.HeatSpreaderException)
        )
        lines = ['.. list-table::', '   :header-rows: 1', '']
        for row in [('status', 'code'), *rows]:
            lines += [f'   * - {row[0]}', f'     - {row[1]}']
        return self.write(lines)


def _answers(kind):
    """The exceptions that become answers: those with a code of their own."""
    if 'error_code' in vars(kind):
        yield kind
    for child in kind.__subclasses__():
        yield from _answers(child)


def setup(app):
    """Tell Sphinx of the directives."""
    rst.directives.register_directive('vocabulary', Vocabulary)
    rst.directives.register_directive('error-codes', ErrorCodes)
    return {'parallel_read_safe': True}
