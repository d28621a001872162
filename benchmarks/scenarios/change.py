# SPDX-License-Identifier: Apache-2.0
"""Changes by users while the engines run: one, 1 % of the stacks, all."""

import math

from benchmarks import harness
from benchmarks import report
from benchmarks import seed
from benchmarks.scenarios import cost
from heat_spreader.tests import process

USER, FEW, ALL = 'user', 'one-percent', 'all'
# Changes in one run of USER.
_CHANGES = 5
_BUDGET = 2.0


def measure_user(options):
    """Return the row for a user's change to its first PATCH."""
    values = [v for _ in range(options.runs) for v in _user(options)]
    return [
        report.Row(
            USER,
            'PATCH in our API to the first PATCH in a cloud',
            's',
            values,
            floor=options.latency,
            budget=_BUDGET,
        )
    ]


def _user(options):
    with harness.Bench(options, count=seed.SHARE) as bench:
        url = bench.start_api()
        bench.start_engines()
        bench.wait_until_quiet()
        for number in range(min(_CHANGES, options.stacks)):
            name = seed.stack_names(options.stacks)[number]
            total = (seed.SHARE + 1) * options.clouds
            stack = f'{url}/v1/stacks/{seed.stack_id(name)}'
            at = bench.usage().seconds
            answer = process.request('PATCH', stack, json={'count': total})
            answer.raise_for_status()
            wanted = options.clouds * (number + 1)
            bench.wait_until(
                lambda wanted=wanted: bench.clouds.total('patch') >= wanted,
                'the PATCH in each cloud',
            )
            yield bench.clouds.patches(since=at)[0] - at


def measure_few(options):
    """Return the rows for 1 % of the stacks, at least one.

    The CPU is mostly that of the steady state.
    """
    changed = math.ceil(options.stacks / 100)
    used = [_run(options, changed) for _ in range(options.runs)]
    return [
        _duration(FEW, options, used, changed),
        cost.of_requests(FEW, used, changed * options.clouds),
    ]


def measure_all(options):
    """Return the rows for all stacks."""
    used = [_run(options, options.stacks) for _ in range(options.runs)]
    return [
        _duration(ALL, options, used, options.stacks),
        *cost.rows(ALL, used, options.stacks * options.clouds),
    ]


def _duration(scenario, options, used, changed):
    return report.Row(
        scenario,
        'change to all stacks ACTIVE',
        's',
        [usage.seconds for usage in used],
        floor=cost.seconds(options, changed),
    )


def _run(options, changed):
    with harness.Bench(options, count=seed.SHARE) as bench:
        bench.start_engines()
        bench.wait_until_quiet()
        before = bench.usage()
        seed.grow(seed.stack_names(changed), options.clouds)
        ended = bench.wait_until_active()
        used = bench.usage() - before
        used.seconds = ended - before.seconds
        used.floor_cpu = bench.floor_cpu()
    return used
