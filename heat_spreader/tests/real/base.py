# SPDX-License-Identifier: Apache-2.0
"""The real service on real clouds, shared by all tests of a process."""

import atexit
import concurrent.futures
import functools
import json
import threading

import yaml
from oslotest import base

from heat_spreader.sdk import multicloud
from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import proxy
from heat_spreader.tests.real.testbed import service
from heat_spreader.tests.real.testbed import testbed

POLL_INTERVAL = 0.3
TIMEOUT = 180


class Site:
    """The testbed, the service, and a proxy before the last cloud's Heat."""

    def __init__(self):
        self.bed = testbed.Testbed()
        atexit.register(self.bed.close)
        self.bed.start()
        self.last = list(self.bed.clouds.values())[-1]
        self.proxy = proxy.Proxy(self.last.heat.url)
        self.proxy.start()
        directory = self.bed.directory / 'heat-spreader'
        self.clouds_yaml = self.bed.directory / 'proxied.yaml'
        self.write_clouds_yaml()
        self.spreader = service.HeatSpreader(
            self.bed,
            directory,
            clouds={'config_files': self.clouds_yaml},
            # Tests lose clouds one right after the other, and two at once.
            health={'flap_window': 0, 'max_down_clouds': 0},
        )
        self.spreader.start()

    def write_clouds_yaml(self, auth_type='password', entry=None, **auth):
        """Write the engine's clouds.yaml.

        :param auth_type: of the last cloud
        :param entry: changes of its entry
        :param auth: changes of its password authentication, or all that
            another type needs
        """
        entries = {
            name: cloud.clouds_yaml_entry()
            for name, cloud in self.bed.clouds.items()
        }
        last = entries[self.last.name]
        if auth_type == 'password':
            auth = last['auth'] | auth
        last |= {'auth_type': auth_type, 'auth': auth}
        last['orchestration_endpoint_override'] = (
            f'{self.proxy.url}/v1/%(project_id)s'
        )
        last |= entry or {}
        self.clouds_yaml.write_text(yaml.safe_dump({'clouds': entries}))

    def restart_engine(self):
        """Kill the engine, and start one that knows no token."""
        self.spreader.engine.kill()
        self.spreader.engine.launch()


@functools.cache
def shared():
    """Return the site, made at the first call."""
    return Site()


class CommandFailed(Exception):
    """A command of the client ended with another status than 0."""


class RealTestCase(base.BaseTestCase):
    """Three clouds with a stack each, named after the test."""

    counts = (1, 1, 1)
    user = 'alice'

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Not in setUp(): what is made there is in the test's own temporary
        # directory, and goes with it.
        cls.site = shared()
        cls.bed, cls.spreader = cls.site.bed, cls.site.spreader
        cls.client = multicloud.connect(cls.bed.connection(cls.user))

    def setUp(self):
        super().setUp()
        self.clouds = list(self.bed.clouds.values())
        self.name = self._testMethodName.removeprefix('test_')[:60]
        self.create_stacks()

    def create_stacks(self):
        """Create the group stack in each cloud with a count."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            made = [
                pool.submit(cloud.create_stack, self.name, count)
                for cloud, count in zip(self.clouds, self.counts, strict=True)
                if count is not None
            ]
            for future in made:
                future.result()

    def openstack(self, *words, user=None):
        """Run a command of the real client; return what it wrote as JSON.

        :raises CommandFailed: if it ends with another status than 0
        """
        done = process.run(
            *(process.SCRIPTS / 'openstack', 'multicloud', *words),
            env=process.environ(**self.bed.openrc(user or self.user)),
            timeout=None,
        )
        if done.returncode:
            raise CommandFailed(done.stderr)
        try:
            return json.loads(done.stdout)
        except ValueError:
            return done.stdout

    def create(self, *weights, count=10, wait=True, **options):
        """Manage the stack, with weights in the order of the clouds."""
        options = {'count': count, 'parameter': 'count', **options}
        self.openstack(
            *('stack', 'create', self.name, '-f', 'json'),
            *(f'--{name}={value}' for name, value in options.items()),
            *self.weights(*weights),
            *(['--wait'] if wait else []),
        )
        self.addCleanup(self.delete)

    def delete(self):
        """Stop managing the stack, if a test did not."""
        if stack := self.client.find_stack(self.name, ignore_missing=True):
            self.client.delete_stack(stack)

    def weights(self, *weights):
        return [
            f'--weight={cloud.name}={weight}'
            for cloud, weight in zip(self.clouds, weights, strict=False)
        ]

    def set(self, *words):
        """Change the stack and wait until that is done."""
        self.openstack('stack', 'set', self.name, '--wait', *words)

    def show(self):
        """Return the stack from the API; a shell each time would be slow."""
        return self.client.find_stack(self.name).to_dict()

    def reason(self, status):
        """Why the stack has a status; empty while it has another."""
        shown = self.show()
        return shown['status_reason'] if shown['status'] == status else ''

    def cloud_states(self):
        return {cloud.name: cloud.state for cloud in self.client.clouds()}

    def member(self, cloud):
        return {m['cloud']: m for m in self.show()['members']}[cloud]

    def counts_in_heat(self):
        return tuple(cloud.count(self.name) for cloud in self.clouds)

    def members_in_heat(self):
        return tuple(cloud.group_members(self.name) for cloud in self.clouds)

    def assert_in_heat(self, *counts):
        """Check the parameters and the instances of the groups."""
        self.assertEqual(counts, self.counts_in_heat())
        self.assertEqual(counts, self.members_in_heat())

    def wait_until(self, condition, what):
        """Wait until a condition holds."""
        process.wait_until(
            condition,
            lambda: f'never {what}: {self.show()}',
            TIMEOUT,
            POLL_INTERVAL,
        )

    def wait_for_status(self, *statuses):
        """Wait for one of the statuses for the current generation."""

        def is_there():
            shown = self.show()
            observed = shown['observed_generation'] == shown['generation']
            return observed and shown['status'] in statuses

        self.wait_until(is_there, f'in {statuses}')

    def patches(self):
        """Return the updates that the engine recorded, from and to."""
        stack = self.client.find_stack(self.name)
        return [
            (event.cloud, event.message)
            for event in self.client.events(stack, sort_dir='asc')
            if event.kind == 'MEMBER_PATCHED'
        ]


class Sampler(threading.Thread):
    """Counts ready instances again and again while a test runs."""

    def __init__(self, name, clouds):
        super().__init__(daemon=True)
        self.stack = name
        self.clouds = clouds
        self.samples = []
        self.stopped = threading.Event()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stopped.set()
        self.join()

    def run(self):
        while not self.stopped.is_set():
            self.samples.append(
                sum(cloud.group_members(self.stack) for cloud in self.clouds)
            )
            self.stopped.wait(POLL_INTERVAL)
