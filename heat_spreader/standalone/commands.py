# SPDX-License-Identifier: Apache-2.0
"""The commands that differ from those of OSC in more than the name."""

from cliff import command

from heat_spreader import version
from heat_spreader.osc import stacks


class _Json:
    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--json',
            dest='formatter',
            action='store_const',
            const='json',
            help='Print JSON: the same as --format json',
        )
        return parser


class Add(_Json, stacks.CreateStack):
    """Create a stack: manage Heat stacks in several clouds as one"""


class List(_Json, stacks.ListStack):
    """List stacks"""


class Show(_Json, stacks.ShowStack):
    """Show a stack with its members"""


class Version(command.Command):
    """Print the version"""

    def take_action(self, parsed_args):
        self.app.stdout.write(f'{version.installed()}\n')
