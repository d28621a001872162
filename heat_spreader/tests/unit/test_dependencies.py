# SPDX-License-Identifier: Apache-2.0
"""Each requirement is used, and the contributor guide has its reason."""

import ast
import importlib.metadata
import pathlib
import re
import tomllib

from oslotest import base

import heat_spreader

PACKAGE = pathlib.Path(heat_spreader.__file__).parent
TOP = PACKAGE.parent
GUIDE = TOP / 'doc/source/contributor/dependencies.rst'
# Its commands are extended, and nothing of it is imported.
EXTENDED = {'python-openstackclient'}


def name(text):
    """The name of a requirement, as packages are compared."""
    found = re.match(r'[\w.-]+', text)[0]
    return re.sub(r'[-_.]+', '-', found).lower()


def required(*files):
    return {
        name(line)
        for file in files
        for line in (TOP / file).read_text().splitlines()
        if line and not line.startswith('#')
    }


def extras():
    project = tomllib.loads((TOP / 'pyproject.toml').read_text())['project']
    found = project['optional-dependencies'].values()
    return {name(each) for some in found for each in some}


def imported():
    """The packages from which the code, but for its tests, imports."""
    modules = set()
    for path in PACKAGE.rglob('*.py'):
        if PACKAGE / 'tests' in path.parents:
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                modules.update(each.name for each in node.names)
            elif isinstance(node, ast.ImportFrom):
                modules.add(node.module)
    by_module = importlib.metadata.packages_distributions()
    return {
        name(package)
        for module in modules
        for package in by_module.get(module.partition('.')[0], ())
    }


class TestDependencies(base.BaseTestCase):
    def test_every_requirement_at_run_time_is_used(self):
        needed = required('requirements.txt')
        self.assertEqual(set(), needed - imported() - EXTENDED)

    def test_everything_that_is_imported_is_required(self):
        ours = {'heat-spreader'}
        known = required('requirements.txt') | extras() | ours
        self.assertEqual(set(), imported() - known)

    def test_guide_has_each_of_them_and_no_other(self):
        rows = re.findall(r'(?m)^   \* - (``.*)$', GUIDE.read_text())
        listed = [
            name(each) for row in rows for each in re.findall('``(.+?)``', row)
        ]
        needed = required(
            'requirements.txt', 'test-requirements.txt', 'doc/requirements.txt'
        )
        self.assertEqual(sorted(needed | extras()), sorted(listed))
