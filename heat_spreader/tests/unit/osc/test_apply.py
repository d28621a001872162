# SPDX-License-Identifier: Apache-2.0
import io
import pathlib

import fixtures as testing_fixtures
import yaml
from osc_lib import exceptions

from heat_spreader.osc import apply
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

WEB = {'name': 'web', 'weights': {'athens': 0.5, 'berlin': 0.4}}
API = {'name': 'api', 'count': 3, 'count_parameter': 'size'}


class ApplyTestCase(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.requests.get(f'{fixtures.STACKS}?name=api', json={'stacks': []})
        self.requests.post(
            f'{fixtures.STACKS}/preview', json=fixtures.preview()
        )
        self.requests.post(
            f'{fixtures.STACK}/preview', json=fixtures.preview()
        )
        self.requests.post(
            fixtures.STACKS, status_code=201, json=fixtures.stack(name='api')
        )
        self.requests.patch(fixtures.STACK, json=fixtures.stack())
        directory = self.useFixture(testing_fixtures.TempDir()).path
        self.file = pathlib.Path(directory, 'stacks.yaml')

    def write(self, *stacks):
        self.file.write_text(yaml.safe_dump_all(stacks, sort_keys=False))

    def apply(self, *words):
        """The exit status and the output."""
        status = self.run_command(apply.ApplyStack, f'-f{self.file}', *words)
        return status, self.app.stdout.getvalue()

    def fails(self, *words):
        """The errors that are logged, and the last one."""
        with self.assertLogs('heat_spreader', 'ERROR') as logs:
            exc = self.assertRaises(
                exceptions.CommandError, self.apply, *words
            )
        prefix = f'{self.file}'
        return [
            record.getMessage().removeprefix(prefix) for record in logs.records
        ], str(exc).replace(prefix, 'FILE')

    def changes(self):
        """What was changed, as methods and bodies."""
        return [
            (request.method, request.json())
            for request in self.requests.request_history
            if request.method != 'GET' and 'preview' not in request.path
        ]


class TestApply(ApplyTestCase):
    def test_changes_what_differs_if_it_is_as_it_was_read(self):
        self.write(WEB)

        self.assertEqual(
            (0, 'web: changed\n  weight of athens: 0.6 -> 0.5\n'),
            self.apply(),
        )
        self.assertEqual(
            [('PATCH', {'weights': WEB['weights'], 'generation': 1})],
            self.changes(),
        )

    def test_creates_what_does_not_exist(self):
        self.write(API)

        status, out = self.apply()

        self.assertEqual(0, status)
        self.assertEqual(
            [
                'api: created',
                '  stack_name: none -> api',
                '  count_parameter: none -> size',
                '  count: none -> 3',
                '  failover: none -> even',
                '  failback: none -> auto',
                '  paused: none -> false',
            ],
            out.splitlines(),
        )
        ((method, body),) = self.changes()
        self.assertEqual('POST', method)
        self.assertEqual(
            API
            | {'stack_name': 'api', 'failover': 'even'}
            | {'failback': 'auto', 'paused': False},
            body,
        )

    def test_changes_nothing_that_is_as_declared(self):
        self.write({'name': 'web', 'count': 10})

        self.assertEqual((0, 'web: no difference\n'), self.apply())
        self.assertEqual((0, 'web: no difference\n' * 2), self.apply('--wait'))
        self.assertEqual([], self.changes())

    def test_names_the_clouds_that_leave(self):
        self.write({'name': 'web', 'weights': {'athens': 0.6}})

        self.assertIn(
            '  weight of berlin: 0.4 -> none\n'
            '  berlin leaves the stack; the Heat stack there stays as it is\n',
            self.apply()[1],
        )

    def test_dry_run_changes_nothing_and_reports_differences(self):
        self.write(WEB, API)

        status, out = self.apply('--dry-run')

        self.assertEqual(2, status)
        self.assertIn('web: would be changed\n  weight of athens: ', out)
        self.assertIn('api: would be created\n', out)
        self.assertEqual([], self.changes())

    def test_dry_run_without_differences_ends_with_0(self):
        self.write({'name': 'web', 'count': 10})

        self.assertEqual((0, 'web: no difference\n'), self.apply('--dry-run'))

    def test_reads_the_standard_input(self):
        self.app.stdin = io.StringIO('name: web\ncount: 11\n')

        self.assertEqual(0, self.run_command(apply.ApplyStack, '-f', '-'))

        self.assertEqual(
            [('PATCH', {'count': 11, 'generation': 1})], self.changes()
        )

    def test_a_stack_that_was_changed_meanwhile_fails_and_the_others_go_on(
        self,
    ):
        self.requests.patch(
            fixtures.STACK, **fixtures.error('It is at generation 2.', 409)
        )
        self.write(WEB, API)

        logged, error = self.fails()

        self.assertEqual(
            [
                "Failed to apply the stack 'web': It is at generation 2. "
                '(HTTP 409, request req-1)'
            ],
            logged,
        )
        self.assertEqual('1 of 2 stacks failed.', error)
        self.assertEqual(['PATCH', 'POST'], [m for m, _ in self.changes()])

    def test_waits_for_what_was_changed(self):
        self.useFixture(fixtures.Clock())
        self.requests.patch(fixtures.STACK, json=fixtures.stack(generation=2))
        self.requests.get(
            fixtures.STACK,
            [
                {'json': fixtures.stack(generation=2)},
                {'json': fixtures.stack(generation=2, observed_generation=2)},
            ],
        )
        self.write(WEB)

        status, _ = self.apply('--wait')

        self.assertEqual(0, status)
        self.assertEqual(
            [
                'web: the engine has not acted on the change yet (0s)',
                'web: ACTIVE, 2 of 2 members are at their targets (0s)',
            ],
            self.app.stderr.getvalue().splitlines(),
        )

    def test_a_stack_that_is_declared_paused_is_done_when_it_is_paused(self):
        self.useFixture(fixtures.Clock())
        paused = fixtures.stack(
            paused=True,
            status='PAUSED',
            generation=2,
            observed_generation=2,
            members=[fixtures.member(count=5)],
        )
        self.requests.patch(fixtures.STACK, json=paused)
        self.requests.get(fixtures.STACK, json=paused)
        self.write({'name': 'web', 'paused': True})

        self.assertEqual(0, self.apply('--wait')[0])

    def test_a_change_that_cannot_be_applied_is_an_error(self):
        self.useFixture(fixtures.Clock())
        failed = fixtures.stack(status='ERROR', status_reason='No room.')
        self.requests.get(fixtures.STACK, json=failed)
        self.write(WEB)

        logged, error = self.fails('--wait')

        self.assertEqual(
            [
                "Failed to wait for the stack 'web': The stack 'web' is "
                'ERROR: No room. It does not end by itself.'
            ],
            logged,
        )
        self.assertEqual('1 of 1 stacks failed.', error)


class TestInvalidFiles(ApplyTestCase):
    """Nothing is changed if anything in the file is invalid."""

    def assert_invalid(self, *sentences):
        logged, error = self.fails()

        self.assertEqual(list(sentences), logged)
        self.assertEqual(
            f'Nothing was changed. Errors in FILE: {len(sentences)}.', error
        )
        self.assertEqual([], self.changes())

    def test_every_value_that_is_invalid_is_named_with_its_place(self):
        self.file.write_text(
            'name: web\ncount: 12\n---\nname: api\n'
            'weights:\n  athens: 1.5\nfailover: never\nsize: 4\n'
        )

        self.assert_invalid(
            ', document 2, line 6: weights.athens must be a number from 0 to '
            '1 with at most six decimal places, not 1.5.',
            ', document 2, line 7: failover must be one of even, '
            'proportional, none, not "never".',
            ', document 2, line 8: The document must not include "size". '
            'Allowed: name, count, count_parameter, stack_name, weights, '
            'members, failover, failback, paused.',
        )

    def test_values_that_do_not_fit_together_are_named(self):
        self.write({'name': 'web', 'count': 3}, WEB | {'name': 'api'})

        self.assert_invalid(
            ", document 2, line 4: the stack 'api' does not exist, and a new "
            'one must have: count, count_parameter.'
        )

        self.write(WEB | {'weights': {'athens': 0.7, 'berlin': 0.7}})

        self.assert_invalid(
            ', document 1, line 1: The weights add up to 1.4, which is more '
            'than 1.'
        )

    def test_a_stack_is_there_once(self):
        self.write(WEB, API, WEB)

        self.assert_invalid(
            ", document 3, line 10: the stack 'web' is in line 1 already."
        )

    def test_a_heat_stack_is_part_of_one_stack(self):
        self.write(
            WEB, API | {'stack_name': 'web', 'weights': {'berlin': 0.1}}
        )

        self.assert_invalid(
            ", document 2, line 11: the Heat stack 'web' in the cloud "
            "'berlin' is also that of the stack 'web'."
        )

    def test_what_the_service_refuses_is_named_before_any_change(self):
        self.requests.post(
            f'{fixtures.STACKS}/preview',
            **fixtures.error("There is no cloud 'x'.", 400),
        )
        self.write(WEB, API)

        self.assert_invalid(
            ", document 2, line 6: There is no cloud 'x'. (HTTP 400, request "
            'req-1)'
        )

    def test_a_file_that_cannot_be_read_is_an_error(self):
        self.assert_invalid(': No such file or directory.')
        self.file.write_bytes(b'\xff')
        self.assert_invalid(': it is not UTF-8.')
        self.file.write_text('name: web\n x: 1\n')
        self.assert_invalid(': line 2: mapping values are not allowed here.')
        self.file.write_text('# Nothing\n')
        self.assert_invalid(': it has no document.')
        self.file.write_text('- web\n')
        self.assert_invalid(
            ', document 1, line 1: The document must be a JSON object, not '
            '["web"].'
        )


class TestExport(base.CommandTestCase):
    def export(self, *words):
        self.assertEqual(0, self.run_command(apply.ExportStack, *words))
        return self.app.stdout.getvalue()

    def test_prints_what_is_declared_and_nothing_else(self):
        self.requests.get(
            fixtures.STACKS,
            json={
                'stacks': [
                    fixtures.stack(
                        members=[
                            fixtures.member(max_count=7),
                            fixtures.member('berlin', weight=0.0),
                        ]
                    )
                ]
            },
        )

        self.assertEqual(
            'name: web\n'
            'count: 10\n'
            'count_parameter: size\n'
            'stack_name: web\n'
            'weights:\n'
            '  athens: 0.6\n'
            '  berlin: 0.0\n'
            'members:\n'
            '  athens:\n'
            '    max_count: 7\n'
            'failover: even\n'
            'failback: auto\n'
            'paused: false\n',
            self.export('web'),
        )

    def test_several_stacks_are_several_documents(self):
        text = self.export('web', fixtures.STACK_ID)

        self.assertEqual(2, len(list(yaml.safe_load_all(text))))

    def test_all_stacks_are_the_default(self):
        self.assertIn('name: web\n', self.export())
        self.assertEqual(['name'], self.service.last.qs['sort_key'])

    def test_a_stack_that_does_not_exist_is_an_error_without_output(self):
        self.requests.get(fixtures.STACKS, json={'stacks': []})

        self.assertRaisesRegex(
            exceptions.CommandError,
            "no stack 'gone'",
            self.run_command,
            apply.ExportStack,
            'gone',
        )
        self.assertEqual('', self.app.stdout.getvalue())
