# SPDX-License-Identifier: Apache-2.0
"""The programs as real processes, with configuration files of their own."""

import configparser
import os
import pathlib
import re
import signal
import subprocess
import sys
import time

import fixtures


class Process(fixtures.Fixture):
    """A program; started, killed and started again by tests.

    :param groups: options by group, as they go into the file
    """

    program = None

    def __init__(self, directory, groups, name=None):
        super().__init__()
        name = name or self.program
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
        """Start the program and do not wait."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith('OS_')
        }
        with open(self.log, 'ab') as log:
            self._child = subprocess.Popen(
                [
                    pathlib.Path(sys.executable).with_name(self.program),
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
        """End it and its workers at once, as a power cut would."""
        if self._child is not None:
            os.killpg(self._child.pid, signal.SIGKILL)
            self._child.wait()
            self._child = None

    def stop(self):
        """End the program politely; return its exit status."""
        self._child.send_signal(signal.SIGTERM)
        return self.wait()

    def reload(self):
        """Send SIGHUP: the configuration is to be read again."""
        self._child.send_signal(signal.SIGHUP)

    def wait(self):
        """Wait for the end of the program; return its exit status."""
        status = self._child.wait()
        self._child = None
        return status


class EngineProcess(Process):
    program = 'heat-spreader-engine'


class ApiProcess(Process):
    program = 'heat-spreader-api'

    def port(self):
        """Wait until it listens; return the port."""
        while True:
            said = re.search(
                r'Listening on http://.*:(\d+)', self.log.read_text()
            )
            if said:
                return int(said[1])
            if self._child.poll() is not None:
                raise AssertionError(self.log.read_text())
            time.sleep(0.05)
