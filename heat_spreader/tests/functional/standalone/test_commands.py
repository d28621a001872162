# SPDX-License-Identifier: Apache-2.0
"""The commands, against the API as it is served."""

import json
import urllib.parse

import fixtures
from osc_lib import exceptions
from oslotest import base

from heat_spreader import version
from heat_spreader.cmd import standalone
from heat_spreader.standalone import commands
from heat_spreader.tests.functional.osc import fixtures as osc_fixtures
from heat_spreader.tests.functional.standalone import fixtures as our_fixtures
from heat_spreader.tests.unit.sdk import fixtures as sdk_fixtures


class CommandTestCase(base.BaseTestCase):
    """A client of a server without authentication."""

    api = {'auth_strategy': 'noauth'}
    credentials = {}

    def setUp(self):
        super().setUp()
        self.served = self.useFixture(osc_fixtures.Served(api=self.api))
        self.place = self.useFixture(our_fixtures.Place())
        self.useFixture(
            fixtures.EnvironmentVariable(
                'HEAT_SPREADER_CONFIG_FILE', str(self.place.file)
            )
        )
        url = urllib.parse.urlsplit(self.served.url)
        self.remote = {
            'type': 'remote',
            'host': url.hostname,
            'port': url.port,
        }
        self.place.write(backend=self.remote | self.credentials)

    def run_command(self, *words):
        """Run a command; return its exit status and output."""
        return osc_fixtures.capture(standalone.main, words)

    def says(self, *words):
        status, out, err = self.run_command(*words)
        self.assertEqual((0, ''), (status, err))
        return out

    def ask(self, *words):
        return json.loads(self.says(*words, '--json'))

    def fails(self, *words, status=1):
        ended, out, err = self.run_command(*words)
        self.assertEqual((status, ''), (ended, out))
        return err

    def add(self, name='web', *words):
        return self.ask('add', name, '--count=10', '--parameter=size', *words)


class TestPreviews(CommandTestCase):
    def setUp(self):
        super().setUp()
        self.add('web', '--weight=east=0.6', '--weight=west=0.4')

    def test_preview_and_explain(self):
        shown = self.ask('preview', 'web', '--down=west')
        self.assertEqual(10, shown['members'][0]['target_then'])

        shown = self.ask('explain', 'web', 'east')
        self.assertEqual('Target: 6.', shown['east']['why'][-1])

    def test_dry_run_of_add_and_update(self):
        shown = self.add('other', '--weight=east=1', '--dry-run')
        self.assertEqual(10, shown['members'][0]['target_then'])

        shown = self.ask('update', 'web', '--count=20', '--dry-run')
        self.assertEqual(12, shown['members'][0]['target_then'])
        self.assertEqual(['web'], [row['Name'] for row in self.ask('list')])
        self.assertEqual(10, self.ask('show', 'web')['count'])


