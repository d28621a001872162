# SPDX-License-Identifier: Apache-2.0
"""Rows, the file with them, and what became slower."""

import dataclasses
import json
import pathlib

import fixtures
from oslotest import base

from benchmarks import report


def row(*values, what='time', **limits):
    return report.Row('steady', what, 's', [*values], **limits)


class TestRows(base.BaseTestCase):
    def test_row_has_the_median_and_its_ratio_to_the_floor(self):
        found = row(1.0, 9.0, 3.0, floor=2.0)

        self.assertEqual((3.0, 1.5), (found.measured, found.ratio))

    def test_budget_is_met_at_its_value_and_not_above(self):
        for value, budget, met in (
            (2.0, 2.0, True),
            (2.1, 2.0, False),
            (0.0, 0, True),
            (1.0, None, None),
        ):
            self.assertIs(met, row(value, budget=budget).is_met)

    def test_table_shows_what_is_not_met(self):
        lines = report.table([row(3.0, floor=2.0, budget=1.0), row(4.0)])

        self.assertRegex(lines, r'steady.*\b1\.5 .*\b1 .*\bNO\b')
        self.assertNotIn('yes', lines)

    def test_table_has_a_column_for_each_size_that_differs(self):
        rows = [
            dataclasses.replace(row(1.0), at={'stacks': n, 'clouds': 3})
            for n in (100, 1000)
        ]

        self.assertRegex(report.table(rows), r'Scenario \| Stacks \| Measured')
        self.assertNotIn('Stacks', report.table(rows[:1]))


class TestComparison(base.BaseTestCase):
    def test_slower_is_above_the_tolerance_and_outside_of_the_other_runs(self):
        before = [row(1.0, 1.1, 1.4)]
        for values, is_slower in (
            ((1.5, 1.6, 1.7), True),
            ((1.3, 1.6, 1.7), False),
            ((0.5, 0.6, 0.7), False),
        ):
            found = report.slower([row(*values)], before)
            self.assertEqual(is_slower, bool(found), values)

    def test_worst_comes_first_and_new_rows_are_not_compared(self):
        before = [row(1.0, what='a'), row(1.0, what='b'), row(0, what='c')]
        after = [row(2.0, what=name) for name in 'abcd']
        after[1] = row(3.0, what='b')

        found = report.slower(after, before)

        self.assertEqual(
            [
                'steady, c: 0 -> 2 s',
                'steady, b: 1 -> 3 s (3.00 times)',
                'steady, a: 1 -> 2 s (2.00 times)',
            ],
            found,
        )

    def test_rows_of_other_sizes_are_not_compared(self):
        small, large = (
            dataclasses.replace(row(value), at={'stacks': stacks})
            for value, stacks in ((1.0, 100), (9.0, 1000))
        )

        self.assertEqual([], report.slower([large], [small]))
        self.assertEqual([large], report.new([small, large], [small]))

    def test_conditions_that_differ_are_named(self):
        here = report.conditions({'stacks': 100})

        self.assertEqual([], report.differences(here, here))
        self.assertEqual(
            ['stacks: 10 there, 100 here'],
            report.differences(here, {**here, 'stacks': 10}),
        )


class TestFiles(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        directory = self.useFixture(fixtures.TempDir()).path
        self.path = pathlib.Path(directory, 'results.json')

    def test_what_is_saved_can_be_loaded(self):
        rows = [row(1.0, 2.0, floor=1.0, budget=1.2), row(0)]
        results = report.Results({'latency': 3}, rows, 'a command')
        report.save(self.path, results)

        self.assertEqual(results, report.load(self.path))
        saved = json.loads(self.path.read_text())['rows']
        self.assertEqual([1.5, 0], [each['measured'] for each in saved])
        self.assertEqual([False, None], [each['met'] for each in saved])

    def test_file_of_another_kind_is_refused(self):
        for text in ('{}', '{"conditions": {}, "rows": [{}]}', 'no JSON'):
            self.path.write_text(text)
            self.assertRaises(ValueError, report.load, self.path)
