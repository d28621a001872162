# SPDX-License-Identifier: Apache-2.0
"""The plots and the tables of a file with results."""

import contextlib
import csv
import io
import pathlib

import fixtures
from oslotest import base

from benchmarks import plot
from benchmarks import report

RESULTS = report.Results(
    {'latency': 0.02},
    [
        report.Row(
            *(each.scenario, each.what, each.unit, [1.0, 3.0, 2.0]),
            floor=4.0,
            budget=stacks / 100,
            at={
                'stacks': stacks,
                'clouds': clouds,
                'engines': 1,
                'database': 'sqlite',
            },
        )
        for each in plot.PLOTS[:2]
        for stacks in (100, 1000)
        for clouds in (3, 10)
    ],
    'python -m benchmarks --stacks 100 1000',
)


class TestPlots(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def write(self, name, results=RESULTS):
        """Return the directory with what is made of results."""
        file = self.directory / f'{name}.json'
        report.save(file, results)
        made = self.directory / name / 'performance'
        command = [str(file), '--directory', str(made)]
        self.assertEqual(0, plot.main(command))
        return made

    def test_each_plot_is_written_and_included(self):
        made = self.write('results')

        names = {f'{each.name}.svg' for each in plot.PLOTS}
        files = {path.name for path in made.iterdir()}
        self.assertEqual({*names, plot.INCLUDE}, files)
        included = (made / plot.INCLUDE).read_text()
        for name in names:
            self.assertIn(f'.. figure:: performance/{name}', included)

    def test_plots_are_the_same_each_time(self):
        first, second = map(self.write, ('first', 'second'))

        for each in plot.PLOTS:
            name = f'{each.name}.svg'
            self.assertEqual(
                (first / name).read_text(), (second / name).read_text()
            )

    def test_axes_are_named_with_their_units(self):
        made = self.write('results')

        text = (made / 'cpu.svg').read_text()
        for word in ('stacks', 'milliseconds', '1,000', 'sqlite', '3 clouds'):
            self.assertIn(f'{word}', text)
        self.assertNotIn('10 clouds', text)

    def test_plot_without_results_is_left_out(self):
        rows = [report.Row('steady', 'lists', 'requests', [3], at={})]

        made = self.write('results', report.Results({}, rows, 'x -m y'))

        self.assertEqual([plot.INCLUDE], [p.name for p in made.iterdir()])

    def test_table_has_each_row_and_what_is_not_met(self):
        text = (self.write('results') / plot.INCLUDE).read_text()

        rows = [line.strip() for line in text.splitlines() if ' "1",' in line]
        found = [row[1:] for row in csv.reader(rows)]
        first = RESULTS.rows[0]
        sizes = '100 stacks, 3 clouds, 1 engine, sqlite'
        self.assertEqual(len(RESULTS.rows), len(found))
        self.assertEqual(
            [
                *(first.scenario, first.what, first.unit, sizes),
                *('2', '4', '0.5', '1', '**no**'),
            ],
            found[0],
        )
        self.assertIn('4 of the 8 rows with a budget meet it.', text)

    def test_command_and_conditions_of_each_file_are_included(self):
        text = (self.write('results') / plot.INCLUDE).read_text()

        self.assertIn('File 1 (latency 0.02):', text)
        self.assertIn(f'$ {RESULTS.command}\n', text)

    def test_file_without_results_is_a_mistake_of_the_user(self):
        file = self.directory / 'other.json'
        file.write_text('{}')
        with contextlib.redirect_stderr(io.StringIO()) as said:
            done = self.assertRaises(
                SystemExit,
                plot.main,
                [str(file), '--directory', str(self.directory)],
            )

        self.assertEqual(2, done.code)
        self.assertIn('The results cannot be used', said.getvalue())
