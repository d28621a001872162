# SPDX-License-Identifier: Apache-2.0
"""The memory of an engine over many surveys, with a change now and then."""

import math

from benchmarks import harness
from benchmarks import report
from benchmarks import seed

NAME = 'memory'
# A stack changes after each of them.
_PARTS = 20
_INTERVALS = {'survey_interval': 0.1, 'settle_interval': 0.1}


def measure(options):
    """Return the rows of all runs."""
    runs = [_run(options) for _ in range(options.runs)]
    first, last = zip(*runs, strict=True)
    growth = [after - before for before, after in runs]
    return [
        report.Row(NAME, what, 'MB', [value / 1e6 for value in values])
        for what, values in (
            ('memory after the first surveys', first),
            (f'memory after {options.surveys} more surveys', last),
            (f'growth over {options.surveys} surveys', growth),
        )
    ]


def _run(options):
    with harness.Bench(options, seed.SHARE, intervals=_INTERVALS) as bench:
        names = seed.stack_names(options.stacks)
        each = math.ceil(options.surveys / _PARTS / options.clouds)

        def work():
            seed.grow(names[:1], options.clouds)
            bench.wait_for_surveys(each)

        bench.start_engines()
        bench.wait_until_quiet()
        # The first change, too, loads what is then kept.
        work()
        before = bench.memory()
        for _ in range(_PARTS):
            work()
        return before, bench.memory()
