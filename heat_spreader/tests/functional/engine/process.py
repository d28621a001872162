# SPDX-License-Identifier: Apache-2.0
"""The engine as a real process, with a configuration file of its own."""

import configparser
import os
import pathlib
import signal
import subprocess
import sys

import fixtures


class EngineProcess(fixtures.Fixture):
    """heat-spreader-engine; started, killed and started again by tests.

    :param groups: options by group, as they go into the file
    """

    def __init__(self, directory, groups, name='engine'):
        super().__init__()
        self.config_file = pathlib.Path(directory, f'{name}.conf')
        self.log = pathlib.Path(directory, f'{name}.log')
        self.groups = groups
        self._child = None

    def _setUp(self):
        parser = configparser.RawConfigParser()
        parser.read_dict(self.groups)
        with open(self.config_file, 'w', encoding='utf-8') as file:
            parser.write(file)
        self.addCleanup(self.kill)
        self.start()

    def start(self):
        """Start the engine and do not wait."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith('OS_')
        }
        with open(self.log, 'ab') as log:
            self._child = subprocess.Popen(
                [
                    pathlib.Path(sys.executable).with_name(
                        'heat-spreader-engine'
                    ),
                    '--config-file',
                    self.config_file,
                ],
                env=kept,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                process_group=0,
            )

    def kill(self):
        """End the engine and its worker at once, as a power cut would."""
        if self._child is not None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None

    def stop(self):
        """End the engine politely; return its exit status."""
        self._child.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        """Wait for the end of the engine; return its exit status."""
        status = self._child.wait()
        self._child = None
        return status
