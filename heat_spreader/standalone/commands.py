# SPDX-License-Identifier: Apache-2.0
"""The commands: those of the openstack client under shorter names."""

import importlib.metadata

from cliff import command
from cliff import display

from heat_spreader import version

# The entry points of the plugin of python-openstackclient.
_GROUP = 'openstack.multicloud.v1'
# Most commands are about stacks here.
_RENAMED = {'create': 'add', 'set': 'update', 'weight unset': 'weight remove'}


class Lazy:
    """A command whose modules are imported only when it is used.

    :param load: returns the class
    """

    def __init__(self, name, load):
        self.name = name
        self._load = load

    def load(self):
        """Return the class; one that prints something can print JSON."""
        found = self._load()
        if not issubclass(found, display.DisplayCommandBase):
            return found
        about = {'__doc__': found.__doc__, '__module__': found.__module__}
        return type(found.__name__, (_Json, found), about)


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


class Version(command.Command):
    """Print the version"""

    def take_action(self, parsed_args):
        self.app.stdout.write(f'{version.installed()}\n')


def lazy():
    """Return each command, as Lazy."""
    entries = importlib.metadata.entry_points(group=_GROUP)
    return [
        Lazy('version', lambda: Version),
        *(Lazy(_name(entry.name), entry.load) for entry in entries),
    ]


def _name(entry_point):
    words = entry_point.replace('_', ' ')
    words = words.removeprefix('multicloud ').removeprefix('stack ')
    return _RENAMED.get(words, words)
