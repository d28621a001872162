# SPDX-License-Identifier: Apache-2.0
"""The distribution: built, installed where nothing else is, and run."""

import importlib.metadata
import json
import os
import pathlib
import re
import shutil
import sys
import tarfile
import tempfile
import zipfile

from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional.documents import pages

TOP = pages.TOP
SAMPLES = TOP / 'etc' / 'heat_spreader'
NOT_COPIED = shutil.ignore_patterns(
    *('.tox*', '.stestr', '.venv', 'build', 'dist', '*.egg-info', '*.sample')
)
# Each is loaded in a process of its own, as it is by what looks it up: the
# engine must be the first in one to choose the backend of oslo.service.
LOAD = """
import importlib.metadata, os
found = importlib.metadata.distribution('heat-spreader').entry_points
for point in found:
    child = os.fork()
    if not child:
        print(point.group, point.name, callable(point.load()) , flush=True)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, point
print(len(found))
"""
# Every module of the packages that work without the server.
IMPORT_CLIENT = """
import importlib, pkgutil
for name in ('osc', 'sdk', 'standalone'):
    package = importlib.import_module(f'heat_spreader.{name}')
    for module in pkgutil.iter_modules(package.__path__):
        print(importlib.import_module(f'{package.__name__}.{module.name}'))
"""
# Libraries of the server that those of the client may need too.
SHARED = {'oslo.context', 'oslo.log', 'prettytable', 'requests', 'urllib3'}


def outside(**environ):
    """Return the environment without paths to this heat_spreader."""
    return {
        name: value
        for name, value in process.environ(**environ).items()
        if not name.startswith('PYTHON')
    }


def run(*args, cwd='/', **environ):
    """Return the output of a program, which must succeed.

    By default it runs where no heat_spreader can be imported but the installed
    one.
    """
    done = process.run(*args, env=outside(**environ), cwd=cwd, timeout=None)
    if done.returncode:
        raise AssertionError(f'{args}: {done.stdout}{done.stderr}')
    return done.stdout


