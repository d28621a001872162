# SPDX-License-Identifier: Apache-2.0
from openstack import exceptions
from oslotest import base

from heat_spreader.tests.unit.sdk import fixtures


class TestPreview(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())
        self.post = self.service.requests.post

    def test_change_of_a_stack_is_sent_to_its_url(self):
        self.post(f'{fixtures.STACK}/preview', json=fixtures.preview())

        preview = self.service.client.preview_stack(
            fixtures.STACK_ID, count=20, down=['cairo']
        )

        self.assertEqual(
            {'count': 20, 'down': ['cairo']}, self.service.last.json()
        )
        self.assertEqual(
            ('web', 'DEGRADED', 7),
            (preview.name, preview.status, preview.members[0]['target_then']),
        )

    def test_nothing_but_a_question_is_an_empty_body(self):
        self.post(f'{fixtures.STACK}/preview', json=fixtures.preview())

        self.service.client.preview_stack(fixtures.STACK_ID)

        self.assertEqual({}, self.service.last.json())

    def test_new_stack_has_no_id(self):
        self.post(
            f'{fixtures.STACKS}/preview', json=fixtures.preview(stack_id=None)
        )

        preview = self.service.client.preview_stack(name='web', count=10)

        self.assertIsNone(preview.stack_id)

    def test_refusal_is_an_error_with_the_message_of_the_service(self):
        self.post(
            f'{fixtures.STACK}/preview', **fixtures.error('No such cloud.')
        )

        exc = self.assertRaises(
            exceptions.BadRequestException,
            self.service.client.preview_stack,
            fixtures.STACK_ID,
        )

        self.assertEqual('No such cloud.', exc.details)
