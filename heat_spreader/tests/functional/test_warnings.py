# SPDX-License-Identifier: Apache-2.0
"""What the programs print before they do anything: nothing."""

import importlib.metadata
import sys

from oslotest import base

from heat_spreader.tests import process


class TestWarnings(base.BaseTestCase):
    def test_no_program_warns_of_eventlet_or_anything_else(self):
        """Each module of a program is imported in one process of its own."""
        modules = {
            entry.module
            for entry in importlib.metadata.entry_points(
                group='console_scripts'
            )
            if entry.module.startswith('heat_spreader.')
        }
        self.assertEqual(5, len(modules))
        imports = ', '.join(sorted({*modules, 'heat_spreader.cmd.run'}))
        result = process.run(sys.executable, '-c', f'import {imports}')

        self.assertEqual(
            (0, '', ''), (result.returncode, result.stdout, result.stderr)
        )
