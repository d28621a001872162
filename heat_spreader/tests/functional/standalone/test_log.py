# SPDX-License-Identifier: Apache-2.0
"""The log of the real service, by its variables."""

import json

from oslotest import base

from heat_spreader import version
from heat_spreader.tests import process
from heat_spreader.tests.functional.standalone import fixtures as our_fixtures

# Logs at DEBUG with every request to a cloud.
OTHERS = 'urllib3'


class TestLog(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(our_fixtures.Service())

    def run_until(self, pattern, **variables):
        """The lines of a service that ran until a line of its log came."""
        self.service.start(
            **{f'HEAT_SPREADER_LOG_{k}': v for k, v in variables.items()}
        )
        self.service.process.wait_for(pattern)
        self.assertEqual(0, self.service.stop())
        return self.service.process.text().splitlines()

    def entries(self, lines):
        return [json.loads(line) for line in lines]

    def loggers(self, entries):
        return {entry['name'].partition('.')[0] for entry in entries}

    def test_without_variables_plain_lines_at_info_are_logged(self):
        """No library has lines of its own for a survey that fails."""
        self.service.clouds['cairo'].stop()
        lines = self.run_until('The cloud cairo is UNKNOWN')

        for line in lines:
            self.assertRegex(
                line,
                r'^\d{4}-\d\d-\d\d .* \d+ (INFO|WARNING) '
                r'(heat_spreader|cotyledon)\.',
            )

    def test_json_lines_can_be_logged(self):
        lines = self.run_until('The cloud athens is UP', JSON='true')
        entries = self.entries(lines)

        self.assertEqual({'heat_spreader', 'cotyledon'}, self.loggers(entries))
        self.assertEqual({'INFO'}, {entry['levelname'] for entry in entries})
        output = [entry['message'] for entry in entries]
        self.assertIn(f'Read {self.service.file}.', output)
        self.assertIn(
            f'Clouds: athens, berlin, cairo in {self.service.clouds_yaml}.',
            output,
        )
        self.assertEqual(3, len({entry['process'] for entry in entries}))
        self.assertEqual(
            {('heat-spreader', version.installed())},
            {(e['extra']['project'], e['extra']['version']) for e in entries},
        )
        for entry in entries:
            self.assertRegex(entry['asctime'], r'T[\d:.]{12}[+-]\d\d:\d\d$')
        up = next(
            e for e in entries if 'The cloud athens is UP' in e['message']
        )
        self.assertEqual('athens', up['context']['cloud'])
        self.assertRegex(up['context']['request_id'], '^req-')

    def test_a_higher_level_leaves_lower_levels_out(self):
        self.service.clouds['cairo'].stop()
        entries = self.entries(
            self.run_until(
                'The cloud cairo is UNKNOWN', JSON='1', LEVEL='warning'
            )
        )

        self.assertEqual(
            {'WARNING'}, {entry['levelname'] for entry in entries}
        )

    def test_debug_applies_only_to_our_own_logs(self):
        entries = self.entries(
            self.run_until('The cloud athens is UP', JSON='1', LEVEL='debug')
        )

        loud = [e for e in entries if e['levelname'] in ('DEBUG', 'INFO')]
        self.assertIn('DEBUG', {entry['levelname'] for entry in loud})
        self.assertEqual({'heat_spreader', 'cotyledon'}, self.loggers(loud))

    def test_verbose_applies_to_all_logs_and_shows_no_password(self):
        lines = self.run_until(
            'The cloud athens is UP',
            JSON='1',
            LEVEL='debug',
            VERBOSE='yes',
        )
        entries = self.entries(lines)

        debug = [e for e in entries if e['levelname'] == 'DEBUG']
        self.assertIn(OTHERS, self.loggers(debug))
        password = self.service.clouds['athens'].password
        self.assertNotIn(f'"{password}"', '\n'.join(lines))
        self.assertNotIn(f"'{password}'", '\n'.join(lines))

    def test_a_log_file_replaces_the_standard_output(self):
        path = self.service.directory / 'spreader.log'
        self.service.start(HEAT_SPREADER_LOG_FILE=str(path))
        process.wait_until(
            lambda: path.exists() and 'is UP' in path.read_text(),
            self.service.errors,
        )
        self.assertEqual(0, self.service.stop())

        self.assertEqual('', self.service.process.text())
        output = path.read_text()
        self.assertIn('Listening on ', output)
        self.assertIn('The engine has stopped.', output)
