# SPDX-License-Identifier: Apache-2.0
"""Each requirement is used, and the contributor guide has its reason."""

import ast
import functools
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
OURS = {'heat-spreader'}
# What works without the extra of the server.
CLIENT = ('osc', 'sdk', 'standalone')


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


def extras(*names):
    """What these extras of the package need; without names, all extras."""
    project = tomllib.loads((TOP / 'pyproject.toml').read_text())['project']
    found = project['optional-dependencies']
    return {name(each) for extra in names or found for each in found[extra]}


def code(*parts):
    """The modules of these parts of the package, with what they import.

    That is what a parser finds, and not what runs: an import in a function
    counts too, but not that of the whole service by heat-spreader run.
    """
    paths = {path for part in parts for path in (PACKAGE / part).glob('*.py')}
    found = set()
    while paths:
        found |= paths
        paths = {
            path
            for module in modules(paths)
            for path in (
                TOP / f'{module.replace(".", "/")}.py',
                TOP / module.replace('.', '/') / '__init__.py',
            )
            if path.is_file()
        } - found
    return found


def all_code():
    return {
        path
        for path in PACKAGE.rglob('*.py')
        if PACKAGE / 'tests' not in path.parents
    }


@functools.cache
def names(path):
    """The modules, or names in modules, that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(each.name for each in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module)
            found.update(f'{node.module}.{each.name}' for each in node.names)
    return found


def modules(paths):
    return set().union(*map(names, paths))


@functools.cache
def packages():
    """The packages that each module of this environment is from."""
    return importlib.metadata.packages_distributions()


def imported(paths):
    """The packages from which the files import."""
    return {
        name(package)
        for module in modules(paths)
        for package in packages().get(module.partition('.')[0], ())
    }


class TestDependencies(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.client = required('requirements.txt')
        self.used_by_client = imported(code(*CLIENT))
        self.used = imported(all_code())

    def test_every_requirement_of_the_client_is_used_by_it(self):
        self.assertEqual(set(), self.client - self.used_by_client - EXTENDED)

    def test_everything_that_the_client_imports_is_required(self):
        self.assertEqual(set(), self.used_by_client - self.client - OURS)

    def test_every_requirement_of_the_server_is_used(self):
        self.assertEqual(set(), extras('server') - self.used)

    def test_everything_that_is_imported_is_required(self):
        known = self.client | extras()
        self.assertEqual(set(), self.used - known - OURS)

    def test_no_requirement_is_listed_twice(self):
        lists = [
            self.client,
            *map(extras, ('server', 'limits', 'mysql', 'postgresql')),
            required('test-requirements.txt'),
            required('doc/requirements.txt'),
        ]
        self.assertEqual(sum(map(len, lists)), len(set().union(*lists)))

    def test_guide_has_each_of_them_and_no_other(self):
        rows = re.findall(r'(?m)^   \* - (``.*)$', GUIDE.read_text())
        listed = [
            name(each) for row in rows for each in re.findall('``(.+?)``', row)
        ]
        needed = required(
            'requirements.txt', 'test-requirements.txt', 'doc/requirements.txt'
        )
        self.assertEqual(sorted(needed | extras()), sorted(listed))
