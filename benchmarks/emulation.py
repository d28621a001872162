# SPDX-License-Identifier: Apache-2.0
"""The emulated clouds as the benchmark sees them: a process and its control.

All times are those of CLOCK_MONOTONIC, which is one for all processes.
"""

import collections
import pathlib
import sys

import fixtures
import requests

from benchmarks import clouds
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import cloud as emulator

TOP = pathlib.Path(__file__).parents[1]


class Clouds(fixtures.Fixture):
    """Emulated clouds in a process of their own.

    :param names: one cloud each
    :param options: with latency, patch_latency and settle, in seconds
    """

    def __init__(self, names, options):
        super().__init__()
        self.names = names
        self.process = process.Process(
            [
                *(sys.executable, '-m', clouds.__name__),
                *('--latency', options.latency),
                *('--patch-latency', options.patch_latency),
                *('--settle', options.settle),
                *names,
            ],
            name='the emulated clouds',
            cwd=TOP,
        )

    def _setUp(self):
        self.useFixture(self.process)
        self.process.launch()
        found = self.process.wait_for(r'Ports: (\d+(?: \d+)*)')
        control, *self.ports = found[1].split()
        self._url = f'http://{clouds.HOST}:{control}'
        self._session = requests.Session()
        self._session.trust_env = False
        self.addCleanup(self._session.close)

    def write_clouds_yaml(self, path):
        """Write the clouds.yaml that leads to these clouds."""
        entries = {
            name: {
                'auth_type': 'v3password',
                'auth': self.auth(name),
                'region_name': clouds.REGION,
            }
            for name in self.names
        }
        emulator.write_entries(path, entries)

    def auth(self, name):
        """How to authenticate to a cloud, as in clouds.yaml."""
        port = self.ports[self.names.index(name)]
        return {
            'auth_url': f'http://{clouds.HOST}:{port}/identity/v3',
            'username': clouds.USER,
            'password': clouds.PASSWORD,
            'project_name': clouds.USER,
            'user_domain_name': 'Default',
            'project_domain_name': 'Default',
        }

    def fill(self, names, count):
        """Give every cloud new stacks, each with one count."""
        self._ask('POST', '/fill', {'names': names, 'count': count})

    def set_fault(self, cloud, fault):
        """Begin a fault, or end it: None; return when."""
        body = {'cloud': cloud, 'fault': fault}
        return self._ask('POST', '/fault', body)['at']

    def state(self):
        """Numbers of all clouds: see clouds.Control.state()."""
        return self._ask('GET', '/state')

    def requests(self):
        """How many requests of each kind each cloud has received.

        :raises AssertionError: if a stack was updated while it was busy
        """
        state = self.state()
        if state['violations']:
            raise AssertionError(
                f'{state["violations"]} updates of stacks that were busy'
            )
        return {
            name: collections.Counter(kinds)
            for name, kinds in state['requests'].items()
        }

    def total(self, *kinds, of=None):
        """How many requests of these kinds some clouds, or all, received."""
        found = self.requests()
        return sum(found[c][k] for c in of or self.names for k in kinds)

    def patches(self, since=0.0, of=None):
        """When each PATCH arrived after a time, in some clouds or in all."""
        found = self._ask('GET', '/patches')
        return sorted(
            at for c in of or self.names for at, _ in found[c] if at > since
        )

    def last_of_members(self, number, since, of=None):
        """When the last of members got its first PATCH after a time.

        :param number: of members that are expected to get one
        :returns: None as long as fewer have got one
        """
        if self.total('patch', of=of) < number:
            return None
        found = self._ask('GET', '/patches')
        first = {}
        for cloud in of or self.names:
            for at, stack in found[cloud]:
                if at > since:
                    first.setdefault((cloud, stack), at)
        return max(first.values()) if len(first) >= number else None

    def _ask(self, method, path, body=None):
        answer = self._session.request(
            method, self._url + path, json=body, timeout=process.TIMEOUT
        )
        answer.raise_for_status()
        return answer.json()
