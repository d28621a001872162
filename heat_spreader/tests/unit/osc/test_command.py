# SPDX-License-Identifier: Apache-2.0
import re
from unittest import mock

from osc_lib import exceptions

from heat_spreader.osc import show
from heat_spreader.osc import weights
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures


class TestErrors(base.CommandTestCase):
    def fails(self, **answer):
        self.requests.get(fixtures.STACKS, **answer)
        exc = self.assertRaises(
            exceptions.CommandError,
            self.run_command,
            show.ShowStack,
            'web',
        )
        return str(exc)

    def test_the_message_of_the_service_is_the_error(self):
        self.assertEqual(
            'The cloud is odd. (HTTP 400, request req-1)',
            self.fails(**fixtures.error('The cloud is odd.')),
        )

    def test_an_answer_of_another_server_is_shown_unchanged(self):
        output = self.fails(status_code=502, text='<h1>Sorry</h1>')

        self.assertIn('502', output)
        self.assertIn(fixtures.STACKS, output)

    def test_an_unknown_name_is_reported(self):
        self.assertEqual(
            "There is no stack 'web'.", self.fails(json={'stacks': []})
        )


class TestWaiting(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.clock = self.useFixture(fixtures.Clock())
        self.requests.put(
            f'{fixtures.STACK}/weights/athens',
            json=fixtures.stack(generation=2),
        )

    def answers(self, *stacks):
        self.requests.get(
            fixtures.STACK,
            [{'json': fixtures.stack(**values)} for values in stacks],
        )

    def wait(self, *words):
        return self.run_command(
            weights.SetWeight, 'web', 'athens', '--weight=1', '--wait', *words
        )

    def test_without_the_option_the_command_does_not_wait(self):
        self.run_command(weights.SetWeight, 'web', 'athens', '--weight=1')

        self.assertEqual('PUT', self.service.last.method)

    def test_each_change_is_shown_once(self):
        moving = fixtures.member(count=3, ready=3, state='SCALING')
        seen = {'observed_generation': 2}
        self.answers(
            {},
            {**seen, 'status': 'SCALING', 'members': [moving]},
            {**seen, 'status': 'SCALING', 'members': [moving]},
            seen,
        )

        self.assertEqual(0, self.wait())

        self.assertEqual(
            [
                'web: the engine has not acted on the change yet',
                'web: SCALING, 0 of 1 members are at their targets; athens '
                '3/6, 3 ready',
                'web: ACTIVE, 2 of 2 members are at their targets',
            ],
            self.lines(),
        )

    def test_a_member_that_waits_says_why_and_others_are_counted(self):
        waiting = [
            fixtures.member(count=3, state='SCALING'),
            fixtures.member(
                'berlin', count=2, reason='berlin will shrink from 2 to 6.'
            ),
            fixtures.member('cairo'),
        ]
        seen = {'observed_generation': 2}
        self.answers({**seen, 'status': 'SCALING', 'members': waiting}, seen)

        self.wait()

        self.assertEqual(
            'web: SCALING, 1 of 3 members are at their targets; berlin will '
            'shrink from 2 to 6; 1 more wait',
            self.lines()[0],
        )

    def lines(self):
        """The progress, without the time that has passed."""
        text = re.sub(r'(?m) \(\d+s\)$', '', self.app.stderr.getvalue())
        return text.splitlines()

    def test_quiet_shows_no_progress(self):
        self.app.options.verbose_level = 0
        self.answers({'status': 'SCALING'}, {'observed_generation': 2})

        self.wait()

        self.assertEqual('', self.app.stderr.getvalue())

    def test_fails_with_the_reason_of_the_service(self):
        self.answers(
            {
                'observed_generation': 2,
                'status': 'ERROR',
                'status_reason': 'Athens is full.',
            }
        )

        self.assertRaisesRegex(
            exceptions.CommandError,
            "The stack 'web' is ERROR: Athens is full.",
            self.wait,
        )

    def test_fails_after_the_timeout(self):
        self.answers({'status': 'SCALING'})

        self.assertRaisesRegex(
            exceptions.CommandError,
            "'web' is not ready after 9 seconds",
            self.wait,
            '--timeout=9',
        )

    def test_an_interrupt_ends_only_the_waiting(self):
        self.answers({'status': 'SCALING'})
        self.clock.meanwhile = mock.Mock(side_effect=KeyboardInterrupt)

        self.assertRaises(KeyboardInterrupt, self.wait)
        self.assertIn(
            "Stopped waiting; the engine continues with the stack 'web'.",
            self.app.stderr.getvalue(),
        )
