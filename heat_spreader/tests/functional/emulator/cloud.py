# SPDX-License-Identifier: Apache-2.0
"""An emulated cloud: Keystone and Heat over real HTTP, with faults."""

import os
import time

import yaml

from heat_spreader.tests.functional.emulator import app
from heat_spreader.tests.functional.emulator import server
from heat_spreader.tests.functional.emulator import world


class EmulatedCloud(world.World):
    """A cloud on two loopback ports, to be used in a ``with`` statement.

    ``requests`` has every request that came, in order; ``observer(cloud,
    request)`` is called after each PATCH was acted on and before its answer,
    with no lock held. The stacks are those of the World it is.
    """

    def __init__(self, name, update_seconds=0.1, clock=time.time):
        super().__init__(clock, update_seconds)
        self.name = name
        self.requests = []
        self.observer = None
        self._keystone = app.Keystone()
        heat = app.Heat(self, self._keystone.tokens, self._patched)
        self._heat = heat
        record = self.requests.append
        self.keystone = server.Server('keystone', self._keystone, record)
        self.heat = server.Server('heat', heat, record)
        self._keystone.url = self.keystone.url
        self._keystone.heat_url = heat.url = self.heat.url

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *exc_info):
        self.stop()

    def start(self):
        """Answer; before this the cloud refuses connections."""
        self.keystone.start()
        self.heat.start()

    def stop(self):
        """End permanently; a cloud that returns is one with a fault."""
        self.keystone.stop()
        self.heat.stop()

    @property
    def fault(self):
        """The fault of Heat, and of Keystone too if set here."""
        return self.heat.fault

    @fault.setter
    def fault(self, fault):
        self.keystone.fault = fault
        self.heat.fault = fault

    @property
    def password(self):
        return self._keystone.password

    @password.setter
    def password(self, password):
        """Take only this password and forget all tokens."""
        self._keystone.password = password
        self.revoke_tokens()

    def revoke_tokens(self):
        """Let no token be valid any more."""
        self._keystone.tokens.clear()

    def set_limits(self, **absolute):
        """Have a Nova with these limits."""
        self._heat.limits = absolute
        if not self._keystone.has_nova:
            self._keystone.has_nova = True
            # A new token has the new catalog.
            self.revoke_tokens()

    def set_flavors(self, **sizes):
        """Have its Nova show these flavors: pairs of cores and MiB of RAM."""
        self._heat.flavors = sizes

    @property
    def patches(self):
        """The PATCH requests among the requests."""
        return [r for r in self.requests if r.method == 'PATCH']

    def clouds_yaml_entry(self):
        """Return the entry of the cloud in clouds.yaml."""
        return {
            'region_name': app.REGION,
            'auth': {
                'auth_url': f'{self.keystone.url}/v3',
                'username': app.USER,
                'password': self.password,
                'project_name': app.USER,
                'user_domain_name': 'Default',
                'project_domain_name': 'Default',
            },
        }

    def _patched(self, request):
        if self.observer:
            self.observer(self, request)


def write_clouds_yaml(path, *clouds):
    """Write a clouds.yaml with these clouds."""
    write_entries(path, {c.name: c.clouds_yaml_entry() for c in clouds})


def write_entries(path, entries):
    """Write a clouds.yaml with these entries."""
    with open(path, 'w', encoding='utf-8') as file:
        yaml.safe_dump({'clouds': entries}, file)
    # As an operator would: the engine warns of what everyone can read.
    os.chmod(path, 0o600)
