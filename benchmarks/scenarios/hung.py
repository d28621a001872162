# SPDX-License-Identifier: Apache-2.0
"""A cloud that hangs, and changes in the others."""

from benchmarks import harness
from benchmarks import report
from benchmarks import seed

NAME = 'hung'
FAULTS = ('hang', 'hang-patch', 'hang-reads', 'hang-auth', 'drip')
_BUDGET = 1.2


def measure(options):
    """Return the rows of all faults and runs; the floor is without a fault.

    With failover none the targets in the other clouds stay the same when the
    cloud is DOWN.
    """

    def row(fault, what, floor=None, budget=None):
        values = [_run(options, fault) for _ in range(options.runs)]
        return report.Row(NAME, what, 's', values, floor, budget)

    usual = row(None, 'change to the last PATCH in the others, no fault')
    return [
        usual,
        *(
            row(
                fault,
                f'the same, {fault}',
                usual.measured,
                _BUDGET * usual.measured,
            )
            for fault in FAULTS
            if fault in options.faults
        ),
    ]


def _run(options, fault):
    with harness.Bench(
        options, seed.SHARE, options.time_scale, failover='none'
    ) as bench:
        bench.start_engines()
        bench.wait_until_quiet()
        *others, hung = bench.names
        bench.wait_for_surveys(1, of=[hung])
        if fault:
            bench.clouds.set_fault(hung, fault)
        at = bench.usage().seconds
        seed.grow(seed.stack_names(options.stacks), options.clouds)
        wanted = options.stacks * len(others)
        last = bench.wait_until(
            lambda: bench.clouds.last_of_members(wanted, at, others),
            f'the changes in the other clouds, {fault}',
        )
        return last - at
