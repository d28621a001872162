# SPDX-License-Identifier: Apache-2.0
"""The sample configuration, as oslo-config-generator writes it."""

import configparser
import pathlib

import fixtures
from oslotest import base

import heat_spreader
from heat_spreader import context
from heat_spreader.tests import process

TOP = pathlib.Path(heat_spreader.__file__).parents[1]


class TestSample(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        path = self.useFixture(fixtures.TempDir()).join('sample.conf')
        done = process.run(
            process.SCRIPTS / 'oslo-config-generator',
            f'--config-file={TOP}/etc/heat_spreader/config-generator.conf',
            f'--output-file={path}',
        )
        self.assertEqual(0, done.returncode, done.stderr)
        lines = pathlib.Path(path).read_text().splitlines()
        # What it says by default is behind a # without a space.
        text = '\n'.join(
            line.removeprefix('#')
            for line in lines
            if not line.startswith(('# ', '#  '))
        )
        self.sample = configparser.RawConfigParser(strict=False)
        self.sample.read_string(text)

    def test_has_our_own_defaults_of_the_libraries(self):
        self.assertEqual(
            context.LOG_FORMAT,
            self.sample['DEFAULT']['logging_context_format_string'],
        )
        self.assertIn('X-Auth-Token', self.sample['cors']['allow_headers'])
        self.assertEqual(
            'heat_spreader_database', self.sample['healthcheck']['backends']
        )

    def test_has_the_options_of_reports_and_notifications(self):
        self.assertIn('file_event_handler', self.sample['oslo_reports'])
        self.assertIn('driver', self.sample['oslo_messaging_notifications'])
