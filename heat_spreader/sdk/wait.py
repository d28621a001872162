# SPDX-License-Identifier: Apache-2.0
"""Whether to continue to wait. Pure: values in, values out."""

import collections
import enum

DONE = ('ACTIVE', 'DEGRADED')
# In these states of a member nothing is changed there until something else is.
HELD = ('CONFLICT', 'MISCONFIGURED', 'REJECTED', 'UNAUTHORIZED', 'UNSEEN')


class Outcome(enum.Enum):
    WAIT = 'The engine has not applied the change yet.'
    DONE = 'The engine has applied the change.'
    FAILED = 'The engine cannot apply the change.'


def outcome(stack, generation, paused=False):
    """The outcome of the change that gave the stack this generation.

    :param paused: whether the change is that the stack is paused
    """
    if not stack.members:
        # No cloud has a weight, so the stack stays PENDING.
        return Outcome.DONE
    if not is_seen(stack, generation):
        # What the engine says is about what was asked for before.
        return Outcome.WAIT
    if stack.status == 'PAUSED':
        is_done = paused or all(map(is_met, stack.members))
        return Outcome.DONE if is_done else Outcome.FAILED
    if stack.status in ('ERROR', 'FROZEN') or is_held(stack):
        return Outcome.FAILED
    return Outcome.DONE if stack.status in DONE else Outcome.WAIT


def unread(stack):
    """The members whose Heat stacks the engine has not read yet."""
    return [m for m in stack.members if m['state'] == 'UNKNOWN']


def is_seen(stack, generation):
    """Whether the engine has acted on the change."""
    return stack.observed_generation >= generation


def is_held(stack):
    """Whether nothing can be changed in any cloud of the stack."""
    return all(member['state'] in HELD for member in stack.members)


def is_met(member):
    """Whether a member has its target, and all of it is ready."""
    target = member['target']
    return target is not None and target == member['count'] == member['ready']


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
