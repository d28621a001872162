# SPDX-License-Identifier: Apache-2.0
from osc_lib import exceptions

from heat_spreader.osc import weights
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ATHENS = f'{fixtures.STACK}/weights/athens'


class TestWeights(base.CommandTestCase):
    def test_lists_weights_with_their_effect(self):
        athens, berlin = self.take(weights.ListWeight, 'web')

        self.assertEqual(
            ['0.6', '0.6', '6', '6', '6', 'OK'],
            [str(value) for value in athens.values()][1:],
        )
        self.assertEqual('berlin', berlin['Cloud'])
        self.assertIn('Effective Weight', berlin)

    def test_lists_orders_where_there_are_some_and_for_programs(self):
        (row, _) = self.take(weights.ListWeight, 'web', '-f', 'json')
        self.assertEqual('ENABLED', row['Admin State'])

        member = fixtures.member(admin_state='CORDONED')
        self.requests.get(
            fixtures.STACKS,
            json={'stacks': [fixtures.stack(members=[member])]},
        )
        (row,) = self.take(weights.ListWeight, 'web')
        self.assertEqual('CORDONED', row['Admin State'])

    def test_unknown_values_are_listed_as_empty(self):
        member = fixtures.member(
            effective_weight=None, target=None, count=None, ready=None
        )
        self.requests.get(
            fixtures.STACKS,
            json={'stacks': [fixtures.stack(members=[member])]},
        )

        (row,) = self.take(weights.ListWeight, 'web')

        for title in ('Effective Weight', 'Target', 'Count'):
            self.assertEqual('', str(row[title]))
            self.assertIsNone(row[title].machine_readable())
        self.assertEqual('unknown', str(row['Ready']))
        self.assertIsNone(row['Ready'].machine_readable())

    def test_what_was_last_known_is_in_brackets(self):
        member = fixtures.member(state='UNREACHABLE', target=0)
        self.requests.get(
            fixtures.STACKS,
            json={'stacks': [fixtures.stack(members=[member])]},
        )

        (row,) = self.take(weights.ListWeight, 'web')

        shown = [row[title] for title in ('Target', 'Count', 'Ready')]
        self.assertEqual(['-', '(6)', '(6)'], list(map(str, shown)))
        self.assertEqual([0, 6, 6], [c.machine_readable() for c in shown])

    def test_sets_one(self):
        self.requests.put(ATHENS, json=fixtures.stack())

        self.run_command(weights.SetWeight, 'web', 'athens', '--weight=0.5')

        self.assertEqual({'weight': 0.5}, self.sent())
        self.assertEqual('', self.app.stderr.getvalue())

    def test_shows_how_many_are_placed_while_the_weights_are_not_complete(
        self,
    ):
        answer = fixtures.stack(placed=6, weights={'athens': 0.6})
        self.requests.put(ATHENS, json=answer)

        self.run_command(weights.SetWeight, 'web', 'athens', '--weight=0.6')

        self.assertEqual(
            '6 of 10: the weights add up to 0.6.\n',
            self.app.stderr.getvalue(),
        )

    def test_a_weight_must_be_given(self):
        output = self.refused(weights.SetWeight, 'web', 'athens')

        self.assertIn('--weight', output)

    def test_orders_how_the_stack_uses_a_cloud(self):
        self.requests.patch(fixtures.STACK, json=fixtures.stack())

        self.run_command(
            *(weights.SetWeight, 'web', 'athens', '--drain', '--force'),
            *('--until=2026-12-01T08:00+02:00', '--reason=new switches'),
        )

        self.assertEqual(
            {
                'members': {
                    'athens': {
                        'admin_state': 'DRAINING',
                        'until': '2026-12-01T06:00:00Z',
                        'reason': 'new switches',
                    }
                },
                'force': True,
            },
            self.sent(),
        )

    def test_a_time_needs_an_order(self):
        for option in (
            '--until=2026-12-01T06:00Z',
            '--for=4h',
            '--from=2026-12-01T06:00Z',
            '--reason=x',
            '--force',
        ):
            self.assertRaisesRegex(
                exceptions.CommandError,
                'belong to --cordon, --drain or --enable',
                self.run_command,
                *(weights.SetWeight, 'web', 'athens', '0.5', option),
            )

    def test_a_weight_and_an_order_are_not_given_together(self):
        for words in (('0.5', '--cordon'), ('--drain', '--enable')):
            self.assertIn(
                'not allowed with',
                self.refused(weights.SetWeight, 'web', 'athens', *words),
            )

    def test_unsets_one(self):
        self.requests.delete(ATHENS, status_code=204)

        self.run_command(weights.UnsetWeight, 'web', 'athens')

        self.assertEqual('DELETE', self.service.last.method)

    def test_no_name_of_a_cloud_deletes_the_stack(self):
        self.requests.delete(fixtures.STACK, status_code=204)

        self.assertRaisesRegex(
            exceptions.CommandError,
            "'..' cannot be the name of a cloud",
            self.run_command,
            weights.UnsetWeight,
            'web',
            '..',
        )
