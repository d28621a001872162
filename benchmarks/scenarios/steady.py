# SPDX-License-Identifier: Apache-2.0
"""The steady state: surveys in which nothing has changed."""

import time

from benchmarks import harness
from benchmarks import report
from benchmarks import seed
from benchmarks.scenarios import cost

NAME = 'steady'
_ROUNDS = 3
_CPU_BUDGET = 5.0
_MEMORY_BUDGET = 500


def measure(options):
    """Return the rows of all runs; a round is a survey of every cloud."""
    runs = [_run(options) for _ in range(options.runs)]
    used = [usage for usage, _ in runs]

    def row(what, unit, values, **limits):
        values = [value / _ROUNDS for value in values]
        return report.Row(NAME, f'{what} per round', unit, values, **limits)

    lists = options.clouds * (options.stacks // harness.PAGE + 1)
    return [
        row(
            'lists',
            'requests',
            [usage.requests['list'] for usage in used],
            floor=lists,
            budget=lists,
        ),
        row(
            'other requests',
            'requests',
            [
                usage.requests.total() - usage.requests['list']
                for usage in used
            ],
            budget=0,
        ),
        *(
            row(
                what,
                name,
                [usage.database[name] for usage in used],
                budget=budget,
            )
            for what, name, budget in (
                ('statements', 'statements', None),
                ('writes of stacks, members and events', 'writes', 0),
                ('writes of heartbeats and leases', 'beats', None),
                ('transactions', 'transactions', None),
            )
        ),
        row(
            'engine CPU',
            's',
            [usage.engines_cpu for usage in used],
            budget=_CPU_BUDGET,
        ),
        report.Row(
            NAME,
            'memory of the largest engine',
            'MB',
            [memory / 1e6 for _, memory in runs],
            budget=_MEMORY_BUDGET,
        ),
        cost.of_clouds(NAME, used),
    ]


def _run(options):
    with harness.Bench(options, seed.SHARE, options.time_scale) as bench:
        bench.start_engines()
        bench.wait_until_quiet()
        interval = bench.groups['engine']['survey_interval']
        # Half way between two surveys of the first cloud.
        bench.wait_for_surveys(1, of=bench.names[:1])
        time.sleep(interval / 2)
        before = bench.usage()
        time.sleep(_ROUNDS * interval)
        used = bench.usage() - before
        memory = bench.memory()
    return used, memory
