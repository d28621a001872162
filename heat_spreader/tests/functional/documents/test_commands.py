# SPDX-License-Identifier: Apache-2.0
"""Every command line in the documents is one that the parsers accept."""

import contextlib
import io
import re
import shlex
import types

from cliff import commandmanager
from oslotest import base

from heat_spreader.cmd import run
from heat_spreader.standalone import commands
from heat_spreader.standalone import shell
from heat_spreader.tests.functional.documents import pages

# In a block for a console, in the README, or in a sentence.
_TYPED = re.compile(
    r'(?m)^ +[$#] ((?:.+\\\n)*.+)$(?!\n +usage:)|^    ((?:.+\\\n)*.+)'
)
_QUOTED = re.compile(r'``([^`]+)``')
_OURS = re.compile(
    r'(openstack(?: --os-cloud \S+)? multicloud|heat-spreader) '
)
# What the shell makes of the rest of a line.
_SHELL = re.compile(r' (?:\|\|?|&&?|>) ?')
# A command that is named without its arguments, or in a general form.
_NAMED = re.compile(r'\.\.\.|[*|\[\]]|--help|^\S+( [a-z]+)*$')


def lines(path):
    """The command lines of a document."""
    text = path.read_text()
    typed = [a or b for a, b in _TYPED.findall(text)]
    quoted = [
        each for each in _QUOTED.findall(text) if not _NAMED.search(each)
    ]
    for text in [*typed, *quoted]:
        line = ' '.join(text.replace('\\\n', ' ').split())
        if found := _OURS.match(line):
            yield found[1], line[found.end() :]


class TestCommands(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        openstack = commandmanager.CommandManager('openstack.multicloud.v1')
        lazy = commands.Lazy('run', lambda: run.Run)
        standalone = shell.Shell(lazy).command_manager
        self.managers = {'openstack': openstack, 'heat-spreader': standalone}

    def problem(self, program, line):
        """What is wrong with a command line, None if it is valid."""
        words = shlex.split(_SHELL.split(line)[0], comments=True)
        if program != 'heat-spreader':
            program, words = 'openstack', ['multicloud', *words]
        manager = self.managers[program]
        app = types.SimpleNamespace(command_manager=manager)
        errors = io.StringIO()
        try:
            command, name, rest = manager.find_command(words)
            parser = command(app, None, cmd_name=name).get_parser(name)
            with contextlib.redirect_stderr(errors):
                parser.parse_args(rest)
        except ValueError as exc:
            return str(exc)
        except SystemExit:
            return errors.getvalue().splitlines()[-1]
        return None

    def test_every_command_line_is_valid(self):
        readme = pages.TOP / 'README.rst'
        problems = {
            f'{path.name}: {line}': self.problem(program, line)
            for path in [readme, *pages.DOCUMENTS.rglob('*.rst')]
            for program, line in lines(path)
        }

        self.assertGreater(len(problems), 70)
        self.assertEqual(
            {}, {line: found for line, found in problems.items() if found}
        )
