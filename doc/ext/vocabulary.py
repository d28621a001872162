# SPDX-License-Identifier: Apache-2.0
"""Directives that write what the code says, so that it is not said twice.

``vocabulary`` lists the words of a class of heat_spreader.states with their
sentences; ``error-codes`` lists the errors of heat_spreader.exception.
"""

import generated
from docutils.parsers import rst

from heat_spreader import exception
from heat_spreader import states


class Vocabulary(generated.Generated):
    """``.. vocabulary:: StackStatus``

    With a content it says of each word, below its sentence, what there is to
    do. A word that is left out then, or that does not exist, ends the build.
    """

    required_arguments = 1
    has_content = True

    def run(self):
        self.env.note_dependency(states.__file__)
        words = getattr(states, self.arguments[0])
        advice = _by_word(self.content)
        if advice and {*advice} != {*words}:
            raise self.error(f'not the words of {self.arguments[0]}')
        return self.write(
            line
            for word in words
            for line in (
                f'``{word}``',
                f'  {word.sentence}',
                '',
                *advice.get(word, ()),
                '',
            )
        )


def _by_word(content):
    """The indented lines below each word."""
    advice = {}
    for line in content:
        if line and not line[0].isspace():
            advice[line] = lines = []
        elif advice:
            lines.append(line)
    return advice


class ErrorCodes(generated.Generated):
    """``.. error-codes::``"""

    def run(self):
        self.env.note_dependency(exception.__file__)
        rows = sorted(
            (error.status, error.error_code)
            for error in _answers(exception.HeatSpreaderException)
        )
        return self.write(generated.table(('status', 'code'), rows))


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
