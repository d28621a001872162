# SPDX-License-Identifier: Apache-2.0
import io

from osc_lib import exceptions

from heat_spreader.osc import show
from heat_spreader.osc import stacks
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures


class TestCreate(base.CommandTestCase):
    REQUIRED = ('web', '--count=10', '--parameter=size')

    def setUp(self):
        super().setUp()
        self.requests.post(
            fixtures.STACKS, status_code=201, json=fixtures.stack()
        )

    def test_only_given_options_are_sent(self):
        self.take(stacks.CreateStack, *self.REQUIRED)

        self.assertEqual(
            {'name': 'web', 'count': 10, 'count_parameter': 'size'},
            self.sent(),
        )

    def test_every_given_option_is_sent(self):
        self.take(
            stacks.CreateStack,
            *self.REQUIRED,
            '--stack-name=site',
            '--weight=athens=0.6',
            '--weight=berlin=0.4',
            '--min=athens=1',
            '--max=athens=7',
            '--max=berlin=0',
            '--failover=none',
            '--failback=manual',
            '--pause',
        )

        self.assertEqual(
            {
                'name': 'web',
                'count': 10,
                'count_parameter': 'size',
                'stack_name': 'site',
                'weights': {'athens': 0.6, 'berlin': 0.4},
                'members': {
                    'athens': {'min_count': 1, 'max_count': 7},
                    'berlin': {'max_count': 0},
                },
                'failover': 'none',
                'failback': 'manual',
                'paused': True,
            },
            self.sent(),
        )

    def test_shows_the_new_stack(self):
        shown = self.take(stacks.CreateStack, *self.REQUIRED)

        self.assertEqual(fixtures.STACK_ID, shown['id'])
        self.assertEqual('athens=0.6, berlin=0.4', str(shown['weights']))

    def fails_to_wait(self, *words, **values):
        """What is printed, and the error, if the stack has these values."""
        self.useFixture(fixtures.Clock())
        self.app.options.verbose_level = 0
        self.app.stdout = io.StringIO()
        self.requests.get(fixtures.STACK, json=fixtures.stack(**values))
        exc = self.assertRaises(
            exceptions.CommandError,
            self.run_command,
            stacks.CreateStack,
            *(*self.REQUIRED, '--wait', *words),
        )
        return self.app.stdout.getvalue(), str(exc)

    def test_stack_that_ends_in_error_is_shown_and_how_to_go_on(self):
        for words, begin in (((), 'web: ERROR, '), (('-f', 'json'), '{')):
            shown, error = self.fails_to_wait(
                *words, status='ERROR', status_reason='Athens is full.'
            )

            self.assertTrue(shown.startswith(begin), shown)
            self.assertTrue(
                error.startswith(
                    "The stack 'web' is ERROR: Athens is full. It does not "
                    'end by itself. The stack exists now. Correct what is '
                    'wrong, or change it with "stack set web".'
                ),
                error,
            )

    def test_stack_that_is_not_ready_in_time_is_shown_and_exists(self):
        shown, error = self.fails_to_wait('--timeout=4', status='SCALING')

        self.assertTrue(shown.startswith('web: SCALING, '), shown)
        self.assertIn('not ready after 4 seconds', error)
        self.assertIn('The stack exists now.', error)

    def test_a_count_and_a_parameter_are_required(self):
        text = self.refused(stacks.CreateStack, 'web')

        self.assertIn('--count, --parameter', text)

    def test_a_cloud_has_one_weight(self):
        text = self.refused(
            stacks.CreateStack,
            *self.REQUIRED,
            '--weight=athens=0.6',
            '--weight=athens=0.4',
        )

        self.assertEqual(
            "argument --weight: the cloud 'athens' is given more than once",
            text,
        )

    def test_an_invalid_weight_is_reported_with_its_option_and_cloud(self):
        text = self.refused(
            stacks.CreateStack, *self.REQUIRED, '--weight=athens=1.5'
        )

        self.assertEqual(
            "argument --weight: for the cloud 'athens': the weight '1.5' is "
            'more than 1',
            text,
        )


