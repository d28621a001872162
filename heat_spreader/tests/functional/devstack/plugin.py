# SPDX-License-Identifier: Apache-2.0
"""The DevStack plugin with a substitute for DevStack."""

import configparser
import os
import pathlib
import subprocess
import sys

import fixtures

import heat_spreader
from heat_spreader.tests import process

HERE = pathlib.Path(__file__).parent
DEVSTACK = pathlib.Path(heat_spreader.__file__).parents[1] / 'devstack'
STACK = (
    'stack pre-install',
    'stack install',
    'stack post-config',
    'stack extra',
    'stack test-config',
)
# What stack.sh, unstack.sh and clean.sh do with a plugin.
SCRIPT = """
    . "$LIBRARY"
    . "$DEVSTACK/settings"
    for phase in "$@"; do
        . "$DEVSTACK/plugin.sh" $phase
    done
"""
DATABASE_PASSWORD = 'database-secret'
# With characters that are special in YAML and bash.
ADMIN_PASSWORD = """it's "a" \\ $secret: #1"""
TIMEOUT = 120


class Plugin(fixtures.Fixture):
    """A directory for all that the plugin writes, and the variables it reads.

    :param variables: those that are not as in an ordinary local.conf
    """

    def __init__(self, **variables):
        super().__init__()
        self.variables = variables

    def _setUp(self):
        self.place = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.etc = self.place / 'etc' / 'heat-spreader'
        self.conf = self.etc / 'heat-spreader.conf'
        self.clouds = self.etc / 'clouds.yaml'
        self.uwsgi = self.etc / 'hs-api-uwsgi.ini'
        self.site = self.place / 'apache' / 'hs-api.conf'
        self.site.parent.mkdir()
        for program in ('heat-spreader-engine', 'heat-spreader-manage'):
            self.program(program, Plugin.real(program))
        for program in ('curl', 'mysql', 'uwsgi'):
            self.program(program)
        self.variables = self._ordinary() | self.variables

    def _ordinary(self):
        return {
            'ADMIN_PASSWORD': ADMIN_PASSWORD,
            'DATABASE_BACKENDS': 'mysql postgresql',
            'DATABASE_PASSWORD': DATABASE_PASSWORD,
            'DATABASE_URL': f'sqlite:///{self.place}/heat-spreader.sqlite',
            'DATABASE_USER': 'root',
            'DISABLED_SERVICES': '',
            'ENABLED_SERVICES': 'key,mysql,h-eng,h-api,h-api-cfn',
            'ENABLE_DEBUG_LOG_LEVEL': 'True',
            'HEAT_SPREADER_CONF_DIR': str(self.etc),
            'KEYSTONE_SERVICE_URI': 'http://192.0.2.1/identity',
            'MYSQL_HOST': '127.0.0.1',
            'REGION_NAME': 'RegionOne',
            'SERVICE_HOST': '192.0.2.1',
            'SERVICE_PROTOCOL': 'http',
            'SERVICE_TIMEOUT': '60',
            'SSL_BUNDLE_FILE': str(self.place / 'ca-bundle.pem'),
            'STACK_USER': str(os.getuid()),
            # Ours, and not DevStack's.
            'DEVSTACK': str(DEVSTACK),
            'LIBRARY': str(HERE / 'library.sh'),
            'PATH': f'{self.place}/bin:{os.environ["PATH"]}',
            'PLACE': str(self.place),
            'PYTHON': sys.executable,
        }

    @staticmethod
    def real(program):
        """Return the line of a script that runs a program of ours."""
        return f'exec "{process.SCRIPTS}/{program}" "$@"'

    def program(self, name, line=''):
        """Put a program on the PATH; its calls are written down, too."""
        path = self.place / 'bin' / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(
            '#!/bin/bash\n'
            f'(IFS=$\'\\t\'; echo "{name}$IFS$*" >> "{self.place}/calls")\n'
            f'{line}\n'
        )
        path.chmod(0o755)

    def run(self, *phases, trace=False):
        """Go through phases, in one shell: its exit status and its output."""
        (self.place / 'calls').unlink(missing_ok=True)
        return process.run(
            *('bash', *(['-x'] if trace else []), '-c', SCRIPT, '-', *phases),
            env=self.variables,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
        )

    @property
    def calls(self):
        """The calls of the last run: a list of arguments each."""
        try:
            lines = (self.place / 'calls').read_text().splitlines()
        except FileNotFoundError:
            return []
        return [line.split('\t') for line in lines]

    @property
    def refused(self):
        """What DevStack would have refused."""
        path = self.place / 'refused'
        return path.read_text() if path.exists() else ''

    def ini(self, path):
        """A configuration file: its sections as dictionaries."""
        parser = configparser.RawConfigParser(default_section=None)
        parser.read(path)
        return {name: dict(parser[name]) for name in parser.sections()}

    def files(self):
        """Every file that was written for the service, with its content."""
        found = [*self.etc.rglob('*'), *self.site.parent.iterdir()]
        return {path: path.read_text() for path in found if path.is_file()}
