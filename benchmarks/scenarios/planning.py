# SPDX-License-Identifier: Apache-2.0
"""Plans for stacks, and whether they survive, without anything else."""

import dataclasses
import time

from benchmarks import report
from benchmarks import seed
from heat_spreader.planning import plan
from heat_spreader.planning import readiness
from heat_spreader.tests.unit.planning import stories

NAME = 'planning'
# The budget is a second for that many.
_MEMBERS = 20_000
# The count of each member, and the state of the last cloud.
_CASES = {
    'all at their targets': (seed.SHARE, 'UP'),
    'all to grow': (1, 'UP'),
    'a cloud is DOWN': (seed.SHARE, 'DOWN'),
}


def measure(options):
    """Return the rows of all cases."""
    return [
        report.Row(
            NAME,
            f'CPU of plans for {_MEMBERS:,} members, {case}',
            's',
            [_run(options, count, state) for _ in range(options.runs)],
            budget=1.0,
        )
        for case, (count, state) in _CASES.items()
    ]


def _run(options, count, last_state):
    stacks = _stacks(options, count, last_state)
    begun = time.process_time()
    for stack in stacks:
        plan.make(stack, stories.NOW)
        readiness.of_stack(stack, stories.NOW)
    used = time.process_time() - begun
    return used * _MEMBERS / (len(stacks) * options.clouds)


def _stacks(options, count, last_state):
    names = [f'cloud{n}' for n in range(options.clouds)]
    cloud_states = dict.fromkeys(names, 'UP') | {names[-1]: last_state}
    one = stories.stack(
        *(
            stories.member(
                name, weight, count, cloud_states[name], sent_count=count
            )
            for name, weight in seed.even_weights(names).items()
        ),
        count=seed.SHARE * options.clouds,
    )
    # Members of its own for each, as when they are loaded.
    return [
        dataclasses.replace(
            one, id=name, members=tuple(map(dataclasses.replace, one.members))
        )
        for name in seed.stack_names(options.stacks)
    ]
