# SPDX-License-Identifier: Apache-2.0
"""What is exported and applied, against the API as it is served."""

import pathlib

import fixtures
import yaml

from heat_spreader.tests.functional.osc import base

FILE = """\
name: web
count: 10
count_parameter: size
stack_name: web
weights:
  east: 0.6
  west: 0.4
members:
  east:
    min_count: 1
    max_count: 7
failover: proportional
failback: manual
paused: true
"""


class TestApply(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).path
        self.file = pathlib.Path(directory, 'stacks.yaml')

    def apply(self, text, *words):
        """Apply a file; return the exit status and the output."""
        self.file.write_text(text)
        result = self.shell.run(
            *('multicloud', 'stack', 'apply', '-f', str(self.file)), *words
        )
        return result.status, result.out or result.err

    def export(self, *words):
        return self.run_command('stack', 'export', *words)

    def test_what_is_applied_is_exported_and_applied_without_a_change(self):
        self.assertEqual(0, self.apply(FILE)[0])
        self.assertEqual(FILE, self.export('web'))
        before = self.ask('stack', 'show', 'web')

        for words in ([], ['--wait'], ['--dry-run']):
            self.assertEqual(
                (0, 'web: no difference\n'),
                self.apply(self.export('web'), *words),
            )
        self.assertEqual(before, self.ask('stack', 'show', 'web'))
        self.assertEqual(1, len(self.ask('event', 'list', 'web')))

    def test_file_restores_what_commands_have_changed(self):
        self.apply(FILE)
        self.create('api', '--stack-name=s')
        declared = self.export()
        for words in (
            ('set', 'web', '--count=3', '--resume', '--failover=even'),
            ('weight', 'unset', 'web', 'west'),
            ('weight', 'set', 'web', 'north', '0.2'),
            ('set', 'web', '--max=north=2', '--stack-name=site'),
            ('set', 'web', '--parameter=n', '--failback=auto'),
        ):
            self.run_command('stack', *words)
        self.run_command('stack', 'delete', 'api')

        status, differences = self.apply(declared, '--dry-run')
        self.assertEqual(2, status)
        self.assertEqual(
            (0, differences.replace('would be ', '')), self.apply(declared)
        )

        self.assertEqual(declared, self.export())
        self.assertIn('  count: 3 -> 10\n', differences)
        self.assertIn('  weight of north: 0.2 -> none\n', differences)
        self.assertIn('api: would be created\n', differences)

    def test_order_for_a_member_is_not_touched(self):
        self.apply(FILE)
        self.run_command('stack', 'weight', 'set', 'web', 'east', '--cordon')

        self.apply(FILE.replace('max_count: 7', 'max_count: 8'))

        east = self.ask('stack', 'show', 'web')['members'][0]
        self.assertEqual(
            (8, 'CORDONED'), (east['max_count'], east['admin_state'])
        )

    def test_nothing_is_changed_if_the_service_would_refuse_a_part(self):
        wrong = yaml.safe_load(FILE) | {'name': 'api', 'weights': {'x': 1}}
        wrong['members'] = {}

        status, error = self.apply(f'{FILE}---\n{yaml.safe_dump(wrong)}')

        self.assertEqual(1, status)
        self.assertIn(f'{self.file}, document 2, line 16: ', error)
        self.assertIn("'x'", error)
        self.assertEqual([], self.ask('stack', 'list'))
