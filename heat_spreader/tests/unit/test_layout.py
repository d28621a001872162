# SPDX-License-Identifier: Apache-2.0
"""The promises of HACKING.rst that a program can check."""

import ast
import pathlib

from oslotest import base

import heat_spreader

SOURCE = pathlib.Path(heat_spreader.__file__).parent
BENCHMARKS = SOURCE.parent / 'benchmarks'
MODULES = sorted([*SOURCE.rglob('*.py'), *BENCHMARKS.rglob('*.py')])
LICENCE = '# SPDX-License-Identifier: Apache-2.0'
# Names for modules without one subject.
DRAWERS = {'common', 'helper', 'helpers', 'manager', 'util', 'utils'}
MAX_MODULE = 400
MAX_FUNCTION = 60


class TestModules(base.BaseTestCase):
    def assert_none(self, offenders):
        self.assertEqual([], [str(path) for path in offenders])

    def test_there_are_modules_to_check(self):
        self.assertIn(SOURCE / 'states.py', MODULES)
        self.assertIn(BENCHMARKS / 'clouds.py', MODULES)

    def test_init_modules_are_empty_and_all_others_name_the_licence(self):
        for path in MODULES:
            text = path.read_text()
            if path.name == '__init__.py':
                self.assertEqual('', text, path)
            else:
                self.assertEqual(LICENCE, text.partition('\n')[0], path)

    def test_no_module_is_too_long(self):
        self.assert_none(
            path
            for path in MODULES
            if len(path.read_text().splitlines()) > MAX_MODULE
        )

    def test_no_module_has_a_catch_all_name(self):
        self.assert_none(path for path in MODULES if path.stem in DRAWERS)


class TestFunctions(base.BaseTestCase):
    def test_no_function_is_too_long(self):
        functions = [
            (path, node)
            for path in MODULES
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        ]

        self.assertEqual(
            [],
            [
                f'{path}:{node.lineno} {node.name}'
                for path, node in functions
                if node.end_lineno - node.lineno >= MAX_FUNCTION
            ],
        )
