# SPDX-License-Identifier: Apache-2.0
"""Whether to continue to wait for a stack. Pure: values in, values out."""

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
