# SPDX-License-Identifier: Apache-2.0
"""Several real clouds at once, and the accounts of our own service."""

import os
import pathlib
import shutil
import tempfile

import yaml

from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import blueprint
from heat_spreader.tests.real.testbed import cloud
from heat_spreader.tests.real.testbed import environment
from heat_spreader.tests.real.testbed import machine

NAMES = ('athens', 'berlin', 'cairo')


class Testbed:
    """Clouds that exist while the context lasts.

    The first one is also the home: its Keystone knows our own service and
    the people who use it. What is given as directory is kept, logs and all;
    without one a temporary directory goes when the testbed goes.
    """

    def __init__(self, names=NAMES, directory=None):
        self._temporary = directory is None
        self.directory = pathlib.Path(
            directory or tempfile.mkdtemp(prefix='heat-spreader-testbed-')
        )
        self.clouds_yaml = self.directory / 'clouds.yaml'
        self.names = tuple(names)
        self.clouds = {}
        self.machine = machine.Machine()

    def __enter__(self):
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *exc_info):
        self.close()

    @property
    def home(self):
        """The cloud whose Keystone is also our own service's."""
        return self.clouds[self.names[0]]

    def start(self):
        """Make the clouds, start them together and wait for all."""
        _go_round_proxies()
        packages = environment.Environment()
        packages.prepare(self.machine)
        pattern = blueprint.Blueprint(packages)
        pattern.prepare(self.machine)
        self.directory.mkdir(parents=True, exist_ok=True)
        for name in self.names:
            self.clouds[name] = cloud.RealCloud(
                name, self.directory / name, self.machine, packages, pattern
            )
        self._write_clouds_yaml()
        for real_cloud in self.clouds.values():
            real_cloud.launch()
        for real_cloud in self.clouds.values():
            real_cloud.wait_until_ready()

    def close(self):
        """Stop the clouds and leave nothing of them."""
        for real_cloud in self.clouds.values():
            real_cloud.close()
        self.machine.close()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)

    def openrc(self, user):
        """Give the environment in which a user calls our own service."""
        auth = accounts.NAMED[user].auth(self.home.auth_url)
        return {
            'OS_AUTH_TYPE': 'password',
            'OS_IDENTITY_API_VERSION': '3',
            'OS_REGION_NAME': self.home.region,
            **{f'OS_{name.upper()}': value for name, value in auth.items()},
        }

    def connection(self, user, timeout=60):
        """Open a connection to the home cloud as one of its users."""
        return accounts.NAMED[user].connect(self.home.auth_url, timeout)

    def register_service(self, url):
        """Enter our own service in the home cloud's catalog."""
        with self.connection('admin') as connection:
            accounts.register_service(
                connection, 'multicloud', 'heat-spreader', url
            )

    def _write_clouds_yaml(self):
        entries = {
            name: real_cloud.clouds_yaml_entry()
            for name, real_cloud in self.clouds.items()
        }
        self.clouds_yaml.write_text(yaml.safe_dump({'clouds': entries}))


def _go_round_proxies():
    # Loopback addresses are not reached through a proxy.
    named = os.environ.get('no_proxy') or os.environ.get('NO_PROXY', '')
    if machine.ADDRESS not in named:
        os.environ['no_proxy'] = ','.join(
            filter(None, [named, machine.ADDRESS])
        )
