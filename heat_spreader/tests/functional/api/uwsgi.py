# SPDX-License-Identifier: Apache-2.0
"""The API under uWSGI, as the sample in etc/heat_spreader sets it up."""

import contextlib
import http.client
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys

import fixtures

TOP = pathlib.Path(__file__).parents[4]
SAMPLE = TOP / 'etc' / 'heat_spreader' / 'heat-spreader-api.uwsgi.ini'
PROGRAM = pathlib.Path(sys.executable).with_name('uwsgi')
ADDRESS = '127.0.0.1:8784'
TIMEOUT = 60


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path):
        super().__init__('localhost', timeout=TIMEOUT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Process(fixtures.Fixture):
    """uWSGI with the sample, but for the socket: one of its own.

    :param config_file: the configuration of the API
    """

    def __init__(self, config_file):
        super().__init__()
        self.config_file = config_file

    def _setUp(self):
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self._socket = self.directory / 'http'
        self._stats = self.directory / 'stats'
        self.process = subprocess.Popen(
            [
                PROGRAM,
                *('--ini', self._ini(), '--stats', self._stats),
                *('--binary-path', sys.executable),
            ],
            env={
                **os.environ,
                'OS_HEAT_SPREADER_CONFIG_FILES': str(self.config_file),
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.addCleanup(self._end)

    def _ini(self):
        sample = SAMPLE.read_text()
        if ADDRESS not in sample:
            raise AssertionError(f'{SAMPLE} does not listen on {ADDRESS}')
        path = self.directory / SAMPLE.name
        path.write_text(sample.replace(ADDRESS, str(self._socket)))
        return path

    def _end(self):
        self.process.kill()
        self.process.stderr.read()
        self.process.stderr.close()
        self.process.wait()

    def wait_for(self, pattern):
        """Wait until a line matches, from the last one that did on."""
        said = []
        for line in self.process.stderr:
            said.append(line)
            found = re.search(pattern, line)
            if found:
                return found
        raise AssertionError(f'It never said {pattern}: {"".join(said)}')

    def wait_for_workers(self):
        """Wait until it serves."""
        self.wait_for('Stats server enabled')

    def stop(self):
        """End it politely; the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.wait()

    def wait(self):
        """The exit status, once every process has ended."""
        # What they say ends with the last of them.
        self.process.stderr.read()
        return self.process.wait(TIMEOUT)

    def connect(self):
        """Give a client, which closes with the context."""
        return contextlib.closing(_Connection(self._socket))

    def request(self, method, path, body=None, **headers):
        """Send a request; the status and the body of the answer."""
        with self.connect() as connection:
            headers = {'Content-Type': 'application/json', **headers}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def workers(self):
        """What uWSGI tells of its workers: pid, requests, cores."""
        with socket.socket(socket.AF_UNIX) as asked:
            asked.settimeout(TIMEOUT)
            asked.connect(str(self._stats))
            with asked.makefile() as answer:
                return json.load(answer)['workers']

    def pids(self):
        """The processes of the workers."""
        return {worker['pid'] for worker in self.workers()}

    def wait_for_requests(self, number):
        """Wait until so many are being served; by worker, how many."""
        while True:
            busy = {
                worker['pid']: sum(
                    core['in_request'] for core in worker['cores']
                )
                for worker in self.workers()
            }
            if sum(busy.values()) == number:
                return busy
