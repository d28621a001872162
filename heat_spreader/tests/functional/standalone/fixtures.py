# SPDX-License-Identifier: Apache-2.0
"""``heat-spreader run`` as a real process, on emulated clouds."""

import pathlib
import signal

import fixtures
import yaml

from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import cloud

PROGRAM = process.SCRIPTS / 'heat-spreader'
CLOUDS = ('athens', 'berlin', 'cairo')
# What each half logs when it is ready, after its process id.
API = r'(\d+) INFO heat_spreader\.cmd\.api .*Listening on (http://\S+)'
ENGINE = r'(\d+) INFO heat_spreader\.engine\.service .*Clouds: (.*)\.'


class Place(fixtures.Fixture):
    """A directory with a heat-spreader.yaml and a free port to listen on."""

    def _setUp(self):
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.directory / 'heat-spreader.yaml'
        self.clouds_yaml = self.directory / 'clouds.yaml'
        self.database = self.directory / 'data' / 'spreader.sqlite'
        self.port = self.useFixture(process.Port()).number

    def write(self, **content):
        """Write the file; what is not given is valid."""
        content = {
            'backend': {'type': 'sqlite', 'database': str(self.database)},
            'clouds': list(CLOUDS),
            'server': {'port': self.port},
            **content,
        }
        self.file.write_text(yaml.safe_dump(content))

    def config_file(self, name='more.conf', **groups):
        """Write a configuration file of oslo.config; return its path."""
        return process.write_config(self.directory / name, groups)

    def run(self, *words, **variables):
        """Run heat-spreader to its end, in the directory."""
        return process.run(
            PROGRAM, *words, cwd=self.directory, env=self.environ(**variables)
        )

    def environ(self, **variables):
        return process.environ(
            HEAT_SPREADER_CONFIG_FILE=str(self.file), **variables
        )


class Service(Place):
    """Three clouds, and the service to start, to stop and to kill."""

    def _setUp(self):
        super()._setUp()
        self.clouds = {name: cloud.EmulatedCloud(name) for name in CLOUDS}
        for each in self.clouds.values():
            each.start()
            self.addCleanup(each.stop)
            each.add_stack('web', 1)
        cloud.write_clouds_yaml(self.clouds_yaml, *self.clouds.values())
        self.write()

    def start(self, *words, **variables):
        """Start it and do not wait until it is ready."""
        with open(self.directory / 'stderr', 'ab') as errors:
            self.process = self.useFixture(
                process.Process(
                    [PROGRAM, 'run', *words],
                    cwd=self.directory,
                    env=self.environ(**variables),
                    stderr=errors,
                )
            )
            self.process.start()

    def wait_for_halves(self):
        """Wait for both; return their process ids."""
        pids = {}
        while len(pids) < 2:
            found = self.process.wait_for(f'{API}|{ENGINE}')
            half = 'api' if found[1] else 'engine'
            pids[half] = int(found[1] or found[3])
        return pids['api'], pids['engine']

    def stop(self, number=signal.SIGTERM):
        """Send a signal to the parent; return its exit status."""
        return self.process.stop(number)

    def errors(self):
        """Return what it wrote on its standard error."""
        return (self.directory / 'stderr').read_text()
