# SPDX-License-Identifier: Apache-2.0
"""The unified limits of a real Keystone."""

import pathlib

import fixtures

from heat_spreader.tests.real import base
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import service

STACKS = 'multicloud_stacks'


class TestUnifiedLimits(base.RealTestCase):
    """An API of its own, which takes its limits from Keystone."""

    counts = (None, None, None)

    def setUp(self):
        super().setUp()
        limited = service.HeatSpreader(
            self.bed,
            pathlib.Path(self.useFixture(fixtures.TempDir()).path),
            api={'unified_limits': True},
            oslo_limit={
                'endpoint_service_type': 'multicloud',
                'endpoint_service_name': 'heat-spreader',
                'endpoint_region_name': accounts.REGION,
                'auth_type': 'password',
                **accounts.MULTICLOUD.auth(self.bed.home.auth_url),
            },
        )
        limited.create_tables()
        self.addCleanup(limited.api.stop)
        limited.api.start()
        self.url = f'{limited.url}/v1/stacks'
        self.identity = self.bed.connection('admin').identity
        self.of_service = {
            'service_id': self.identity.find_service('heat-spreader').id,
            'region_id': accounts.REGION,
            'resource_name': STACKS,
        }

    def create(self, user, name):
        """Create a stack; return the status, and what an error says."""
        body = {'name': name, 'count': 1, 'count_parameter': 'count'}
        session = self.bed.connection(user).session
        answer = session.post(self.url, json=body, raise_exc=False)
        errors = answer.json().get('errors', [{}])
        return answer.status_code, errors[0].get('detail', '')

    def test_registered_limit_holds_unless_the_project_has_its_own(self):
        status, detail = self.create('alice', 'a')
        self.assertEqual(403, status, detail)
        self.assertIn('its limit is 0', detail)

        registered = self.identity.create_registered_limit(
            default_limit=1, **self.of_service
        )
        self.addCleanup(self.identity.delete_registered_limit, registered)
        project = self.identity.find_project(accounts.BOB.project)
        own = self.identity.create_limit(
            project_id=project.id, resource_limit=2, **self.of_service
        )
        self.addCleanup(self.identity.delete_limit, own)

        for user, limit in (('alice', 1), ('bob', 2)):
            for number in range(limit):
                status, detail = self.create(user, f's{number}')
                self.assertEqual(201, status, detail)
            status, detail = self.create(user, 'one-more')
            self.assertEqual(403, status, detail)
            self.assertIn(f'{limit} stacks, and its limit is {limit}', detail)
