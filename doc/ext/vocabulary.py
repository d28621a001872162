# SPDX-License-Identifier: Apache-2.0
"""Directives that list words and errors from the code.

``vocabulary`` lists the words of a class of heat_spreader.states with their
sentences; ``error-codes`` lists the errors of heat_spreader.exception.
"""

import generated
from docutils.parsers import rst

from heat_spreader import exception
from heat_spreader import states


class Vocabulary(generated.Generated):
    """``.. vocabulary:: StackStatus``

    The content, if any, has for each word what to do about it, which is added
    below its sentence. A word that is missing or unknown stops the build.
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
            (error.status, error.error_code) for error in exception.responses()
        )
        return self.write(generated.table(('status', 'code'), rows))


def setup(app):
    """Register the directives with Sphinx."""
    rst.directives.register_directive('vocabulary', Vocabulary)
    rst.directives.register_directive('error-codes', ErrorCodes)
    return {'parallel_read_safe': True}
