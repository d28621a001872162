# SPDX-License-Identifier: Apache-2.0
"""Directives that describe our programs from the parsers of their arguments.

``program-commands`` has the commands of a program, and ``program-options`` the
options that come before a command. The parser is the one whose help the
program prints with ``--help``.
"""

import argparse
import importlib.metadata
import sys
from unittest import mock

import generated
from docutils.parsers import rst
from oslo_config import cfg
from sphinx.util.rst import escape


class ProgramCommands(generated.Generated):
    """``.. program-commands:: PROGRAM``"""

    required_arguments = 1

    def run(self):
        """Write each command, with its arguments."""
        return self.write(
            line
            for command, text in _commands(self.find_parser(self.arguments[0]))
            for line in _describe(command, text)
        )

    def find_parser(self, program):
        """The parser that a program makes of its arguments."""
        (script,) = importlib.metadata.entry_points(
            group='console_scripts', name=program
        )
        main, found = script.load(), []
        self.env.note_dependency(sys.modules[main.__module__].__file__)
        with (
            # Two programs cannot have their commands in one.
            mock.patch.object(cfg, 'CONF', cfg.ConfigOpts()),
            mock.patch('sys.argv', [program, '--help']),
            mock.patch.object(
                argparse.ArgumentParser,
                'print_help',
                lambda parser, *_: found.append(parser),
            ),
        ):
            try:
                main()
            except SystemExit:
                return found[0]
        raise self.error(f'{program} prints no help')


class ProgramOptions(ProgramCommands):
    """``.. program-options:: PROGRAM ...``, programs with the same options."""

    final_argument_whitespace = True

    def run(self):
        """Write each option."""
        first, *others = (
            [*_arguments(self.find_parser(program))]
            for program in self.arguments[0].split()
        )
        if any(each != first for each in others):
            raise self.error(f'{self.arguments[0]} have different options')
        return self.write(first)


def _commands(parser, text=''):
    """The parsers of the commands below a parser, each with its help."""
    groups = [
        action
        for action in parser._actions
        if isinstance(action, argparse._SubParsersAction)
    ]
    if not groups:
        yield parser, text
    for group in groups:
        helps = {each.dest: each.help for each in group._choices_actions}
        for name, inner in group.choices.items():
            yield from _commands(inner, helps.get(name, ''))


def _describe(parser, text):
    usage = ' '.join(parser.format_usage().split()[1:])
    yield f'``{usage.replace(" [-h]", "")}``'
    yield f'  {escape(text)}'
    yield ''
    yield from (f'  {line}' for line in _arguments(parser))


def _arguments(parser):
    hidden = argparse._HelpAction, argparse._SubParsersAction
    formatter = parser._get_formatter()
    for action in parser._actions:
        if isinstance(action, hidden) or not action.help:
            continue
        text = ' '.join(formatter._expand_help(action).split())
        yield f'``{formatter._format_action_invocation(action)}``'
        yield f'  {escape(text)}'
        yield ''


def setup(app):
    """Register the directives with Sphinx."""
    rst.directives.register_directive('program-commands', ProgramCommands)
    rst.directives.register_directive('program-options', ProgramOptions)
    return {'parallel_read_safe': True}
