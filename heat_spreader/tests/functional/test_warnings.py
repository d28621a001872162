# SPDX-License-Identifier: Apache-2.0
"""What the programs print when they are loaded: nothing unless it is wrong."""

import importlib.metadata
import sys

from oslotest import base

from heat_spreader.tests import process


class TestWarnings(base.BaseTestCase):
    def test_no_program_warns_of_eventlet_or_anything_else(self):
        """Each module of a program is imported in one process of its own."""
        names = {
            entry.name
            for entry in importlib.metadata.entry_points(
                group='console_scripts'
            )
            if entry.module.startswith('heat_spreader.')
        }
        self.assertEqual(5, len(names))
        # What each of them imports, if the server is installed.
        modules = {
            f'heat_spreader.cmd.{name.removeprefix("heat-spreader-")}'
            for name in names - {'heat-spreader'}
        } | {'heat_spreader.cmd.standalone'}
        imports = ', '.join(sorted({*modules, 'heat_spreader.cmd.run'}))
        result = process.run(sys.executable, '-c', f'import {imports}')

        self.assertEqual(
            (0, '', ''), (result.returncode, result.stdout, result.stderr)
        )

    def test_variable_of_a_web_server_that_names_no_file_is_named(self):
        result = process.run(
            *(sys.executable, '-c', 'import heat_spreader.wsgi.api'),
            env=process.environ(OS_HEAT_SPREADER_CONFIG_FILES='/nowhere'),
        )

        self.assertIn(
            'OS_HEAT_SPREADER_CONFIG_FILES names files that cannot be used: '
            'Failed to find some config files: /nowhere',
            result.stderr,
        )
