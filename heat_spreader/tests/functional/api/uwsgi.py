# SPDX-License-Identifier: Apache-2.0
"""The API under uWSGI, as the sample in etc/heat_spreader sets it up."""

import contextlib
import http.client
import json
import pathlib
import socket
import sys

from heat_spreader.tests import process

TOP = pathlib.Path(__file__).parents[4]
SAMPLE = TOP / 'etc' / 'heat_spreader' / 'heat-spreader-api.uwsgi.ini'
ADDRESS = '127.0.0.1:8784'


class _Connection(http.client.HTTPConnection):
    """HTTP over a socket of this machine."""

    def __init__(self, path):
        super().__init__('localhost', timeout=process.TIMEOUT)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))


class Uwsgi(process.Process):
    """uWSGI with the sample, but for the socket: one of its own.

    :param config_file: the configuration of the API
    """

    def __init__(self, directory, config_file):
        self._socket = directory / 'http'
        self._stats = directory / 'stats'
        super().__init__(
            [
                process.SCRIPTS / 'uwsgi',
                *('--ini', self._ini(directory), '--stats', self._stats),
                *('--binary-path', sys.executable),
            ],
            directory / 'uwsgi.log',
            env=process.environ(OS_HEAT_SPREADER_CONFIG_FILES=config_file),
        )

    def _ini(self, directory):
        sample = SAMPLE.read_text()
        if ADDRESS not in sample:
            raise AssertionError(f'{SAMPLE} does not listen on {ADDRESS}')
        path = directory / SAMPLE.name
        path.write_text(sample.replace(ADDRESS, str(self._socket)))
        return path

    def wait_for_workers(self):
        """Wait until it serves."""
        self.wait_for('Stats server enabled')

    def connect(self):
        """Return a client, which closes with the context."""
        return contextlib.closing(_Connection(self._socket))

    def request(self, method, path, body=None, **headers):
        """Send a request; return the status and the body of the answer."""
        with self.connect() as connection:
            headers = {'Content-Type': 'application/json', **headers}
            connection.request(method, path, body, headers)
            answer = connection.getresponse()
            return answer.status, answer.read()

    def workers(self):
        """Return what uWSGI reports of its workers: pid, requests, cores."""
        with socket.socket(socket.AF_UNIX) as stats:
            stats.settimeout(process.TIMEOUT)
            stats.connect(str(self._stats))
            with stats.makefile() as answer:
                return json.load(answer)['workers']

    def pids(self):
        """Return the process ids of the workers."""
        return {worker['pid'] for worker in self.workers()}

    def wait_for_requests(self, number):
        """Wait until that many are being served; return how many by worker."""

        def busy():
            found = {
                worker['pid']: sum(
                    core['in_request'] for core in worker['cores']
                )
                for worker in self.workers()
            }
            return found if sum(found.values()) == number else None

        return process.wait_until(busy, self.log_tail)
