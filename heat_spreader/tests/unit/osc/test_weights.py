# SPDX-License-Identifier: Apache-2.0
from osc_lib import exceptions

from heat_spreader.osc import weights
from heat_spreader.tests.unit.osc import base
from heat_spreader.tests.unit.sdk import fixtures

ATHENS = f'{fixtures.STACK}/weights/athens'


class TestWeights(base.CommandTestCase):
    def list(self, *words, **values):
        """The only row of the list, for a member with these values."""
        member = fixtures.member(**values)
        self.requests.get(
            fixtures.STACKS,
            json={'stacks': [fixtures.stack(members=[member])]},
        )
        (row,) = self.take(weights.ListWeight, 'web', *words)
        return row

    def test_lists_weights_with_their_effect(self):
        athens, berlin = self.take(weights.ListWeight, 'web')

        self.assertEqual(
            ['athens', '0.6', 6, 6, 6, 'OK', ''], list(athens.values())
        )
        self.assertEqual('berlin', berlin['Cloud'])
        lost = self.list(effective_weight=0, state='UNREACHABLE')
        self.assertEqual('0.6 -> 0', lost['Weight'])
        for words in ('--long',), ('-c', 'effective_weight'), ('-f', 'json'):
            row = self.list(*words, effective_weight=0)
            self.assertEqual('0', str(row['Effective Weight']))

    def test_orders_are_the_reason_and_a_field_for_programs(self):
        row = self.list('-f', 'json', admin_state='CORDONED')
        self.assertEqual('CORDONED', row['Admin State'])

        self.assertEqual(
            'cordoned', self.list(admin_state='CORDONED')['Reason']
        )

    def test_cloud_that_does_not_answer_is_the_reason(self):
        suspect = {'name': 'athens', 'state': 'SUSPECT', 'failures': 2}
        self.requests.get(
            fixtures.CLOUDS,
            json={'clouds': [suspect | {'failures_needed': 3}]},
        )

        row = self.list()

        self.assertEqual('no answer (2 of 3)', row['Reason'])
        self.assertEqual('(6)', row['Count'])

    def test_unknown_values_are_null_for_programs(self):
        unknown = dict.fromkeys(['effective_weight', 'target', 'count'])

        row = self.list('--long', **unknown, ready=None)

        for title in ('Effective Weight', 'Target', 'Count'):
            self.assertEqual('', str(row[title]))
            self.assertIsNone(row[title].machine_readable())
        self.assertEqual('unknown', str(row['Ready']))
        self.assertIsNone(row['Ready'].machine_readable())
        row = self.list(**unknown, ready=None)
        self.assertEqual(['?'] * 3, [*row.values()][2:5])

    def test_what_was_last_known_is_in_brackets(self):
        titles = ('Target', 'Count', 'Ready')
        for words in (), ('--long',):
            row = self.list(*words, state='UNREACHABLE', target=0)
            shown = [row[title] for title in titles]
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
