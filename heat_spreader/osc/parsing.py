# SPDX-License-Identifier: Apache-2.0
"""Parsers that suggest the option that was meant, and help for people."""

import functools

from heat_spreader import suggest


@functools.cache
def _with_paragraphs(formatter_class):
    """A formatter of help that keeps the paragraphs of a description."""

    class Paragraphs(formatter_class):
        def _fill_text(self, text, width, indent):
            fill = super()._fill_text
            return '\n\n'.join(
                fill(each, width, indent) for each in text.split('\n\n')
            )

    return Paragraphs


class Suggesting:
    """A command whose parser names the options that are like an unknown one.

    argparse would first report what is required, and not the misspelled
    option that was to give it.
    """

    def get_parser(self, prog_name):
        """Return the parser, as the framework asks."""
        parser = super().get_parser(prog_name)
        parser.formatter_class = _with_paragraphs(parser.formatter_class)
        parse_args = parser.parse_args

        def check_and_parse(args=None, namespace=None):
            refuse_unknown(parser, args or ())
            return parse_args(args, namespace)

        # The framework makes the parser, and offers no class to replace.
        parser.parse_args = check_and_parse
        return parser


def refuse_unknown(parser, words):
    """End the program if one of the words is an option that is not known."""
    known = [name for each in parser._actions for name in each.option_strings]
    for word in words:
        if word == '--':
            return
        name = word.partition('=')[0]
        # Text with a space is no option, and argparse completes a beginning.
        if (
            name.startswith('--')
            and ' ' not in word
            and not any(option.startswith(name) for option in known)
        ):
            question = suggest.did_you_mean(name, known)
            parser.error(f"unknown option '{name}'. {question}".rstrip())
