# SPDX-License-Identifier: Apache-2.0
"""What members that change must cost at least, and what they have cost."""

import math
import statistics

from benchmarks import report

# Milliseconds of engine CPU for a changed member, on a host on which its three
# requests through keystoneauth take the second number; and so the ratio.
CPU_BUDGET, CPU_FLOOR = 5.0, 1.8
REQUESTS = 3
# The emulated clouds may cost a third of what is measured.
SHARE_OF_CLOUDS = 1 / 3


def seconds(options, members):
    """The least time for changes of members in one cloud, all at once.

    Each is read and PATCHed, as many at a time as all engines may. The survey
    after the last update is a list and a read.
    """
    turns = math.ceil(members / (options.updates * options.engines))
    return (
        turns * (options.latency + options.patch_latency)
        + options.settle
        + 2 * options.latency
    )


def first_reads(options, members):
    """The least time until members in one cloud are read.

    The versions of Keystone, a token, the list, the reads.
    """
    turns = math.ceil(members / (options.updates * options.engines))
    return (3 + turns) * options.latency


def rows(scenario, usages, members):
    """The rows for the costs of a changed member, and of the clouds.

    :param usages: a harness.Usage for each run
    """
    cpu = [used.engines_cpu * 1000 for used in usages]
    floor_cpu = statistics.median(used.floor_cpu for used in usages)
    return [
        of_requests(scenario, usages, members),
        _row(
            scenario, 'engine CPU', 'ms', cpu, members, floor_cpu, CPU_BUDGET
        ),
        report.Row(
            scenario,
            'engine CPU per changed member by that of its requests alone',
            'ratio',
            [
                milliseconds / members / used.floor_cpu
                for milliseconds, used in zip(cpu, usages, strict=True)
            ],
            budget=CPU_BUDGET / CPU_FLOOR,
        ),
        *(
            _row(
                scenario,
                name.replace('_', ' '),
                name.rpartition('_')[2],
                [used.database[name] for used in usages],
                members,
            )
            for name in ('statements', 'transactions', 'write_transactions')
        ),
        of_clouds(scenario, usages),
    ]


def of_requests(scenario, usages, members):
    """The row for the requests for single stacks."""
    single = [
        sum(used.requests[kind] for kind in ('find', 'read', 'patch'))
        for used in usages
    ]
    return _row(
        scenario, 'requests', 'requests', single, members, REQUESTS, REQUESTS
    )


def _row(scenario, what, unit, sums, members, *limits):
    values = [value / members for value in sums]
    return report.Row(
        scenario, f'{what} per changed member', unit, values, *limits
    )


def of_clouds(scenario, usages):
    """The row for the CPU of the emulated clouds by that of the engines."""
    return report.Row(
        scenario,
        'CPU of the emulated clouds by that of the engines',
        'ratio',
        [used.clouds_cpu / used.engines_cpu for used in usages],
        budget=SHARE_OF_CLOUDS,
    )
