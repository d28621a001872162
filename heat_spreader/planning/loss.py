# SPDX-License-Identifier: Apache-2.0
"""What would have no place if a cloud were lost to a stack, by any cause."""

import dataclasses

from heat_spreader.planning import facts
from heat_spreader.planning import spread


def shares(stack: facts.Stack) -> facts.Shares:
    """What becomes of each share now."""
    return {m.cloud.name: m.share for m in stack.members}


def replace(stack: facts.Stack, cloud: facts.Cloud) -> facts.Stack:
    """The stack with a cloud in the place of the one of that name."""
    members = tuple(
        dataclasses.replace(m, cloud=cloud)
        if m.cloud.name == cloud.name
        else m
        for m in stack.members
    )
    return dataclasses.replace(stack, members=members)


def unplaced(
    before: spread.Spread, after: spread.Spread, cloud: str, stays: int = 0
) -> int:
    """How many instances more than before have no place.

    What is left in the lost cloud counts too, for it is lost.

    :param after: the spread after the loss
    :param stays: how many of those in the cloud are meant to stay there
    """
    left = max(0, after.targets[cloud] - stays)
    return max(0, left + after.unplaced - before.unplaced)
