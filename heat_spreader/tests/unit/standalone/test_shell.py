# SPDX-License-Identifier: Apache-2.0
import importlib.metadata

from cliff import command
from keystoneauth1 import exceptions as ksa_exceptions
from oslotest import base

from heat_spreader.osc import stacks
from heat_spreader.osc import weights
from heat_spreader.standalone import shell


class TestCommands(base.BaseTestCase):
    def loaded(self):
        return {
            name: importlib.metadata.EntryPoint(name, value, 'any').load()
            for name, value in shell.COMMANDS.items()
        }

    def test_are_those_of_the_openstack_client_under_other_names(self):
        commands = self.loaded()
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
        self.assertEqual({'run', 'version'}, set(commands))

    def test_each_says_what_it_does(self):
        for name, factory in self.loaded().items():
            self.assertTrue(issubclass(factory, command.Command))
            self.assertIn(
                '\n\n' + factory.__doc__,
                factory(shell.Shell(), None, cmd_name=name)
                .get_parser(f'heat-spreader {name}')
                .format_help(),
            )


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
