# SPDX-License-Identifier: Apache-2.0
"""A cloud that fails: to DOWN, and to the first PATCH elsewhere."""

import time

from benchmarks import harness
from benchmarks import report
from benchmarks import seed
from heat_spreader import states

NAME = 'outage'
FAULTS = ('refuse', 'hang')
_SURVEYS = 3
# Seconds with the defaults, to DOWN and to the first PATCH.
_BUDGETS = {'refuse': (31, 32), 'hang': (41, 42)}


def measure(options):
    """Return the rows of all faults and runs.

    The fault begins right after a survey of the cloud, which is the worst
    moment. The floor is the time that three surveys take from there.
    """
    found = []
    for fault in FAULTS:
        if fault not in options.faults:
            continue
        runs = [_run(options, fault) for _ in range(options.runs)]
        floor = _SURVEYS * harness.INTERVALS['engine']['survey_interval']
        if fault == 'hang':
            # The list and then the probe.
            floor += 2 * harness.INTERVALS['health']['probe_timeout']
        for what, values, budget in zip(
            ('DOWN', 'the first PATCH elsewhere'),
            zip(*runs, strict=True),
            _BUDGETS[fault],
            strict=True,
        ):
            found.append(
                report.Row(
                    NAME,
                    f'{fault} to {what}',
                    's',
                    [*values],
                    floor * options.time_scale,
                    budget * options.time_scale,
                )
            )
    return found


def _run(options, fault):
    with harness.Bench(options, seed.SHARE, options.time_scale) as bench:
        bench.start_engines()
        bench.wait_until_quiet()
        *others, lost = bench.names
        bench.wait_for_surveys(1, of=[lost])
        # The list was received, and has to be answered.
        time.sleep(2 * options.latency)
        at = bench.clouds.set_fault(lost, fault)
        bench.wait_until(
            lambda: seed.cloud_states()[lost] == states.CloudState.DOWN,
            f'{fault} to DOWN',
        )
        down = time.monotonic() - at
        first, *_ = bench.wait_until(
            lambda: bench.clouds.patches(since=at, of=others),
            f'{fault} to the first PATCH',
        )
    return down, first - at
