# SPDX-License-Identifier: Apache-2.0
"""A cloud that returns: to all stacks at their own targets again."""

from benchmarks import harness
from benchmarks import report
from benchmarks import seed
from benchmarks.scenarios import cost
from heat_spreader import states

NAME = 'returns'
FAULTS = ('refuse', 'hang')
# Good ones until a cloud is UP.
_SURVEYS = 2


def measure(options):
    """Return the rows of all faults and runs.

    The fault ends when a survey of the cloud has ended, which is the worst
    moment. The floor is the time that two surveys take from there, and the
    updates of a cloud.
    """
    return [
        report.Row(
            NAME,
            f'end of {fault} to all stacks ACTIVE',
            's',
            [_run(options, fault) for _ in range(options.runs)],
            _floor(options, fault),
        )
        for fault in FAULTS
        if fault in options.faults
    ]


def _floor(options, fault):
    surveys = _SURVEYS * harness.INTERVALS['engine']['survey_interval']
    if fault == 'hang':
        # The list and then the probe, since the last survey began.
        surveys -= 2 * harness.INTERVALS['health']['probe_timeout']
    updates = cost.seconds(options, options.stacks)
    return surveys * options.time_scale + updates


def _run(options, fault):
    with harness.Bench(options, seed.SHARE, options.time_scale) as bench:
        bench.start_engines()
        bench.wait_until_quiet()
        lost = bench.names[-1]
        bench.clouds.set_fault(lost, fault)
        bench.wait_until(
            lambda: seed.are_all(states.StackStatus.DEGRADED),
            'the failover of all stacks',
        )
        before = seed.checked_at(lost)
        bench.wait_until(lambda: seed.checked_at(lost) != before, 'a survey')
        at = bench.clouds.set_fault(lost, None)
        return bench.wait_until_active() - at
