# SPDX-License-Identifier: Apache-2.0
"""The commands: those of the openstack client under shorter names."""

import importlib.metadata
import io
import json

from cliff import command
from cliff import display

from heat_spreader import suggest
from heat_spreader import version
from heat_spreader.osc import parsing

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
        self.load = load


class Command(parsing.Suggesting, command.Command):
    """A command that the openstack client does not have."""


class _Json:
    """A command that shows something, which it can print as JSON."""

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


class _OwnJson:
    """A command that shows no data, and prints JSON instead of its text."""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument('--json', action='store_true', help=self.json_help)
        return parser

    def run(self, parsed_args):
        if not parsed_args.json:
            return super().run(parsed_args)
        stdout, text = self.app.stdout, self.for_text()
        self.app.stdout = text
        try:
            status = super().run(parsed_args)
        finally:
            self.app.stdout = stdout
        if not status:
            stdout.write(f'{json.dumps(self.value(text))}\n')
        return status


class _NoJson(_OwnJson):
    """A command that only changes something: programs get an empty object."""

    json_help = (
        'Print {} when it is done, and what is for people on standard error'
    )

    def for_text(self):
        """Where the text for people goes."""
        return self.app.stderr

    def value(self, _):
        """What programs get."""
        return {}


class _JsonText(_OwnJson):
    """A command that prints a text of another form, such as YAML."""

    json_help = 'Print the text as one JSON string'

    def for_text(self):
        """Where the text goes."""
        return io.StringIO()

    def value(self, text):
        """What programs get."""
        return text.getvalue()


class Version(Command):
    """Print the version"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument('--json', action='store_true', help='Print JSON')
        return parser

    def take_action(self, parsed_args):
        number = version.installed()
        text = json.dumps({'version': number}) if parsed_args.json else number
        self.app.stdout.write(f'{text}\n')


def lazy():
    """Return each command, as Lazy."""
    return [
        Lazy('version', lambda: Version),
        *(
            Lazy(_name(entry.name), lambda entry=entry: _load(entry))
            for entry in _entries()
        ),
    ]


def nearest(words, names):
    """The commands that are most like the first words of a command line.

    :param names: of all commands
    """
    others = _other_names()
    found = {}
    for number in range(1, len(words) + 2):
        typed = ' '.join(words[:number])
        if any(name.startswith(f'{typed} ') for name in names):
            # These words are right: the mistake comes after them.
            continue
        near = _near(typed, names, number)
        if not near:
            near = [others[name] for name in _near(typed, others, number)]
        found.update(dict.fromkeys(near))
    return list(found)[: suggest.MOST]


def renamed(argv):
    """The words of a command line with our name of the command.

    The openstack client has other names for some, which hints and people use
    too: "stack set" is "update".
    """
    others = _other_names()
    for number in range(len(argv), 0, -1):
        name = others.get(' '.join(argv[:number]))
        if name:
            return [*name.split(), *argv[number:]]
    return argv


def _near(typed, names, number):
    """The names with that number of words that are like what was typed."""
    of_length = [name for name in names if len(name.split()) == number]
    return suggest.nearest(typed, of_length)


def _other_names():
    """The commands by what they are called in the openstack client."""
    found = {}
    for entry in _entries():
        typed, name = entry.name.replace('_', ' '), _name(entry.name)
        short = typed.removeprefix('multicloud ')
        forms = (typed, short, short.removeprefix('stack '))
        found.update((form, name) for form in forms if form != name)
    return found


def _entries():
    return importlib.metadata.entry_points(group=_GROUP)


def _name(entry_point):
    words = entry_point.replace('_', ' ')
    words = words.removeprefix('multicloud ').removeprefix('stack ')
    return _RENAMED.get(words, words)


def _load(entry):
    """Return the class of an entry point, with the option --json."""
    found = entry.load()
    shows = issubclass(found, display.DisplayCommandBase)
    about = {'__doc__': found.__doc__, '__module__': found.__module__}
    option = _Json if shows else _NoJson
    if getattr(found, 'prints_text', False):
        option = _JsonText
    bases = (option, found)
    return type(found.__name__, bases, about)
