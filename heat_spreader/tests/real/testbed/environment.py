# SPDX-License-Identifier: Apache-2.0
"""The clouds' own virtual environment, apart from the project's.

Heat and Keystone want other versions of the shared libraries than we do.
"""

import pathlib
import platform
import sys

from heat_spreader.tests.real.testbed import cache

SCRIPTS = pathlib.Path(__file__).with_name('scripts')

REQUIREMENTS = ('openstack-heat', 'keystone', 'sqlalchemy<2.1', 'cheroot')


class Environment:
    """A virtual environment with Heat and Keystone in it."""

    # Heat loads every module there.
    plugins = SCRIPTS / 'plugins'

    def __init__(self):
        # With the interpreter's home: a venv does not survive its removal.
        key = cache.key(
            *REQUIREMENTS, platform.python_version(), sys.base_prefix
        )
        self.directory = cache.directory() / f'clouds-{key}'
        self._venv = self.directory / 'venv'

    def prepare(self, machine):
        """Make the environment unless an earlier run did."""
        cache.keep(self.directory, lambda _: self._install(machine))

    def command(self, name, *arguments):
        """Give the command line of a script that came with the packages."""
        return [self._venv / 'bin' / name, *arguments]

    def script(self, name, *arguments):
        """Give the command line of one of our own scripts."""
        # Without the PYTHONPATH and the user's packages of the outer python.
        return self.command('python', '-Es', SCRIPTS / name, *arguments)

    def data(self, *path):
        """Give the path of a file that came with the packages."""
        return self._venv.joinpath('etc', *path)

    def _install(self, machine):
        log = self.directory / 'install.log'
        machine.run('venv', [sys.executable, '-m', 'venv', self._venv], log)
        machine.run(
            'pip',
            self.command('python', '-m', 'pip', 'install', *REQUIREMENTS),
            log,
        )
