# SPDX-License-Identifier: Apache-2.0
import io

from cliff import command
from keystoneauth1 import exceptions as ksa_exceptions
from oslotest import base

from heat_spreader.osc import stacks
from heat_spreader.osc import weights
from heat_spreader.standalone import shell


class TestCommands(base.BaseTestCase):
    def test_commands_are_those_of_the_openstack_client_under_other_names(
        self,
    ):
        commands = dict(shell.COMMANDS)
        for name, ours in (
            ('add', stacks.CreateStack),
            ('delete', stacks.DeleteStack),
            ('list', stacks.ListStack),
            ('show', stacks.ShowStack),
            ('update', stacks.SetStack),
            ('weight remove', weights.UnsetWeight),
            ('weight set', weights.SetWeight),
        ):
            self.assertTrue(issubclass(commands.pop(name), ours), name)
        self.assertEqual({'version'}, set(commands))

    def test_each_command_has_a_description(self):
        for name, factory in shell.COMMANDS.items():
            self.assertTrue(issubclass(factory, command.Command))
            self.assertIn(
                '\n\n' + factory.__doc__,
                factory(shell.Shell(), None, cmd_name=name)
                .get_parser(f'heat-spreader {name}')
                .format_help(),
            )

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
        lazy = shell.Shell(shell.Lazy('wait', load))
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