class TestSet(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.patch(fixtures.STACK, json=fixtures.stack())

    def change(self, *words):
        self.run_command(stacks.SetStack, 'web', *words)
        return self.sent()

    def test_only_given_options_are_sent(self):
        self.assertEqual({'name': 'site'}, self.change('--name=site'))
        self.assertEqual({'count': 0}, self.change('--count=0'))
        self.assertEqual(
            {'count_parameter': 'n'}, self.change('--parameter=n')
        )

    def test_weights_are_added_to_those_that_the_stack_has(self):
        self.assertEqual(
            {
                'weights': {'athens': 0.6, 'berlin': 0.2, 'cairo': 0.2},
                'generation': 1,
            },
            self.change('--weight=berlin=0.2', '--weight=cairo=0.2'),
        )
        self.assertEqual('', self.app.stderr.getvalue())

    def test_no_weight_replaces_all_and_shows_what_runs_on(self):
        self.assertEqual(
            {'weights': {'athens': 1.0}},
            self.change('--no-weight', '--weight=athens=1'),
        )
        self.assertEqual(
            'berlin left the stack; berlin 4 keep running.\n',
            self.app.stderr.getvalue(),
        )
        self.assertEqual({'weights': {}}, self.change('--no-weight'))

    def test_dry_run_shows_what_would_run_on(self):
        self.requests.post(
            f'{fixtures.STACK}/preview', json=fixtures.preview()
        )

        self.change('--no-weight', '--dry-run', '-c', 'members')

        self.assertEqual(
            'athens, berlin would leave the stack; athens 6, berlin 4 keep '
            'running.\n',
            self.app.stderr.getvalue(),
        )

    def test_a_value_is_sent_even_if_it_does_not_change(self):
        self.assertEqual({'count': 10}, self.change('--count=10'))

    def test_pauses_and_resumes(self):
        self.assertEqual({'paused': True}, self.change('--pause'))
        self.assertEqual({'paused': False}, self.change('--resume'))
        self.assertIn(
            'not allowed with',
            self.refused(stacks.SetStack, 'web', '--pause', '--resume'),
        )

    def test_failback_is_an_order_on_its_own(self):
        self.assertEqual({'failback_now': True}, self.change('--failback-now'))
        self.assertEqual(
            {'retry_capacity': True}, self.change('--retry-capacity')
        )

    def test_removes_a_limit(self):
        self.assertEqual(
            {'members': {'athens': {'min_count': 0, 'max_count': None}}},
            self.change('--min=athens=0', '--max=athens=none'),
        )

    def test_refuses_to_change_nothing(self):
        self.assertRaisesRegex(
            exceptions.CommandError,
            'Nothing to update',
            self.run_command,
            stacks.SetStack,
            'web',
            '--wait',
        )


class Terminal(io.StringIO):
    def isatty(self):
        return True


class TestDelete(base.CommandTestCase):
    LEFT = 'athens 6, berlin 4 keep running.\n'

    def answer(self, text, *words):
        """Delete the stack on a terminal, where this is typed."""
        self.requests.delete(fixtures.STACK, status_code=204)
        self.app.stdin = Terminal(text)
        self.run_command(stacks.DeleteStack, 'web', *words)
        return self.app.stdout.getvalue()

    def test_asks_on_a_terminal_and_shows_what_keeps_running(self):
        for text in ('y\n', 'Yes\n'):
            self.assertIn(
                f'web: {self.LEFT}Stop managing this? Nothing is changed in '
                'the clouds. [y/N] ',
                self.answer(text),
            )
            self.assertEqual('DELETE', self.service.last.method)

    def test_deletes_nothing_unless_the_answer_is_yes(self):
        for text in ('n\n', '\n', ''):
            self.assertRaisesRegex(
                exceptions.CommandError,
                'Nothing was deleted',
                self.answer,
                text,
            )
            self.assertNotEqual('DELETE', self.service.last.method)

    def test_does_not_ask_with_yes_or_without_a_terminal(self):
        self.assertEqual(
            f'web: no longer managed; {self.LEFT}', self.answer('', '--yes')
        )
        self.app.stdin = None
        self.assertEqual(
            0, self.run_command(stacks.DeleteStack, fixtures.STACK_ID)
        )

    def test_deletes_each(self):
        self.requests.delete(fixtures.STACK, status_code=204)

        self.assertEqual(
            0,
            self.run_command(stacks.DeleteStack, 'web', fixtures.STACK_ID),
        )

        deleted = [
            request.method for request in self.requests.request_history
        ].count('DELETE')
        self.assertEqual(2, deleted)

    def test_goes_on_after_a_failure_and_counts_them(self):
        self.requests.delete(fixtures.STACK, status_code=204)

        with self.assertLogs(level='ERROR') as logs:
            self.assertRaisesRegex(
                exceptions.CommandError,
                '2 of 3 stacks failed to delete',
                self.run_command,
                stacks.DeleteStack,
                'gone',
                'web',
                'lost',
            )

        self.assertIn(
            "Failed to delete the stack 'gone': There is no stack 'gone'.",
            logs.output[0],
        )
        self.assertIn("'lost'", logs.output[1])
        methods = [sent.method for sent in self.requests.request_history]
        self.assertEqual(1, methods.count('DELETE'))

    def test_shows_why_the_service_refuses(self):
        self.requests.delete(
            fixtures.STACK, **fixtures.error('It is not yours.', 403)
        )

        with self.assertLogs(level='ERROR') as logs:
            self.assertRaises(
                exceptions.CommandError,
                self.run_command,
                stacks.DeleteStack,
                'web',
            )

        self.assertIn('It is not yours. (HTTP 403', logs.output[0])


class TestList(base.CommandTestCase):
    def test_lists_the_essential_columns(self):
        (row,) = self.take(show.ListStack)

        self.assertEqual(
            ['Name', 'Status', 'Ready', 'Reason', 'Age'], list(row)
        )
        self.assertEqual('10/10', row['Ready'])
        self.assertEqual('', self.service.last.query)

    def test_long_lists_more_columns(self):
        for words in (['--long'], ['-f', 'json'], ['-c', 'ID']):
            (row,) = self.take(show.ListStack, *words)

            self.assertEqual('size', row['Count Parameter'])
            self.assertEqual('p1', row['Project ID'])
            self.assertEqual('2026-11-22T10:00:00Z', row['Created At'])

    def test_list_of_all_projects_has_the_project(self):
        (row,) = self.take(show.ListStack, '--all-projects')

        self.assertEqual('p1..', row['Project'])

    def test_asks_the_service_to_filter_and_sort(self):
        self.take(
            show.ListStack,
            '--all-projects',
            '--name=web',
            '--status=degraded',
            '--cloud=athens',
            '--sort=count:desc',
            '--marker=m1',
        )

        self.assertEqual(
            {
                'all_projects': ['true'],
                'name': ['web'],
                'status': ['degraded'],
                'cloud': ['athens'],
                'sort_key': ['count'],
                'sort_dir': ['desc'],
                'marker': ['m1'],
            },
            self.service.last.qs,
        )

    def test_an_empty_name_is_a_name(self):
        self.take(show.ListStack, '--name=')

        self.assertIn('name=', self.service.last.url)

    def test_a_limit_is_the_number_of_rows(self):
        self.requests.get(
            fixtures.STACKS,
            json={
                'stacks': [fixtures.stack(), fixtures.stack(id='2')],
                'stacks_links': [
                    {'rel': 'next', 'href': f'{fixtures.STACKS}?marker=2'}
                ],
            },
        )

        self.assertEqual(3, len(self.take(show.ListStack, '--limit=3')))
        self.assertEqual(2, len(self.take(show.ListStack, '--limit=2')))
        self.assertNotIn('marker', self.service.last.qs)


class TestShow(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(f'{fixtures.STACK}/events', json={'events': []})

    def test_shows_the_members_and_their_reasons(self):
        shown = self.take(show.ShowStack, 'web')

        self.assertEqual(
            [
                'athens 6/6, 6 ready, weight 0.6, '
                'OK since 2026-11-22T09:00:00Z',
                'berlin 4/4, 4 ready, weight 0.4, '
                'OK since 2026-11-22T09:00:00Z',
            ],
            str(shown['members']).splitlines(),
        )
        self.assertEqual(set(fixtures.stack()), set(shown))
