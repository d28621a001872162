# SPDX-License-Identifier: Apache-2.0
import datetime
import re

from heat_spreader import context
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional.osc import base
from heat_spreader.tests.unit.sdk import fixtures

SCALING = 'web: SCALING, 0 of 1 members are at their targets'
ACTIVE = 'web: ACTIVE, 1 of 1 members are at their targets'


@session.writer
def report(ctx, **ago):
    """Let an engine have written a heartbeat."""
    time = models.utcnow() - datetime.timedelta(**ago)
    ctx.session.query(models.Engine).delete()
    ctx.session.add(
        models.Engine(
            id='e', host='h', version='1', started_at=time, heartbeat_at=time
        )
    )


@session.writer
def act(ctx, status, reason='', seen=True, **counts):
    """Leave the one stack there is as the engine would have left it."""
    stack = ctx.session.query(models.Stack).one()
    stack.status, stack.status_reason = status, reason
    if seen:
        stack.observed_generation = stack.generation
    for member in stack.members:
        member.target = 6
        member.count = member.ready = counts.get(member.cloud, member.count)


def progress(result):
    """The lines of progress, without the time that has passed."""
    return re.sub(r'(?m) \(\d+s\)$', '', result.err).splitlines()


class TestWaiting(base.ShellTestCase):
    """The engine takes its next step whenever the command goes to sleep."""

    def setUp(self):
        super().setUp()
        self.steps = []
        with context.for_engine() as ctx:
            report(ctx)
        self.clock = self.useFixture(fixtures.Clock(self.step))

    def step(self):
        step = self.steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        with context.for_engine() as ctx:
            act(ctx, **step)

    def wait(self, *words, steps):
        self.steps = list(steps)
        return self.shell.run('multicloud', *words, '--wait')

    def create_and_wait(self, *steps, weights=('--weight=east=1',)):
        return self.wait(
            *('stack', 'create', 'web', '--count=6', '--parameter=size'),
            *('-f', 'value', '-c', 'status', *weights),
            steps=steps,
        )

    def test_progress_and_result_are_shown(self):
        result = self.create_and_wait(
            {'status': 'SCALING', 'east': 2},
            {'status': 'SCALING', 'east': 2},
            {'status': 'SCALING', 'east': 4},
            {'status': 'ACTIVE', 'east': 6},
        )

        self.assertEqual((0, 'ACTIVE\n'), (result.status, result.out))
        self.assertEqual(
            [
                'web: the engine has not acted on the change yet',
                f'{SCALING}; east 2/6, 2 ready',
                f'{SCALING}; east 4/6, 4 ready',
                ACTIVE,
            ],
            progress(result),
        )

    def test_says_that_no_engine_works(self):
        with context.for_engine() as ctx:
            report(ctx, seconds=40)

        result = self.create_and_wait({'status': 'ACTIVE', 'east': 6})

        self.assertEqual(0, result.status)
        self.assertRegex(
            progress(result)[0], '^No engine has reported since .* nothing is'
        )

    def test_a_degraded_stack_is_accepted(self):
        result = self.create_and_wait(
            {'status': 'DEGRADED', 'reason': 'West is down.', 'east': 6}
        )

        self.assertEqual((0, 'DEGRADED\n'), (result.status, result.out))
        self.assertIn('web: DEGRADED, 1 of 1 members', result.err)

    def test_a_stack_without_weights_is_not_waited_for(self):
        result = self.create_and_wait(weights=())

        self.assertEqual((0, 'PENDING\n'), (result.status, result.out))

    def test_a_paused_stack_is_done_when_the_engine_has_observed_it(self):
        result = self.create_and_wait(
            {'status': 'PENDING', 'seen': False},
            {'status': 'PAUSED'},
            weights=('--weight=east=1', '--pause'),
        )

        self.assertEqual((0, 'PAUSED\n'), (result.status, result.out))

    def test_fails_with_the_reason_of_the_engine(self):
        for status in ('ERROR', 'FROZEN', 'PAUSED'):
            result = self.create_and_wait(
                {'status': status, 'reason': 'No room in east.'}
            )

            # The stack exists all the same.
            self.assertEqual((1, f'{status}\n'), (result.status, result.out))
            self.assertTrue(
                result.err.splitlines()[-1].startswith(
                    f"The stack 'web' is {status}: No room in east. It does "
                    'not end by itself. The stack exists now.'
                ),
                result.err,
            )
            self.run_command('stack', 'delete', 'web')

    def test_an_old_error_is_not_the_result_of_a_new_change(self):
        self.create('web', '--weight=east=1')
        with context.for_engine() as ctx:
            act(ctx, 'ERROR', 'Long ago.')

        result = self.wait(
            *('stack', 'set', 'web', '--count=6'),
            steps=[{'status': 'ACTIVE', 'east': 6}],
        )

        self.assertEqual((0, ''), (result.status, result.out))

    def test_a_weight_is_waited_for(self):
        self.create('web')

        result = self.wait(
            *('stack', 'weight', 'set', 'web', 'east', '--weight=1'),
            steps=[{'status': 'SCALING'}, {'status': 'ACTIVE', 'east': 6}],
        )

        self.assertEqual(0, result.status)
        self.assertEqual(ACTIVE, progress(result)[-1])

    def test_a_change_under_way_is_waited_for(self):
        self.create('web', '--weight=east=1')
        self.steps = [{'status': 'SCALING', 'east': 2}] * 2
        self.steps += [{'status': 'ACTIVE', 'east': 6}]

        result = self.shell.run('multicloud', 'stack', 'wait', 'web')

        self.assertEqual((0, ''), (result.status, result.out))
        self.assertEqual(
            [
                'web: the engine has not acted on the change yet',
                f'{SCALING}; east 2/6, 2 ready',
                ACTIVE,
            ],
            progress(result),
        )
        self.assertEqual(
            [ACTIVE],
            progress(self.shell.run('multicloud', 'stack', 'wait', 'web')),
        )

    def test_wait_has_a_timeout_and_fails_where_it_does_not_end(self):
        self.create('web', '--weight=east=1')
        for step, words, error in (
            ({'status': 'SCALING'}, ['--timeout=6'], 'is not ready after 6 '),
            ({'status': 'ERROR', 'reason': 'No.'}, [], 'is ERROR: No. It '),
        ):
            self.steps = [step] * 5
            result = self.shell.run(
                'multicloud', 'stack', 'wait', 'web', *words
            )

            self.assertEqual((1, ''), (result.status, result.out))
            self.assertIn(error, result.err.splitlines()[-1])

    def test_quiet_shows_only_the_result(self):
        self.shell.options = ('--quiet', *self.shell.options)

        result = self.create_and_wait({'status': 'ACTIVE', 'east': 6})

        self.assertEqual(
            (0, 'ACTIVE\n', ''), (result.status, result.out, result.err)
        )

    def test_gives_up_after_the_timeout(self):
        result = self.wait(
            *('stack', 'create', 'web', '--count=6', '--parameter=size'),
            *('--weight=east=1', '--timeout=60', '-f', 'value'),
            *('-c', 'status'),
            steps=[{'status': 'SCALING'}] * 30,
        )

        self.assertEqual((1, 'SCALING\n'), (result.status, result.out))
        self.assertIn("The stack 'web' is not ready after 60", result.err)

    def test_an_interrupt_ends_with_a_message(self):
        result = self.create_and_wait(KeyboardInterrupt())

        self.assertEqual((130, ''), (result.status, result.out))
        self.assertEqual(
            [
                'web: the engine has not acted on the change yet',
                "Stopped waiting; the engine continues with the stack 'web'.",
            ],
            progress(result),
        )

    def test_a_stack_that_is_deleted_meanwhile_is_reported(self):
        self.create('web')
        self.clock.meanwhile = lambda: self.run_command(
            'stack', 'delete', 'web'
        )

        result = self.wait(
            *('stack', 'weight', 'set', 'web', 'east', '--weight=1'), steps=[]
        )

        self.assertEqual(1, result.status)
        self.assertIn('There is no stack', result.err)
