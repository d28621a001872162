# SPDX-License-Identifier: Apache-2.0
from importlib import metadata

from oslotest import base

from heat_spreader.osc import plugin
from heat_spreader.tests.functional.osc import fixtures


def commands():
    """Every command of the plugin, as it is typed."""
    return sorted(
        entry.name.replace('_', ' ')
        for entry in metadata.entry_points(group='openstack.multicloud.v1')
    )


class TestShell(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.shell = self.useFixture(fixtures.Shell())

    def read(self, *words):
        result = self.shell.run(*words)
        self.assertEqual((0, ''), (result.status, result.err))
        return result.out

    def test_every_command_has_help_that_names_its_arguments(self):
        self.assertEqual(24, len(commands()))
        for command in commands():
            out = self.read('help', *command.split())

            # The name of the program is that of this process.
            self.assertRegex(out, rf'usage: \S+ {command} \[-h\]')

    def test_help_on_create_explains_each_option(self):
        out = ' '.join(
            self.read('help', 'multicloud', 'stack', 'create').split()
        )

        for text in (
            '--count <count>',
            '--parameter <parameter>',
            '--weight <cloud>=<weight>',
            '--min <cloud>=<min>',
            '--max <cloud>=<max>',
            '--failover {even,proportional,none}',
            '--failback {auto,manual}',
            '--timeout <seconds>',
            'Wait until the engine has applied the change; fail if it cannot',
        ):
            self.assertIn(text, out)

    def test_help_on_set_says_which_weights_stay(self):
        out = self.read('help', 'multicloud', 'stack', 'set')

        self.assertIn('not named keep their weights', ' '.join(out.split()))

    def test_help_on_a_part_lists_its_commands(self):
        out = self.read('help', 'multicloud', 'stack', 'weight')

        for command in ('list', 'set', 'unset'):
            self.assertIn(f'multicloud stack weight {command}', out)

    def test_misspelled_command_is_answered_with_those_of_the_plugin(self):
        result = self.shell.run('multicloud', 'stack', 'lst')

        self.assertEqual(2, result.status)
        self.assertIn('Did you mean one of these?', result.out)
        self.assertIn('  multicloud stack list\n', result.out)

    def test_help_names_the_option_of_the_plugin(self):
        self.assertIn(
            '--os-multicloud-api-version', self.shell.run('--help').out
        )

    def test_completion_knows_every_command_and_its_options(self):
        out = self.read('complete')

        self.assertIn(
            "cmds_multicloud='cloud completion engine event stack witness'",
            out,
        )
        self.assertIn(
            "cmds_multicloud_stack='adopt apply create delete explain export "
            "list preview set show wait weight'",
            out,
        )
        self.assertIn("cmds_multicloud_stack_weight='list set unset'", out)
        options = next(
            line
            for line in out.splitlines()
            if line.strip().startswith('cmds_multicloud_stack_create=')
        )
        for option in ('--count', '--weight', '--failover', '--wait'):
            self.assertIn(option, options)

    def test_the_plugin_is_the_one_that_is_registered(self):
        (entry,) = metadata.entry_points(
            group='openstack.cli.extension', name='multicloud'
        )

        self.assertIs(plugin, entry.load())
