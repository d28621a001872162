# SPDX-License-Identifier: Apache-2.0
"""heat-spreader: the commands, which are those of OSC with shorter names.

An error is one line on stderr and exit status 1. For an invalid command line
the exit status is 2.
"""

import argparse
import itertools
import logging
import sys
import warnings

from cliff import app
from cliff import commandmanager
from cliff import help as help_
from keystoneauth1 import exceptions as ksa_exceptions

from heat_spreader import suggest
from heat_spreader import version
from heat_spreader.osc import parsing
from heat_spreader.standalone import client
from heat_spreader.standalone import commands


class Shell(app.App):
    """The heat-spreader command.

    :param more: further commands, as commands.Lazy
    """

    NAME = 'heat-spreader'
    CONSOLE_MESSAGE_FORMAT = f'{NAME}: %(message)s'

    def __init__(self, *more):
        manager = commandmanager.CommandManager()
        for command in (*commands.lazy(), *more):
            manager.commands[command.name] = command
        super().__init__(
            description='Manage Heat stacks with the same name in several '
            'OpenStack clouds as one stack with one total',
            version=version.installed(),
            command_manager=manager,
        )
        self.client_manager = client.ClientManager()
        if not sys.warnoptions:
            # They are for developers.
            warnings.simplefilter('ignore')

    def build_option_parser(self, description, version, argparse_kwargs=None):
        """The options of every command."""
        parser = argparse.ArgumentParser(
            self.NAME,
            description=description,
            add_help=False,
            allow_abbrev=False,
        )
        parser.add_argument(
            '-h',
            '--help',
            action='store_true',
            help='Show this message and the commands, or with a command its '
            'options, and exit',
        )
        parser.add_argument(
            '--version',
            action='version',
            version=f'{self.NAME} {version}',
            help='Show the version, and exit',
        )
        parser.add_argument(
            '-q',
            '--quiet',
            dest='verbose_level',
            action='store_const',
            const=0,
            default=1,
            help='With --wait: do not show the progress',
        )
        parser.add_argument(
            '--debug',
            action='store_true',
            help='Show requests, responses, and the traceback of an error',
        )
        return parser

    def configure_logging(self):
        """Log warnings to stderr, with --debug everything."""
        level = logging.DEBUG if self.options.debug else logging.WARNING
        logging.basicConfig(
            stream=self.stderr, level=level, format=self.CONSOLE_MESSAGE_FORMAT
        )

    def interact(self):
        """Show the usage: there is no interactive mode."""
        if self.options.help:
            show = help_.HelpAction(None, None, default=self)
            show(self.parser, self.options, None)
        self.parser.error('a command is required; --help lists the commands')

    def run_subcommand(self, argv):
        """Run a command, and return its exit status."""
        if argv[0] == 'help' and argv[1:]:
            self.options.help, argv = True, argv[1:]
        try:
            factory, name, args = self.command_manager.find_command(
                commands.renamed(argv)
            )
        except ValueError:
            return self._explain_unknown(argv)
        command = factory(self, self.options, cmd_name=name)
        parser = command.get_parser(f'{self.NAME} {name}')
        if self.options.help:
            parser.print_help(self.stdout)
            return 0
        parsed_args = parser.parse_args(args)
        try:
            return command.run(parsed_args)
        except BrokenPipeError:
            raise
        except Exception as exc:
            if self.options.debug:
                raise
            self.stderr.write(f'{self.NAME}: {sentence(exc)}\n')
            return 1

    def _explain_unknown(self, argv):
        """Say which command may be meant; help on a group lists it."""
        if argv[0].startswith('-'):
            parsing.refuse_unknown(self.parser, argv[:1])
            self.parser.error(f"unknown option '{argv[0]}'")
        words = list(
            itertools.takewhile(lambda word: not word.startswith('-'), argv)
        )
        text = ' '.join(words)
        names = sorted(self.command_manager.commands)
        group = [name for name in names if name.startswith(f'{text} ')]
        if group and self.options.help:
            self.stdout.write(f'The commands of {text}: {_listed(group)}\n')
            return 0
        hint = f'Its commands: {_listed(group)}'
        if not group:
            near = suggest.question(commands.nearest(words, names))
            hint = f'{near} --help lists the commands.'.strip()
        return self.parser.error(f"unknown command '{text}'. {hint}")


def _listed(names):
    return f'{", ".join(names)}.'


def sentence(exc):
    """The message of an error, in one line."""
    if isinstance(exc, ksa_exceptions.RetriableConnectionFailure):
        return f'The server does not answer: {exc}'
    text = ' '.join(str(exc).split())
    return text or type(exc).__name__
