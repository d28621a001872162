# SPDX-License-Identifier: Apache-2.0
"""An engine that is killed while it works, and another that takes over."""

import time

from benchmarks import harness
from benchmarks import report
from benchmarks import seed

NAME = 'killed'
_BUDGET = 20.0


def measure(options):
    """Return the rows of all runs.

    The floor is the time before which no other engine may take over.
    """
    runs = [_run(options) for _ in range(options.runs)]
    intervals = harness.INTERVALS['engine']
    floor = intervals['heartbeat_timeout'] - intervals['heartbeat_interval']
    return [
        report.Row(
            NAME,
            f'kill -9 to {what}',
            's',
            [*values],
            floor * options.time_scale,
            _BUDGET * options.time_scale,
        )
        for what, values in zip(
            ('its clouds surveyed', 'the last PATCH'),
            zip(*runs, strict=True),
            strict=True,
        )
    ]


def _run(options):
    with harness.Bench(options, seed.SHARE, options.time_scale) as bench:
        bench.start_engines(max(2, options.engines))
        bench.wait_until_quiet()
        begun = time.monotonic()
        seed.grow(seed.stack_names(options.stacks), options.clouds)
        bench.wait_until(bench.clouds.patches, 'the first PATCH')
        owners = seed.owners()
        lost = max(
            bench.engines,
            key=lambda engine: [*owners.values()].count(engine.id),
        )
        clouds = [name for name in owners if owners[name] == lost.id]
        lost.lose()
        at = time.monotonic()
        bench.wait_for_surveys(1, of=clouds)
        surveyed = time.monotonic() - at
        wanted = options.stacks * options.clouds
        last = bench.wait_until(
            lambda: bench.clouds.last_of_members(wanted, begun),
            'the last PATCH',
        )
        return surveyed, last - at
