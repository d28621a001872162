# SPDX-License-Identifier: Apache-2.0
"""A directive that describes the commands of a program from its parsers.

``program-commands`` takes a module with a function ``add_commands``, which
adds the commands to the subparsers of argparse.
"""

import argparse
import importlib

import generated
from docutils.parsers import rst


class ProgramCommands(generated.Generated):
    """``.. program-commands:: PROGRAM MODULE``"""

    required_arguments = 2

    def run(self):
        program, name = self.arguments
        module = importlib.import_module(name)
        self.env.note_dependency(module.__file__)
        parser = argparse.ArgumentParser(program)
        module.add_commands(parser.add_subparsers())
        return self.write(
            line
            for command, text in _commands(parser)
            for line in _describe(command, text)
        )


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
            yield from _commands(inner, helps[name])


def _describe(parser, text):
    usage = ' '.join(parser.format_usage().split()[1:])
    yield f'``{usage.replace(" [-h]", "")}``'
    yield f'  {text}'
    yield ''
    for action in parser._actions:
        if isinstance(action, argparse._HelpAction):
            continue
        name = ', '.join(action.option_strings) or action.metavar
        if action.option_strings and action.nargs != 0:
            name += f' {action.metavar}'
        yield f'  ``{name}``'
        yield f'    {action.help % vars(action)}'
        yield ''


def setup(app):
    """Register the directive with Sphinx."""
    rst.directives.register_directive('program-commands', ProgramCommands)
    return {'parallel_read_safe': True}
