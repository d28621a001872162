# SPDX-License-Identifier: Apache-2.0
import importlib.metadata
import io

from cliff import command
from cliff import display
from keystoneauth1 import exceptions as ksa_exceptions
from oslotest import base

from heat_spreader.osc import stacks
from heat_spreader.osc import weights
from heat_spreader.standalone import commands
from heat_spreader.standalone import shell


def all_commands():
    return {each.name: each.load() for each in commands.lazy()}


class TestCommands(base.BaseTestCase):
    def test_every_command_of_the_openstack_client_is_there(self):
        found = all_commands()
        for name, ours in (
            ('add', stacks.CreateStack),
            ('update', stacks.SetStack),
            ('weight remove', weights.UnsetWeight),
        ):
            self.assertTrue(issubclass(found[name], ours), name)
        plugin = importlib.metadata.entry_points(
            group='openstack.multicloud.v1'
        )
        for entry in plugin:
            ours = entry.load()
            self.assertTrue(
                any(issubclass(each, ours) for each in found.values()), ours
            )
        self.assertEqual(len(plugin) + 1, len(found))

    def test_each_command_has_a_description(self):
        for name, factory in all_commands().items():
            self.assertTrue(issubclass(factory, command.Command))
            self.assertIn(
                '\n\n' + factory.__doc__.splitlines()[0],
                factory(shell.Shell(), None, cmd_name=name)
                .get_parser(f'heat-spreader {name}')
                .format_help(),
            )

    def test_each_command_that_prints_can_print_json(self):
        for name, factory in all_commands().items():
            text = (
                factory(shell.Shell(), None, cmd_name=name)
                .get_parser(name)
                .format_help()
            )
            prints = issubclass(factory, display.DisplayCommandBase)
            self.assertEqual(prints, '--json' in text, name)

    def test_lazy_command_is_loaded_when_it_is_used(self):
        class Wait(command.Command):
            """Wait for better times"""

            def take_action(self, parsed_args):
                self.app.stdout.write('waited\n')

        loads = []

        def load():
            loads.append(Wait)
            return Wait

        stdout = io.StringIO()
        lazy = shell.Shell(commands.Lazy('wait', load))
        lazy.stdout = stdout
        self.assertEqual(0, lazy.run(['version']))
        self.assertEqual([], loads)
        self.assertEqual(0, lazy.run(['wait']))
        self.assertEqual([Wait], loads)
        self.assertTrue(stdout.getvalue().endswith('waited\n'))


class TestSentence(base.BaseTestCase):
    def test_an_error_is_one_line(self):
        for exc, line in (
            (ValueError('a\n  b'), 'a b'),
            (ValueError(), 'ValueError'),
            (
                ksa_exceptions.ConnectTimeout('after 60 s'),
                'The server does not answer: after 60 s',
            ),
        ):
            self.assertEqual(line, shell.sentence(exc))
