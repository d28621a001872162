# SPDX-License-Identifier: Apache-2.0
import io

from osc_lib import exceptions

from heat_spreader.osc import clouds
from heat_spreader.osc import show
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures


class Terminal(io.StringIO):
    def isatty(self):
        return True


class WatchTestCase(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.clock = self.useFixture(fixtures.Clock())
        self.requests.get(f'{fixtures.STACK}/events', json={'events': []})

    def watch(self, command, *words, url, name, answers):
        """Watch until all answers were given; return what was written."""
        self.requests.get(
            url, [{'json': {name: [answer]}} for answer in answers]
        )
        left = iter(answers[1:])

        def meanwhile():
            if next(left, None) is None:
                raise KeyboardInterrupt

        self.clock.meanwhile = meanwhile
        self.assertRaises(
            KeyboardInterrupt, self.run_command, command, *words, '--watch'
        )
        return self.app.stdout.getvalue()

    def watch_stacks(self, *answers):
        return self.watch(
            show.ListStack,
            url=fixtures.STACKS,
            name='stacks',
            answers=[fixtures.stack(**values) for values in answers],
        )


class TestLines(WatchTestCase):
    """Without a terminal there is a line for each change."""

    def test_stack_has_a_line_only_when_it_changes(self):
        scaling = fixtures.member(count=3, ready=3, state='SCALING')
        lines = self.watch_stacks(
            {},
            {},
            {'status': 'SCALING', 'members': [scaling]},
            {},
        ).splitlines()

        self.assertEqual(
            [
                'web ACTIVE, 10/10 ready',
                'web SCALING, 3/10 ready, athens 3 -> 6',
                'web ACTIVE, 10/10 ready',
            ],
            # Without the time.
            [line.partition(' ')[2] for line in lines],
        )
        self.assertRegex(lines[0], r'^20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ web')

    def test_stack_that_goes_away_is_reported(self):
        out = self.watch_stacks({}, {'name': 'site'})

        self.assertIn(' site ACTIVE', out)
        self.assertIn(' web is not listed any more', out)

    def test_one_stack_has_a_line_for_each_member_that_changes(self):
        moved = fixtures.member(count=5)
        lines = self.watch(
            show.ShowStack,
            'web',
            url=fixtures.STACKS,
            name='stacks',
            answers=[
                fixtures.stack(),
                fixtures.stack(members=[moved, fixtures.member('berlin')]),
            ],
        ).splitlines()

        self.assertEqual(
            ['web', 'web in athens', 'web in berlin'],
            sorted({' '.join(_name(line)) for line in lines}),
        )
        self.assertIn('web in athens athens 5/6, 6 ready, OK', lines[-2])

    def test_cloud_has_a_line_for_each_state(self):
        up = {'name': 'athens', 'state': 'UP', 'admin_state': 'ENABLED'}
        up |= {'reason': '', 'failures_needed': 3}
        lines = self.watch(
            clouds.ListCloud,
            url=fixtures.CLOUDS,
            name='clouds',
            answers=[up, {**up, 'state': 'SUSPECT', 'failures': 2}],
        ).splitlines()

        self.assertEqual(
            ['athens UP', 'athens SUSPECT, no answer (2 of 3)'],
            [line.partition(' ')[2] for line in lines],
        )

    def test_formats_for_programs_are_refused(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'event list --follow -f json',
            self.run_command,
            show.ListStack,
            *('--watch', '-f', 'json'),
        )


class TestTerminal(WatchTestCase):
    def setUp(self):
        super().setUp()
        self.app.stdout = Terminal()

    def test_table_is_redrawn_in_place(self):
        out = self.watch_stacks({}, {'status': 'DEGRADED'})

        # Cleared once, and then written over from the top.
        self.assertEqual(1, out.count('\x1b[2J'))
        _, first, second = out.split('\x1b[H')
        self.assertIn('ACTIVE', first)
        self.assertIn('DEGRADED', second)
        self.assertTrue(second.endswith('\x1b[J'))
        for line in second.splitlines()[:-1]:
            self.assertTrue(line.endswith('\x1b[K'), line)

    def test_page_is_not_longer_than_the_terminal(self):
        self.useFixture(fixtures.fixtures.EnvironmentVariable('LINES', '5'))
        self.useFixture(fixtures.fixtures.EnvironmentVariable('COLUMNS', '80'))

        out = self.watch_stacks({})

        self.assertEqual(4, out.count('\x1b[K'))
        self.assertIn('... 2 more lines', out)

    def test_outputs_are_those_of_the_application_again(self):
        errors = self.app.stderr

        self.watch_stacks({})

        self.assertIs(errors, self.app.stderr)


def _name(line):
    """The words of a line that name the thing."""
    words = line.split()[1:]
    return words[:3] if words[1] == 'in' else words[:1]
