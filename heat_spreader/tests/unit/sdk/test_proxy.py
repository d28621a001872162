# SPDX-License-Identifier: Apache-2.0
import requests
from openstack import exceptions
from oslotest import base

from heat_spreader.tests.unit.sdk import fixtures


class TestErrors(base.BaseTestCase):
    def refuse(self, **answer):
        service = self.useFixture(fixtures.Service())
        service.requests.get(fixtures.STACK, **answer)
        return self.assertRaises(
            exceptions.HttpException,
            service.client.get_stack,
            fixtures.STACK_ID,
        )

    def test_the_details_are_the_message_of_the_service(self):
        exc = self.refuse(**fixtures.error('The count is odd.'))

        self.assertEqual('The count is odd.', exc.details)
        self.assertIn('The count is odd.', str(exc))
        self.assertEqual('req-1', exc.request_id)

    def test_the_class_follows_the_status(self):
        for status, error in (
            (400, exceptions.BadRequestException),
            (403, exceptions.ForbiddenException),
            (404, exceptions.NotFoundException),
            (409, exceptions.ConflictException),
            (500, exceptions.HttpException),
        ):
            exc = self.refuse(**fixtures.error('No.', status))

            self.assertIsInstance(exc, error)

    def test_the_body_of_another_server_is_not_interpreted(self):
        for text in ('Bad <gateway', '[]', '{"errors": []}', '{"errors": 3}'):
            exc = self.refuse(status_code=502, text=text, reason='Bad Gateway')

            self.assertIn('Bad Gateway', str(exc))


class TestWaiting(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())
        self.service.requests.get(fixtures.STACK, json=fixtures.stack())
        self.stack = self.service.client.get_stack(fixtures.STACK_ID)
        self.clock = self.useFixture(fixtures.Clock())

    def answers(self, *stacks):
        self.service.requests.get(
            fixtures.STACK,
            [{'json': fixtures.stack(**values)} for values in stacks],
        )

    def wait(self, **options):
        return self.service.client.wait_for_stack(self.stack, **options)

    def test_returns_the_stack_of_the_last_read(self):
        self.answers({'observed_generation': 0}, {'status_reason': 'Done.'})

        self.assertEqual('Done.', self.wait().status_reason)

    def test_sleeps_between_the_reads_and_not_after_the_last(self):
        self.answers({'status': 'SCALING'}, {'status': 'SCALING'}, {})

        self.wait(interval=3)

        self.assertEqual([3.0, 3.0], self.clock.slept)

    def test_calls_the_callback_after_every_read(self):
        self.answers({'status': 'SCALING'}, {'status': 'ACTIVE'})
        seen = []

        self.wait(callback=lambda stack: seen.append(stack.status))

        self.assertEqual(['SCALING', 'ACTIVE'], seen)

    def test_stack_may_be_an_id(self):
        self.answers(
            {'generation': 2}, {'generation': 2, 'observed_generation': 2}
        )
        self.stack = fixtures.STACK_ID

        self.assertEqual(2, self.wait().observed_generation)

    def test_waits_for_the_generation_that_is_asked_for(self):
        self.answers({'observed_generation': 2}, {'observed_generation': 3})

        self.assertEqual(3, self.wait(generation=3).observed_generation)

    def test_fails_with_the_reason(self):
        self.answers({'status': 'ERROR', 'status_reason': 'Athens is full.'})

        self.assertRaisesRegex(
            exceptions.ResourceFailure,
            "The stack 'web' is ERROR: Athens is full.",
            self.wait,
        )

    def test_continues_through_a_restart_of_the_service(self):
        self.service.requests.get(
            fixtures.STACK,
            [
                {'exc': requests.ConnectionError},
                {'exc': requests.Timeout},
                fixtures.error('Not now.', 503),
                {'json': fixtures.stack()},
            ],
        )

        self.assertEqual('ACTIVE', self.wait().status)

    def test_fails_where_the_service_refuses(self):
        self.service.requests.get(fixtures.STACK, **fixtures.error('No.', 403))

        self.assertRaises(exceptions.ForbiddenException, self.wait)

    def test_gives_up_after_the_timeout(self):
        self.answers({'status': 'SCALING'})

        self.assertRaisesRegex(
            exceptions.ResourceTimeout,
            "'web' is not ready after 60 seconds",
            self.wait,
            wait=60,
        )
        self.assertEqual(60, self.clock.now)


class TestWaitingForReads(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())
        self.useFixture(fixtures.Clock())

    def wait(self, *reads, **options):
        """Wait, while the reads of the stack find these members."""
        self.service.requests.get(
            fixtures.STACK,
            [{'json': fixtures.stack(members=members)} for members in reads],
        )
        stack = self.service.client.get_stack(fixtures.STACK_ID)
        return self.service.client.wait_for_reads(stack, **options)

    def test_returns_when_no_member_is_unknown(self):
        seen = []
        unknown = fixtures.member('berlin', state='UNKNOWN')
        lost = fixtures.member('berlin', state='UNREACHABLE')

        found = self.wait(
            [unknown],
            [unknown],
            [fixtures.member(), lost],
            callback=lambda stack: seen.append(len(stack.members)),
        )

        self.assertEqual('UNREACHABLE', found.members[1]['state'])
        self.assertEqual([1, 2], seen)

    def test_the_timeout_has_the_reasons(self):
        unknown = fixtures.member(state='UNKNOWN', reason='Not read: 500.')

        for members, reason in (
            ([unknown], 'Not read: 500.'),
            (
                [fixtures.member(state='UNKNOWN')],
                "No engine has looked at the stack 'web' yet.",
            ),
        ):
            exc = self.assertRaises(
                exceptions.ResourceTimeout, self.wait, members, wait=5
            )
            self.assertEqual(
                f'Not every cloud was read within 5 seconds. {reason}',
                str(exc),
            )
