# SPDX-License-Identifier: Apache-2.0
from osc_lib import exceptions

from heat_spreader.osc import preview
from heat_spreader.osc import stacks
from heat_spreader.osc import weights
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

PREVIEW = f'{fixtures.STACK}/preview'


class PreviewTestCase(base.CommandTestCase):
    def setUp(self):
        super().setUp()
        self.answer()

    def answer(self, **values):
        self.requests.post(PREVIEW, json=fixtures.preview(**values))


class TestPreview(PreviewTestCase):
    def test_hypotheses_and_changes_are_sent(self):
        self.take(
            *(preview.PreviewStack, 'web', '--down=a', '--down=b'),
            *('--drained=c', '--back=d', '--count=20', '--failback-now'),
        )

        self.assertEqual(
            {
                'down': ['a', 'b'],
                'drained': ['c'],
                'back': ['d'],
                'count': 20,
                'failback_now': True,
            },
            self.sent(),
        )

    def test_members_and_waves_are_lines(self):
        shown = self.take(preview.PreviewStack, 'web')

        self.assertEqual(
            'athens: target 6 -> 7, count 6, 6 ready, weight 0.6 (then 0.7)',
            str(shown['members'].human_readable()),
        )
        self.assertEqual(
            '1. athens 6 -> 7, because cairo is DOWN',
            shown['waves'].human_readable(),
        )

    def test_programs_get_all_of_it(self):
        shown = self.take(preview.PreviewStack, 'web')
        answer = fixtures.preview()

        for name in ('members', 'waves', 'suggestions', 'notes'):
            self.assertEqual(answer[name], shown[name].machine_readable())

    def test_table_fits_into_80_columns(self):
        self.useFixture(fixtures.fixtures.EnvironmentVariable('COLUMNS', '80'))
        sentence = 'Raise the max_count of athens from 7 to 10: 3 more fit.'
        self.answer(
            status_reason='word ' * 60,
            suggestions=[{'sentence': sentence * 3}],
            refusals=['why ' * 50],
            notes=['note ' * 40],
        )

        self.run_command(preview.PreviewStack, 'web')

        lines = self.app.stdout.getvalue().splitlines()
        self.assertGreater(len(lines), 20)
        self.assertLessEqual(max(map(len, lines)), 80)
        # A sentence goes on further right.
        self.assertRegex(
            '\n'.join(lines),
            r'\| refusals +\| why why .*\n'
            r'\| +\|   why why ',
        )

    def test_member_that_was_not_read_has_no_count(self):
        [member] = fixtures.preview()['members']
        self.answer(
            members=[
                member
                | {
                    'count': None,
                    'ready': None,
                    'target_now': None,
                    'state': 'UNKNOWN',
                }
            ]
        )

        shown = self.take(preview.PreviewStack, 'web')

        self.assertIn(
            'athens: target 7, count unknown, weight',
            shown['members'].human_readable(),
        )


class TestExplain(PreviewTestCase):
    def test_every_member_is_explained(self):
        shown = self.take(preview.ExplainStack, 'web')

        self.assertEqual(
            '10 x 0.6 = 6.0.\n'
            'Target: 7.\n'
            'Now: count 6, 6 ready.\n'
            '6 -> 7 is the next update, because of cairo.',
            shown['athens'].human_readable(),
        )
        self.assertEqual(7, shown['athens'].machine_readable()['target'])
        self.assertEqual({}, self.requests.last_request.json())

    def test_one_cloud_may_be_chosen(self):
        shown = self.take(preview.ExplainStack, 'web', 'athens')

        self.assertEqual(['athens'], list(shown))

    def test_cloud_without_a_weight_is_an_error(self):
        exc = self.assertRaises(
            exceptions.CommandError,
            self.take,
            *(preview.ExplainStack, 'web', 'mars'),
        )

        self.assertEqual(
            "The stack 'web' has no weight for the cloud 'mars'. It has: "
            'athens.',
            str(exc),
        )


class TestDryRun(PreviewTestCase):
    def test_set_shows_a_preview_and_changes_nothing(self):
        shown = self.take(stacks.SetStack, 'web', '--count=20', '--dry-run')

        self.assertEqual({'count': 20}, self.sent())
        self.assertEqual('DEGRADED', shown['status'])

    def test_set_shows_nothing_without_it(self):
        self.requests.patch(fixtures.STACK, json=fixtures.stack())

        self.run_command(stacks.SetStack, 'web', '--count=20')

        self.assertEqual('', self.app.stdout.getvalue())

    def test_create_shows_a_preview_of_a_new_stack(self):
        self.requests.post(
            f'{fixtures.STACKS}/preview', json=fixtures.preview(stack_id=None)
        )

        shown = self.take(
            *(stacks.CreateStack, 'web', '--count=10', '--parameter=size'),
            *('--weight=athens=1', '--dry-run'),
        )

        self.assertEqual(
            {
                'name': 'web',
                'count': 10,
                'count_parameter': 'size',
                'weights': {'athens': 1.0},
            },
            self.sent(),
        )
        self.assertIsNone(shown['stack_id'].machine_readable())

    def test_one_weight_is_previewed_with_the_others(self):
        self.take(weights.SetWeight, 'web', 'athens', '0.5', '--dry-run')

        self.assertEqual(
            {'weights': {'athens': 0.5, 'berlin': 0.4}}, self.sent()
        )

    def test_drain_of_a_member_is_previewed(self):
        self.take(weights.SetWeight, 'web', 'athens', '--drain', '--dry-run')

        self.assertEqual(
            {'members': {'athens': {'admin_state': 'DRAINING'}}}, self.sent()
        )

    def test_there_is_nothing_to_wait_for(self):
        for command, *words in (
            (stacks.SetStack, 'web', '--count=20'),
            (weights.SetWeight, 'web', 'athens', '0.5'),
        ):
            exc = self.assertRaises(
                exceptions.CommandError,
                self.take,
                *(command, *words, '--dry-run', '--wait'),
            )

            self.assertIn('nothing to --wait for', str(exc))