class TestCommands(CommandTestCase):
    def test_add_show_and_delete_a_stack(self):
        added = self.add('web', '--weight=east=0.6')
        self.assertEqual(('web', 10), (added['name'], added['count']))
        self.says('weight', 'set', 'web', 'west', '0.4')
        self.assertEqual(
            {'east': 0.6, 'west': 0.4}, self.ask('show', 'web')['weights']
        )
        self.assertEqual(
            'east left the stack; east (count unknown) keep running.\n',
            self.says('weight', 'remove', 'web', 'east'),
        )
        self.assertEqual({'west': 0.4}, self.ask('show', 'web')['weights'])
        self.assertEqual(['web'], [row['Name'] for row in self.ask('list')])
        self.assertIn(
            'web: no longer managed; west ', self.says('delete', 'web')
        )
        self.assertEqual([], self.ask('list'))

    def test_stacks_are_exported_and_applied(self):
        self.add('web', '--weight=east=0.6')
        file = self.place.directory / 'stacks.yaml'
        file.write_text(self.says('export', 'web'))
        self.assertEqual(
            'web: no difference\n', self.says('apply', f'--file={file}')
        )
        file.write_text('name: web\ncount: 11\n')
        self.assertEqual(
            (2, 'web: would be changed\n  count: 10 -> 11\n', ''),
            self.run_command('apply', f'--file={file}', '--dry-run'),
        )
        file.write_text('name: web\ncount: many\n')
        self.assertEqual(
            [
                f'heat-spreader: {file}, document 1, line 2: count must be a '
                'whole number from 0 to 1000000, not "many".',
                f'heat-spreader: Nothing was changed. Errors in {file}: 1.',
            ],
            self.fails('apply', f'--file={file}').splitlines(),
        )

    def test_adoption_that_fails_leaves_nothing(self):
        self.useFixture(sdk_fixtures.Clock())

        output = self.fails('adopt', 'web', '--parameter=size', '--timeout=5')

        self.assertIn('Not every cloud was read within 5 seconds.', output)
        self.assertEqual([], self.ask('list'))

    def test_a_change_under_way_is_waited_for(self):
        self.add('web', '--weight=east=1')
        self.useFixture(sdk_fixtures.Clock())

        output = self.fails('wait', 'web', '--timeout=5')

        self.assertIn("The stack 'web' is not ready after 5 seconds", output)

    def test_tables_are_the_default_output(self):
        self.add('web', '--weight=east=0.6')

        self.assertRegex(self.says('list'), r'\| web +\| PENDING \| 0/10 +\|')
        self.assertIn('web: PENDING, 0 of 10', self.says('show', 'web'))

    def test_update_changes_only_the_given_values(self):
        before = self.add('web', '--weight=east=0.6', '--failover=none')
        self.says('update', 'web', '--count', '12')
        after = self.ask('show', 'web')

        changed = {key for key in before if before[key] != after[key]}
        self.assertEqual(
            {'count', 'placed', 'generation', 'updated_at'} & changed,
            changed,
        )
        self.assertEqual(12, after['count'])
        self.assertEqual(
            'heat-spreader: Nothing to update: at least one option is '
            'required.\n',
            self.fails('update', 'web'),
        )

    def test_an_error_is_a_line_on_stderr(self):
        self.assertEqual(
            "heat-spreader: There is no stack 'web'.\n",
            self.fails('show', 'web'),
        )
        self.add('web')
        for words, line in (
            (
                ('add', 'web', '--count=1', '--parameter=size'),
                "The project already has a stack named 'web'. (HTTP 409, ",
            ),
            (
                ('weight', 'set', 'web', 'nowhere', '--weight=1'),
                "There is no cloud 'nowhere'",
            ),
        ):
            output = self.fails(*words)
            self.assertTrue(
                output.startswith(f'heat-spreader: {line}'), output
            )
            self.assertEqual(1, len(output.splitlines()))

    def test_each_of_several_failures_is_reported(self):
        self.add('web')
        status, out, err = self.run_command('delete', 'a', 'web', 'b')

        self.assertEqual(1, status)
        self.assertIn('web: no longer managed; ', out)
        self.assertEqual(
            [
                "heat-spreader: Failed to delete the stack 'a': There is no "
                "stack 'a'.",
                "heat-spreader: Failed to delete the stack 'b': There is no "
                "stack 'b'.",
                'heat-spreader: 2 of 3 stacks failed to delete.',
            ],
            err.splitlines(),
        )
        self.assertEqual([], self.ask('list'))

    def test_invalid_commands_show_the_usage(self):
        for words in (
            (),
            ('lst',),
            ('weight', 'change'),
            ('add', 'web'),
            ('add', 'web', '--count=ten', '--parameter=size'),
            ('delete', 'web', '--yaml'),
            ('--loud', 'list'),
        ):
            output = self.fails(*words, status=2)
            self.assertTrue(output.startswith('usage: heat-spreader'), output)

    def test_an_unknown_command_or_option_is_answered_with_the_nearest(self):
        for words, line in (
            (('lst',), "unknown command 'lst'. Did you mean 'list'?"),
            (
                ('weight',),
                "unknown command 'weight'. Its commands: weight list, weight "
                'remove, weight set.',
            ),
            (('--debgu', 'list'), "'--debgu'. Did you mean '--debug'?"),
            (
                ('add', 'web', '--cuont=3', '--parameter=size'),
                "unknown option '--cuont'. Did you mean '--count'",
            ),
        ):
            self.assertIn(line, self.fails(*words, status=2))

    def test_an_unknown_name_is_answered_with_the_nearest(self):
        self.add('web', '--weight=east=1')

        for words, line in (
            (('show', 'wbe'), "no stack 'wbe'. Did you mean 'web'?"),
            (('cloud', 'show', 'esat'), "no cloud 'esat'. Did you mean 'east"),
            (('explain', 'web', 'esat'), "'esat'. Did you mean 'east'?"),
            (('list', '--cloud=esat'), "no cloud 'esat'. Did you mean 'east"),
        ):
            self.assertIn(line, self.fails(*words))

    def test_names_of_the_openstack_client_work_too(self):
        self.add('web', '--weight=east=1')

        for option, paused in ('--pause', True), ('--resume', False):
            self.says('stack', 'set', 'web', option)
            shown = json.loads(self.says('stack', 'show', 'web', '--json'))
            self.assertEqual(paused, shown['paused'])
        self.assertIn('usage: heat-spreader update', self.says('set', '-h'))

    def test_help_keeps_the_paragraphs_of_a_description(self):
        self.assertRegex(
            self.says('delete', '--help'),
            r'stay as they are\n\nIt asks for confirmation',
        )

    def test_help_lists_the_commands(self):
        output = self.says('--help')
        for name in ('run', *(each.name for each in commands.lazy())):
            self.assertRegex(output, rf'(?m)^  {name} +\S')

    def test_help_of_a_command_is_its_own(self):
        for words in (
            ('weight', 'set', '--help'),
            ('-h', 'weight', 'set'),
            ('weight', 'set', 'web', '-h'),
            ('help', 'weight', 'set'),
        ):
            output = self.says(*words)
            self.assertTrue(
                output.startswith('usage: heat-spreader weight set'), output
            )
            self.assertIn('<cloud>', output)

    def test_help_of_a_group_lists_its_commands(self):
        for words in (('weight', '--help'), ('help', 'weight')):
            self.assertEqual(
                'The commands of weight: weight list, weight remove, weight '
                'set.\n',
                self.says(*words),
            )

    def test_with_json_every_command_prints_json(self):
        self.add('web', '--weight=east=1')
        for words, printed in (
            (('version',), {'version': version.installed()}),
            (('export', 'web'), self.says('export', 'web')),
            (('completion', 'names', 'stacks'), 'web\n'),
            (('update', 'web', '--count=2'), {}),
            (('weight', 'set', 'web', 'east', '0.5'), {}),
            (('weight', 'remove', 'web', 'east'), {}),
            (('delete', 'web'), {}),
        ):
            result = self.run_command(*words, '--json')
            self.assertEqual(0, result.status)
            self.assertEqual(printed, json.loads(result.out), words)

    def test_version_is_an_option_too(self):
        self.assertEqual(
            f'heat-spreader {version.installed()}\n', self.says('--version')
        )

    def test_clouds_events_weights_and_engines_are_shown(self):
        self.add('web', '--weight=east=0.6')
        clouds = {row['Name']: row for row in self.ask('cloud', 'list')}
        self.assertEqual(1, clouds['east']['Stacks'])
        self.assertEqual('east', self.ask('cloud', 'show', 'east')['name'])
        (weight,) = self.ask('weight', 'list', 'web')
        self.assertEqual(('east', 0.6), (weight['Cloud'], weight['Weight']))
        (event,) = self.ask('event', 'list', 'web')
        self.assertEqual('STACK_CREATED', event['Kind'])
        (engine,) = self.ask('engine', 'list')
        self.assertEqual('host', engine['Host'])

    def test_weight_is_an_option_or_the_last_word(self):
        self.add('web', '--weight=east=1')
        self.says('weight', 'set', 'web', 'west', '--weight', '0')
        self.run_command('weight', 'set', 'web', 'east', '0')
        self.says('weight', 'set', 'web', 'west', '1')
        self.assertEqual(
            {'east': 0, 'west': 1}, self.ask('show', 'web')['weights']
        )
        for words in ((), ('0.1', '--weight=0.2'), ('2',)):
            self.fails('weight', 'set', 'web', 'east', *words, status=2)

    def test_a_traceback_is_only_shown_with_debug(self):
        self.assertRaises(
            exceptions.CommandError, self.run_command, '--debug', 'show', 'a'
        )
