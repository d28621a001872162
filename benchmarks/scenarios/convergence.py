# SPDX-License-Identifier: Apache-2.0
"""From nothing to all stacks at their targets, engine start included."""

from benchmarks import harness
from benchmarks import report
from benchmarks import seed
from benchmarks.scenarios import cost

NAME = 'convergence'
# Seconds, by stacks and engines, over 3 clouds.
_BUDGETS = {(100, 1): 3, (100, 2): 3, (1000, 1): 20, (1000, 2): 12}


def measure(options):
    """Return the rows of all runs."""
    runs = [_run(options) for _ in range(options.runs)]
    used = [usage for usage, _ in runs]
    budget = None
    if options.clouds == 3:
        budget = _BUDGETS.get((options.stacks, options.engines))
    floor = cost.first_reads(options, options.stacks) + cost.seconds(
        options, options.stacks
    )
    return [
        report.Row(
            NAME,
            'start of the engines to all stacks ACTIVE',
            's',
            [usage.seconds for usage in used],
            floor,
            budget,
        ),
        report.Row(
            NAME,
            'start of the engines to the last PATCH',
            's',
            [last for _, last in runs],
        ),
        *cost.rows(NAME, used, options.stacks * options.clouds),
    ]


def _run(options):
    with harness.Bench(options, count=1) as bench:
        before = bench.usage()
        begun = bench.start_engines()
        ended = bench.wait_until_active()
        used = bench.usage() - before
        used.seconds = ended - begun
        patches = bench.clouds.patches()
        used.floor_cpu = bench.floor_cpu()
    missing = options.stacks * options.clouds - len(patches)
    if missing > 0:
        raise AssertionError(
            f'Each member needs one PATCH to {seed.SHARE}; {missing} have none'
        )
    return used, patches[-1] - begun
