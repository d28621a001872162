# SPDX-License-Identifier: Apache-2.0
"""``heat-spreader run`` as a real process, on emulated clouds."""

import os
import pathlib
import re
import signal
import subprocess
import sys

import fixtures
import yaml

from heat_spreader.tests.functional import fixtures as our_fixtures
from heat_spreader.tests.functional.emulator import cloud

PROGRAM = pathlib.Path(sys.executable).with_name('heat-spreader')
CLOUDS = ('athens', 'berlin', 'cairo')
# What each half logs when it is there, after its process id.
API = r'(\d+) INFO heat_spreader\.cmd\.api .*Listening on (http://\S+)'
ENGINE = r'(\d+) INFO heat_spreader\.engine\.service .*Clouds: (.*)\.'
TIMEOUT = 60


def environ(**variables):
    """The environment, without what would change a service or a client."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(('OS_', 'HEAT_SPREADER_'))
    }
    return kept | variables


class Place(fixtures.Fixture):
    """A directory with a heat-spreader.yaml and a free port to listen on."""

    def _setUp(self):
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.file = self.directory / 'heat-spreader.yaml'
        self.database = self.directory / 'data' / 'spreader.sqlite'
        self.port = self.useFixture(our_fixtures.Port()).number

    def write(self, **content):
        """Write the file; what is not given is right."""
        content = {
            'backend': {'type': 'sqlite', 'database': str(self.database)},
            'clouds': list(CLOUDS),
            'server': {'port': self.port},
            **content,
        }
        self.file.write_text(yaml.safe_dump(content))

    def config_file(self, name='more.conf', **groups):
        """Write a configuration file of oslo.config; its path."""
        path = self.directory / name
        lines = []
        for group, options in groups.items():
            lines.append(f'[{group}]')
            lines += [f'{key} = {value}' for key, value in options.items()]
        path.write_text('\n'.join(lines))
        return path

    def run(self, *words, **variables):
        """Run heat-spreader to its end."""
        return subprocess.run(
            [PROGRAM, *words],
            env=self.environ(**variables),
            capture_output=True,
            check=False,
            text=True,
            timeout=TIMEOUT,
        )

    def environ(self, **variables):
        return environ(HEAT_SPREADER_CONFIG_FILE=str(self.file), **variables)


class Service(Place):
    """Three clouds, and the service to start, to stop and to kill."""

    def _setUp(self):
        super()._setUp()
        self.clouds = {name: cloud.EmulatedCloud(name) for name in CLOUDS}
        for each in self.clouds.values():
            each.start()
            self.addCleanup(each.stop)
            each.add_stack('web', 1)
        cloud.write_clouds_yaml(
            self.directory / 'clouds.yaml', *self.clouds.values()
        )
        self.write()
        self.said = []
        self.process = None

    def start(self, *words, **variables):
        """Start it; what it says on stdout is read when it is waited for."""
        errors = self.directory / 'stderr'
        with open(errors, 'ab') as stderr:
            self.process = subprocess.Popen(
                [PROGRAM, 'run', *words],
                env=self.environ(**variables),
                process_group=0,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                text=True,
            )
        self.addCleanup(self._end, self.process)

    @staticmethod
    def _end(process):
        # The halves end by themselves, once the parent is gone.
        process.kill()
        process.stdout.read()
        process.stdout.close()
        process.wait()

    def wait_for(self, pattern):
        """Wait until a line matches, from the last one that did on."""
        for line in self.process.stdout:
            self.said.append(line.rstrip('\n'))
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f'It never said {pattern}: {self.output()}')

    def wait_for_halves(self):
        """Wait for both; their process ids."""
        pids = {}
        while len(pids) < 2:
            found = self.wait_for(f'{API}|{ENGINE}')
            half = 'api' if found[1] else 'engine'
            pids[half] = int(found[1] or found[3])
        return pids['api'], pids['engine']

    def stop(self, number=signal.SIGTERM):
        """Send a signal to the parent; its exit status."""
        self.process.send_signal(number)
        return self.finish()

    def finish(self):
        """Wait for the end of every process; the parent's exit status."""
        self.said += self.process.stdout.read().splitlines()
        return self.process.wait(TIMEOUT)

    def output(self):
        """All that it said."""
        errors = (self.directory / 'stderr').read_text()
        return '\n'.join([*self.said, errors])
