# SPDX-License-Identifier: Apache-2.0
from heat_spreader import context
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional.osc import base
from heat_spreader.tests.unit.sdk import fixtures

WORDS = ('stack', 'adopt', 'web', '--parameter=size')


@session.writer
def read(ctx, found):
    """Leave the members as an engine does that has read them.

    :param found: the count in each cloud, or a state and a reason
    """
    for member in ctx.session.query(models.Member):
        count = found.get(
            member.cloud, ('MISSING', f'None in {member.cloud}.')
        )
        member.state = 'OK'
        if isinstance(count, tuple):
            (member.state, member.reason), count = count, None
        else:
            member.heat_id = f'{member.cloud}-web'
            member.heat_status = 'CREATE_COMPLETE'
        member.read_at = models.utcnow()
        member.count = member.ready = member.settled_count = count


@session.reader
def rows(ctx):
    """How many stacks and events there are."""
    return [
        ctx.session.query(table).count()
        for table in (models.Stack, models.Member, models.Event)
    ]


class TestAdopt(base.ShellTestCase):
    """The engine reads the clouds whenever the command goes to sleep."""

    def setUp(self):
        super().setUp()
        self.found = {'east': 6, 'north': 0, 'west': 3}
        self.useFixture(fixtures.Clock(self.step))

    def step(self):
        if isinstance(self.found, BaseException):
            raise self.found
        with context.for_engine() as ctx:
            read(ctx, self.found)

    def adopt(self, *words):
        return self.shell.run('multicloud', *WORDS, *words)

    def assert_nothing_is_left(self):
        with context.for_engine() as ctx:
            self.assertEqual([0, 0, 0], rows(ctx))

    def test_dry_run_shows_the_total_and_the_weights_and_leaves_nothing(self):
        result = self.adopt('--dry-run')

        self.assertEqual(0, result.status)
        lines = [line.strip('| ') for line in result.out.splitlines()]
        self.assertIn('count   | 9', lines)
        self.assertIn('notes', lines)
        self.assertIn(
            'members | east: target 6, count 6, 6 ready, weight 0.666667',
            lines,
        )
        self.assertIn('north: target 0, count 0, 0 ready, weight 0', lines)
        self.assertIn(
            'west: target 3, count 3, 3 ready, weight 0.333333', lines
        )
        self.assertRegex(
            result.err,
            r'^web: 0 of 4 clouds are read \(0s\)\n'
            r'web: 4 of 4 clouds are read \(\d+s\)\n'
            "Without vault: no Heat stack named 'web' there.\n$",
        )
        self.assert_nothing_is_left()

    def test_adopts_what_runs_in_the_clouds_that_are_named(self):
        self.found |= {'east': 1, 'west': 2}
        result = self.adopt(
            *('--cloud=west', '--cloud=east', '--stack-name=site', '--pause'),
            *(
                '--failover=none',
                '-f',
                'value',
                '-c',
                'count',
                '-c',
                'weights',
            ),
        )

        self.assertEqual(
            (0, "3\n{'east': 0.333333, 'west': 0.666667}\n"), result[:2]
        )
        shown = self.ask('stack', 'show', 'web')
        self.assertEqual(
            (3, 'site', True, 'none', 2),
            tuple(
                shown[name]
                for name in (
                    *('count', 'stack_name', 'paused', 'failover'),
                    'generation',
                )
            ),
        )
        (event,) = self.ask('event', 'list', 'web')
        self.assertIn('with what runs: east 1, west 2.', event['Message'])

    def test_cloud_that_cannot_be_read_is_an_error_that_says_which(self):
        self.found['west'] = ('UNREACHABLE', 'west has been unreachable.')

        result = self.adopt()

        self.assertEqual((1, ''), result[:2])
        self.assertIn(
            'west has been unreachable. Adopt the stack without west, or',
            result.err,
        )
        self.assert_nothing_is_left()

    def test_cloud_without_a_stack_is_an_error_where_it_is_named(self):
        del self.found['west']

        for words, error in (
            (['--cloud=east', '--cloud=west'], 'known. None in west. Adopt'),
            (['--cloud=vault'], 'known. None in vault. Adopt'),
        ):
            result = self.adopt(*words)
            self.assertEqual((1, ''), result[:2])
            self.assertIn(error, result.err)
            self.assert_nothing_is_left()
        self.found = {}
        self.assertIn(
            "No cloud has a Heat stack named 'web'.", self.adopt().err
        )
        self.assert_nothing_is_left()

    def test_timeout_and_interrupt_leave_nothing(self):
        self.found['west'] = ('UNKNOWN', 'west was not read.')
        self.assertIn(
            'Not every cloud was read within 5 seconds. west was not read.',
            self.adopt('--timeout=5').err,
        )
        self.assert_nothing_is_left()
        self.found = KeyboardInterrupt()
        result = self.adopt()
        self.assertEqual(
            (130, 'Nothing was adopted.'),
            (result.status, result.err.splitlines()[-1]),
        )
        self.assert_nothing_is_left()
