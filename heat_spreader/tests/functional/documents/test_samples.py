# SPDX-License-Identifier: Apache-2.0
"""The samples of options and rules, made and judged by the real commands."""

import configparser
import pathlib
import re
import subprocess

import fixtures
import yaml
from oslotest import base

from heat_spreader import context
from heat_spreader import policies
from heat_spreader.conf import opts
from heat_spreader.tests import process

TOP = pathlib.Path(__file__).parents[4]
GENERATORS = TOP / 'etc' / 'heat_spreader'
OPTION = r'#([\w-]+) =(.*)'


class SamplesTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def run_program(self, program, *args, code=0, **environ):
        """Return its output and errors; check its exit code."""
        done = process.run(
            *(process.SCRIPTS / program, *args),
            # No configuration of this machine, and no policy.
            env=process.environ(HOME=str(self.directory), **environ),
            stderr=subprocess.STDOUT,
        )
        self.assertEqual(code, done.returncode, done.stdout)
        return done.stdout

    def generate(self, program, generator):
        path = self.directory / 'sample'
        self.run_program(
            program,
            *('--config-file', GENERATORS / generator, '--output-file', path),
        )
        return path


class TestConfiguration(SamplesTestCase):
    def setUp(self):
        super().setUp()
        self.path = self.generate(
            'oslo-config-generator', 'config-generator.conf'
        )
        self.sample = self.path.read_text()

    def explained(self):
        """Return the comment above each option, by its group and its name."""
        found, group, comment = {}, None, ''
        for line in self.sample.splitlines():
            section = re.fullmatch(r'\[(\w+)\]', line)
            option = re.fullmatch(OPTION, line)
            if section:
                group = section[1]
            elif option:
                found[group, option[1]] = comment
            comment = comment + line[1:] if line.startswith('# ') else ''
        return found

    def uncommented(self):
        """The sample with every option that has a default set to it."""
        path = self.directory / 'uncommented.conf'
        lines = [
            re.sub(f'^{OPTION}$', r'\1 =\2', line)
            if not line.endswith(' = <None>')
            else line
            for line in self.sample.splitlines()
        ]
        path.write_text('\n'.join(lines) + '\n')
        return path

    def defaults(self):
        """The sample as oslo.config would read it with every default set."""
        parser = configparser.RawConfigParser(strict=False)
        parser.read_string(re.sub('(?m)^#(?! )', '', self.sample))
        return parser

    def validate(self, path, code=0):
        return self.run_program(
            'oslo-config-validator',
            *('--config-file', GENERATORS / 'config-generator.conf'),
            *('--input-file', path),
            code=code,
        )

    def test_every_option_is_there_with_its_help(self):
        explained = self.explained()

        for group, listed in opts.list_opts():
            for opt in listed:
                # Lines are broken at spaces, and at hyphens.
                comment = re.sub(r'\s', '', explained[group.lower(), opt.dest])
                self.assertIn(re.sub(r'\s', '', opt.help), comment)

    def test_sample_is_valid_unchanged_and_with_every_default_set(self):
        self.validate(self.path)
        self.validate(self.uncommented())

    def test_a_misspelled_option_is_invalid(self):
        path = self.uncommented()
        path.write_text(path.read_text() + '[engine]\nthreds = 3\n')

        self.assertIn('engine/threds', self.validate(path, code=1))

    def test_the_real_processes_accept_the_sample(self):
        # The default is where root may write.
        connection = f'sqlite:///{self.directory}/database'
        for path in (self.path, self.uncommented()):
            output = self.run_program(
                'heat-spreader-manage',
                *('--config-file', path, 'db', 'sync'),
                OS_DATABASE__CONNECTION=connection,
            )
            self.assertIn('at revision', output)
            self.run_program(
                'python',
                *('-c', 'import heat_spreader.wsgi.api'),
                OS_DATABASE__CONNECTION=connection,
                OS_HEAT_SPREADER_CONFIG_FILES=str(path),
            )

    def test_has_our_own_defaults_of_the_libraries(self):
        sample = self.defaults()
        self.assertEqual(
            context.LOG_FORMAT,
            sample['DEFAULT']['logging_context_format_string'],
        )
        self.assertIn('X-Auth-Token', sample['cors']['allow_headers'])
        self.assertEqual(
            'heat_spreader_database,heat_spreader_engine',
            sample['healthcheck']['backends'],
        )

    def test_has_the_options_of_reports_and_notifications(self):
        sample = self.defaults()
        self.assertIn('file_event_handler', sample['oslo_reports'])
        self.assertIn('driver', sample['oslo_messaging_notifications'])


class TestPolicy(SamplesTestCase):
    def setUp(self):
        super().setUp()
        self.path = self.generate(
            'oslopolicy-sample-generator', 'policy-generator.conf'
        )
        self.sample = self.path.read_text()

    def uncommented(self):
        path = self.directory / 'uncommented.yaml'
        path.write_text(re.sub('(?m)^#"', '"', self.sample))
        return path

    def oslopolicy(self, program, path, code=0):
        return self.run_program(
            f'oslopolicy-{program}',
            *('--namespace', 'heat_spreader'),
            code=code,
            OS_OSLO_POLICY__POLICY_FILE=str(path),
        )

    def test_every_rule_is_there_with_its_operations(self):
        for rule in policies.list_rules():
            before = self.sample.partition(f'\n#"{rule.name}": ')[0]
            comment = before.rpartition('\n\n')[2]
            words = ' '.join(comment.replace('#', '').split())
            self.assertIn(rule.description, words)
            for operation in rule.operations:
                self.assertIn(
                    f'# {operation["method"]}  {operation["path"]}', comment
                )

    def test_every_rule_is_there_with_its_default(self):
        self.assertIsNone(yaml.safe_load(self.sample))
        self.assertEqual(
            {rule.name: rule.check_str for rule in policies.list_rules()},
            yaml.safe_load(self.uncommented().read_text()),
        )

    def test_sample_is_valid_and_all_its_rules_are_redundant(self):
        self.oslopolicy('validator', self.path)
        self.oslopolicy('validator', self.uncommented())
        redundant = self.oslopolicy('list-redundant', self.uncommented())
        for rule in policies.list_rules():
            self.assertIn(f'"{rule.name}":', redundant)

    def test_a_rule_that_is_changed_is_not_redundant(self):
        path = self.directory / 'changed.yaml'
        path.write_text('"multicloud:stacks:list": "role:auditor"\n')

        self.oslopolicy('validator', path)
        self.assertNotIn(
            'stacks:list', self.oslopolicy('list-redundant', path)
        )

    def test_a_rule_that_refers_to_an_unknown_rule_is_invalid(self):
        path = self.directory / 'unknown.yaml'
        path.write_text('"multicloud:stacks:list": "rule:nobody"\n')

        output = self.oslopolicy('validator', path, code=1)
        self.assertIn("['multicloud:stacks:list'] reference a rule", output)