class TestWheel(base.BaseTestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        place = tempfile.TemporaryDirectory()
        cls.addClassCleanup(place.cleanup)
        cls.place = pathlib.Path(place.name)
        source = cls.place / 'source'
        shutil.copytree(TOP, source, ignore=NOT_COPIED)
        cls.in_git = (source / '.git').exists()
        # The sdist is made from the source, and the wheel from the sdist;
        # pbr takes the content of an sdist only from git.
        run(
            *(sys.executable, '-m', 'build', '--outdir', cls.place),
            *([] if cls.in_git else ['--wheel']),
            source,
            **cls.version_without_git(),
        )
        (cls.wheel,) = cls.place.glob('*.whl')
        cls.version = cls.wheel.name.split('-')[1]
        cls.bin = cls.install_as_the_readme_says(source)
        cls.installed = run(cls.bin / 'heat-spreader', '--version')
        # The same again, but what is tested is the wheel.
        run(
            *(cls.bin / 'pip', 'install', '--quiet', '--no-deps'),
            *('--force-reinstall', cls.wheel),
        )
        client = cls.place / 'client'
        run(sys.executable, '-m', 'venv', client)
        run(client / 'bin' / 'pip', 'install', '--quiet', cls.wheel)
        cls.client_bin = client / 'bin'

    @classmethod
    def install_as_the_readme_says(cls, source):
        """Type the one line in the source; return where the programs are."""
        ((line,),) = pages.blocks('Install')
        run(
            *('sh', '-c', line),
            cwd=source,
            HOME=str(cls.place),
            PATH=f'{process.SCRIPTS}:{os.environ["PATH"]}',
            **cls.version_without_git(),
        )
        return cls.place / 'heat-spreader' / 'bin'

    @classmethod
    def version_without_git(cls):
        if cls.in_git or 'PBR_VERSION' in os.environ:
            return {}
        return {'PBR_VERSION': '0.0.1'}

    def run_program(self, program, *args, **environ):
        return run(self.bin / program, *args, **environ)

    def test_the_line_of_the_readme_installs_this_version(self):
        self.assertEqual(f'heat-spreader {self.version}\n', self.installed)

    def test_every_dependency_is_installed(self):
        self.assertIn(
            'No broken requirements', self.run_program('pip', 'check')
        )

    def test_every_entry_point_can_be_loaded(self):
        loaded = self.run_program('python', '-c', LOAD).splitlines()

        self.assertIn('console_scripts heat-spreader-engine True', loaded)
        self.assertGreater(int(loaded[-1]), 10)

    def test_every_program_shows_its_version(self):
        for program, *args in (
            ('heat-spreader', 'version'),
            ('heat-spreader-api', '--version'),
            ('heat-spreader-engine', '--version'),
            ('heat-spreader-manage', '--version'),
        ):
            self.assertIn(self.version, self.run_program(program, *args))

    def required(self, *extras):
        """The names of what the wheel requires, in addition for an extra."""
        (path,) = self.client_bin.parent.glob(
            'lib/python*/site-packages/heat_spreader-*.dist-info'
        )
        lines = importlib.metadata.Distribution.at(path).requires
        return {
            re.match(r'[\w.-]+', line)[0].lower().replace('_', '-')
            for line in lines
            if ''.join(re.findall(r'extra == .(\w+)', line)) in extras
        }

    def test_client_is_installed_without_the_libraries_of_the_server(self):
        listed = run(self.client_bin / 'pip', 'list', '--format', 'json')
        installed = {
            entry['name'].lower().replace('_', '-')
            for entry in json.loads(listed)
        }
        server = self.required('server')

        self.assertTrue(server)
        self.assertEqual(set(), self.required('') - installed)
        self.assertEqual(set(), (server & installed) - SHARED)

    def test_client_without_the_server_imports_all_of_its_modules(self):
        modules = run(self.client_bin / 'python', '-c', IMPORT_CLIENT)

        self.assertIn('heat_spreader.osc.stacks', modules)
        self.assertIn('heat_spreader.sdk.stack', modules)

    def test_client_without_the_server_shows_its_commands(self):
        for program, *args in (
            ('openstack', 'multicloud', 'stack', 'list', '--help'),
            ('heat-spreader', 'list', '--help'),
        ):
            shown = run(self.client_bin / program, *args)
            self.assertIn(' '.join((program, *args[:-1])), shown)
        self.assertRegex(
            run(self.client_bin / 'heat-spreader', '--help'),
            r'(?m)^ +run +.*server is not installed',
        )

    def test_program_of_the_server_reports_that_it_is_not_installed(self):
        for program, *args in (
            ('heat-spreader', 'run', '--port', '0'),
            ('heat-spreader-api',),
            ('heat-spreader-engine',),
            ('heat-spreader-manage', 'db', 'sync'),
            ('heat-spreader-status', 'upgrade', 'check'),
        ):
            done = process.run(
                self.client_bin / program, *args, env=outside(), cwd='/'
            )
            self.assertEqual((1, ''), (done.returncode, done.stdout))
            self.assertRegex(
                done.stderr,
                rf'\A{program}.*: the library \w+ is not installed\. .*'
                r"pip install 'heat-spreader\[server\]'\n\Z",
            )

    def test_the_wheel_has_the_migrations_and_the_samples(self):
        packed = set(zipfile.ZipFile(self.wheel).namelist())
        alembic = TOP / 'heat_spreader' / 'db' / 'alembic'
        needed = [
            *('env.py', 'script.py.mako'),
            *(
                f'versions/{path.name}'
                for path in alembic.glob('versions/*.py')
            ),
        ]
        for name in needed:
            self.assertIn(f'heat_spreader/db/alembic/{name}', packed)
        installed = self.bin.parent / 'share' / 'heat-spreader'
        for path in SAMPLES.iterdir():
            if path.suffix != '.sample':
                self.assertEqual(
                    path.read_text(), (installed / path.name).read_text()
                )

    def test_the_wheel_has_no_benchmarks(self):
        packed = zipfile.ZipFile(self.wheel).namelist()
        self.assertEqual(
            [], [name for name in packed if name.startswith('benchmarks/')]
        )

    def test_the_sdist_has_what_the_next_build_and_its_tests_need(self):
        if not self.in_git:
            self.skipTest('pbr packs what git knows, and there is no git here')
        (sdist,) = self.place.glob('*.tar.gz')
        with tarfile.open(sdist) as packed:
            names = {name.partition('/')[2] for name in packed.getnames()}
        for name in (
            *('LICENSE', 'README.rst', 'pyproject.toml', 'requirements.txt'),
            *('setup.cfg', 'setup.py', 'test-requirements.txt', 'tox.ini'),
            *('etc/heat_spreader/README', 'tools/test.sh'),
            'doc/source/index.rst',
        ):
            self.assertIn(name, names)

    def test_samples_of_options_and_rules_are_generated_from_the_wheel(self):
        installed = self.bin.parent / 'share' / 'heat-spreader'
        for program, generator, words in (
            ('oslo-config-generator', 'config', '#survey_interval = '),
            ('oslopolicy-sample-generator', 'policy', '#"multicloud:stacks:'),
        ):
            path = self.place / generator
            self.run_program(
                program,
                *('--config-file', installed / f'{generator}-generator.conf'),
                *('--output-file', path),
            )
            self.assertIn(words, path.read_text())

    def test_a_stack_is_stored_from_the_client_to_the_database(self):
        config_file = self.place / 'heat-spreader.conf'
        config_file.write_text(
            '[api]\nauth_strategy = noauth\nport = 0\n'
            f'[database]\nconnection = sqlite:///{self.place}/database\n'
        )
        args = ('--config-file', config_file)
        self.run_program('heat-spreader-manage', *args, 'db', 'sync')
        environ = {'OS_AUTH_TYPE': 'none', 'OS_ENDPOINT': self.serve(*args)}

        def openstack(*words):
            output = self.run_program(
                *('openstack', 'multicloud', 'stack', *words, '-f', 'json'),
                **environ,
            )
            return json.loads(output)

        self.assertEqual([], openstack('list'))
        openstack('create', 'web', '--count', '3', '--parameter', 'size')
        (listed,) = openstack('list')
        self.assertEqual('web', listed['Name'])

    def serve(self, *args):
        """Start the API until the test ends; where it listens."""
        api = self.useFixture(
            process.Process(
                [self.bin / 'heat-spreader-api', *args],
                env=outside(),
                cwd='/',
            )
        )
        api.start()
        return api.wait_for(r'Listening on (http://\S+)')[1]
