# SPDX-License-Identifier: Apache-2.0
"""Tests of ``heat-spreader run`` as a process on emulated clouds."""

import json

from oslotest import base

from heat_spreader.tests.functional.standalone import fixtures


class RunTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())

    def ask(self, *words):
        """Return the output of a command, which must succeed."""
        result = self.service.run(*words)
        self.assertEqual((0, ''), (result.returncode, result.stderr))
        return result.stdout

    def counts(self):
        clouds = self.service.clouds.values()
        return [cloud.stack('web').count for cloud in clouds]

    def create(self):
        self.ask(
            *('add', 'web', '--count=10', '--parameter=count', '--wait', '-q'),
            *('--weight=athens=0.6', '--weight=berlin=0.4'),
        )

    def list(self):
        return json.loads(self.ask('list', '--json'))
