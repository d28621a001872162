# SPDX-License-Identifier: Apache-2.0
"""python -m benchmarks, with the real engine, once and small."""

import json
import pathlib
import sys

import fixtures
import psutil
from oslotest import base

from benchmarks import report
from benchmarks import seed
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as our_fixtures

TOP = pathlib.Path(__file__).parents[4]


class TestRun(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)

    def run_benchmarks(self, *options):
        command = [sys.executable, '-m', 'benchmarks']
        return process.run(*command, *map(str, options), cwd=TOP, timeout=240)

    def test_small_run_measures_compares_and_writes_a_file(self):
        before = self.directory / 'before.json'
        after = self.directory / 'after.json'
        what = 'requests per changed member'
        at = {'stacks': 3, 'clouds': 3, 'engines': 1, 'database': 'sqlite'}
        impossible = report.Row('convergence', what, 'requests', [0.1], at=at)
        report.save(before, report.Results({'latency': 1}, [impossible]))

        done = self.run_benchmarks(
            *('--stacks', 3, '--runs', 1, '--scenarios', 'convergence'),
            *('--json', after, '--compare', before),
        )

        self.assertIn('latency: 1 there, 0.02 here', done.stderr)
        slower = f'Slower:\nconvergence, {what}, stacks 3, '
        self.assertIn(slower, done.stdout)
        self.assertEqual(1, done.returncode)
        rows = {r['what']: r for r in json.loads(after.read_text())['rows']}
        # Read, PATCH, read, and on a slow machine more reads.
        self.assertGreaterEqual(rows[what]['measured'], 3)
        self.assertGreater(
            rows['statements per changed member']['measured'], 1
        )

    def test_pages_of_the_api_are_measured(self):
        file = self.directory / 'api.json'
        done = self.run_benchmarks(
            *('--stacks', 2, '--runs', 1, '--scenarios', 'pages'),
            *('--json', file),
        )

        self.assertEqual(0, done.returncode, done.stderr)
        rows = {r['what']: r for r in json.loads(file.read_text())['rows']}
        self.assertIn('1 stacks by name: the last pages by the first', rows)

    def test_sigterm_ends_all_that_was_started(self):
        program = self.useFixture(
            process.Process(
                [sys.executable, '-m', 'benchmarks', '--scenarios', 'steady'],
                cwd=TOP,
            )
        )

        def started():
            family = psutil.Process(program.pid).children(recursive=True)
            # The clouds, and both processes of the engine.
            return len(family) >= 3 and family

        program.launch()
        family = process.wait_until(started, program.log_tail)
        program.stop()

        _, left = psutil.wait_procs(family, timeout=process.TIMEOUT)
        self.assertEqual([], left)

    def test_database_that_cannot_be_used_is_a_mistake_of_the_user(self):
        done = self.run_benchmarks('--database', 'mysql://nowhere.invalid/x')

        self.assertEqual(2, done.returncode)
        self.assertIn('The database cannot be used', done.stderr)
        self.assertNotIn('Traceback', done.stderr)

    def test_database_with_stacks_is_refused_and_left_alone(self):
        database = self.useFixture(our_fixtures.Database())
        name = 'benchmarks'
        seed.create([name], ['cloud0'], 'even')

        done = self.run_benchmarks(
            *('--database', database.url, '--scenarios', 'steady'),
        )

        self.assertEqual(2, done.returncode)
        self.assertIn('needs an empty one', done.stderr)
        self.assertIsNotNone(seed.stack_id(name))
