# SPDX-License-Identifier: Apache-2.0
"""A Cloud and the emulated cloud that it speaks to."""

import os

import fixtures
from oslotest import base

from heat_spreader.clouds import cloud
from heat_spreader.clouds import connection
from heat_spreader.tests.functional.emulator import cloud as emulated

FOR_EVER = 600
SHORT = 0.2


class CloudTestCase(base.BaseTestCase):
    connect_timeout = FOR_EVER
    read_timeout = FOR_EVER
    deadline = FOR_EVER

    def setUp(self):
        super().setUp()
        folder = self.useFixture(fixtures.TempDir()).path
        self.path = os.path.join(folder, 'clouds.yaml')
        self.remote = emulated.EmulatedCloud('east', update_seconds=None)
        self.addCleanup(self.remote.stop)
        self.remote.start()
        self.cloud = self.make_cloud()

    def make_cloud(self):
        emulated.write_clouds_yaml(self.path, self.remote)
        return cloud.Cloud('east', self.connect, self.deadline)

    def connect(self):
        return connection.connect(
            'east', [self.path], self.connect_timeout, self.read_timeout
        )

    def forget(self):
        """Forget the requests until now."""
        self.remote.requests.clear()

    def asked(self):
        return [(r.service, r.method) for r in self.remote.requests]
