# SPDX-License-Identifier: Apache-2.0
"""Whether a stack is still worth waiting for. Pure: values in, values out."""

import enum

DONE = ('ACTIVE', 'DEGRADED', 'PAUSED')


class Outcome(enum.Enum):
    WAIT = 'The engine has still to do what was asked.'
    DONE = 'The engine did what was asked.'
    FAILED = 'The engine cannot do what was asked.'


def outcome(stack, generation):
    """What became of the change that gave the stack this generation."""
    if not stack.members:
        # Nothing was asked of any cloud, so the stack stays PENDING.
        return Outcome.DONE
    if stack.status == 'FROZEN':
        return Outcome.FAILED
    if stack.observed_generation < generation:
        return Outcome.WAIT
    if stack.status == 'ERROR':
        return Outcome.FAILED
    return Outcome.DONE if stack.status in DONE else Outcome.WAIT
