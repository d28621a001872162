# SPDX-License-Identifier: Apache-2.0
"""Whether to continue to wait. Pure: values in, values out."""

import collections
import enum

DONE = ('ACTIVE', 'DEGRADED', 'PAUSED')


class Outcome(enum.Enum):
    WAIT = 'The engine has not applied the change yet.'
    DONE = 'The engine has applied the change.'
    FAILED = 'The engine cannot apply the change.'


def outcome(stack, generation):
    """The outcome of the change that gave the stack this generation."""
    if not stack.members:
        # No cloud has a weight, so the stack stays PENDING.
        return Outcome.DONE
    if stack.status == 'FROZEN':
        return Outcome.FAILED
    if stack.observed_generation < generation:
        return Outcome.WAIT
    if stack.status == 'ERROR':
        return Outcome.FAILED
    return Outcome.DONE if stack.status in DONE else Outcome.WAIT


def drain_outcome(cloud):
    """The outcome of the drain of a cloud."""
    if cloud.admin_state == 'DRAINING':
        return Outcome.WAIT
    is_drained = cloud.admin_state == 'DRAINED'
    return Outcome.DONE if is_drained else Outcome.FAILED


def left(cloud, stacks):
    """How many instances each stack has in a cloud, by name, if it has any."""
    counts = collections.Counter()
    for stack in stacks:
        for member in stack.members:
            if member['cloud'] == cloud and member['count']:
                # Projects may have stacks of the same name.
                counts[stack.name] += member['count']
    return counts
