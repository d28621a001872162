# SPDX-License-Identifier: Apache-2.0
import importlib.metadata
import io
from unittest import mock

from cliff import command
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

    def test_each_command_can_print_json(self):
        for name, factory in all_commands().items():
            parser = factory(shell.Shell(), None, cmd_name=name).get_parser(
                name
            )
            self.assertIn('--json', parser.format_help(), name)

    def test_each_command_suggests_the_option_that_was_meant(self):
        for name, factory in all_commands().items():
            parser = factory(shell.Shell(), None, cmd_name=name).get_parser(
                name
            )
            parser.error = mock.Mock(side_effect=SystemExit)
            self.assertRaises(SystemExit, parser.parse_args, ['--jsno=a'])
            [message] = parser.error.call_args.args
            self.assertIn("'--jsno'. Did you mean '--json'", message)

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


class TestNearest(base.BaseTestCase):
    def nearest(self, line):
        names = [each.name for each in commands.lazy()]
        return commands.nearest(line.split(), names)

    def test_misspelled_command_is_found_whatever_its_arguments_are(self):
        for line, name in (
            ('lst', 'list'),
            ('shwo web', 'show'),
            ('weight ste web athens 0.5', 'weight set'),
        ):
            self.assertEqual(name, self.nearest(line)[0], line)

    def test_misspelled_name_of_the_openstack_client_leads_to_ours(self):
        self.assertEqual('add', self.nearest('stack craete web')[0])

    def test_nothing_is_suggested_where_nothing_is_near(self):
        self.assertEqual([], self.nearest('zzz'))


class TestRenamed(base.BaseTestCase):
    def test_names_of_the_openstack_client_are_ours(self):
        for line, ours in (
            ('create web', 'add web'),
            ('set web --count 3', 'update web --count 3'),
            ('stack create', 'add'),
            ('stack set web --resume', 'update web --resume'),
            ('multicloud stack weight unset web', 'weight remove web'),
            ('multicloud cloud list', 'cloud list'),
            # These are ours already, or arguments.
            ('weight set web athens 0', 'weight set web athens 0'),
            ('show create', 'show create'),
            ('unheard of', 'unheard of'),
        ):
            self.assertEqual(ours.split(), commands.renamed(line.split()))

    def test_no_name_of_one_command_is_that_of_another(self):
        for each in commands.lazy():
            words = each.name.split()
            self.assertEqual(words, commands.renamed(words))


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
