# SPDX-License-Identifier: Apache-2.0
"""What is so, in a few words for a column of a list.

The sentences of the service are for ``stack show``.
"""

from heat_spreader.osc import when
from heat_spreader.sdk import wait

# In these states of a cloud or a member nothing that was read is new.
UNREAD = ('UNREACHABLE', 'UNAUTHORIZED', 'MISCONFIGURED', 'UNSEEN')
QUIET = ('OK', 'SCALING', 'BUSY', 'DRAINING', 'DRAINED', 'UNKNOWN')
_WORDS = {
    'MISSING': 'no such stack there',
    'PARAMETER_MISSING': 'no such parameter',
    'WAITING': 'waits for failback',
    'DRAINED': 'drained',
}


def ready(stack):
    """How many instances of the total are ready: 10/10."""
    return f'{ready_count(stack)}/{stack.count}'


def ready_count(stack):
    """How many are known to be ready; those in a lost cloud are not."""
    return sum(
        member['ready'] or 0
        for member in stack.members
        if member['state'] not in ('UNREACHABLE', 'CONFLICT')
    )


def of_member(member, cloud=None):
    """Why a member is in its state.

    :param cloud: the sdk.Cloud that it is in, None if it is not known
    """
    count, target = member['count'], member['target']
    match member['state']:
        case 'OK' if cloud is not None and cloud.state == 'SUSPECT':
            return f'no answer ({cloud.failures} of {cloud.failures_needed})'
        case 'OK':
            return {'CORDONED': 'cordoned'}.get(member['admin_state'], '')
        case 'SCALING' | 'BUSY' if count != target:
            return f'{_number(count)} -> {_number(target)}'
        case 'SCALING' if member['ready'] is not None:
            return f'{member["ready"]} of {count} ready'
        case 'UNREACHABLE':
            return f'for {when.age(member["since"])}'
        case state if state in wait.HELD:
            return f'held at {_number(count)}'
        case 'FAILED' | 'CONTESTED':
            return _retry(member)
        case 'DRAINING':
            return f'{_number(count)} left'
        case 'FULL':
            return f'full at {_number(member.get("cap"))}'
        case state:
            return _WORDS.get(state, '')


def of_stack(stack, clouds):
    """Why a stack has its status.

    :param clouds: sdk.Cloud by name, as far as they are known
    """
    if stack.status in ('PAUSED', 'PENDING') or not stack.members:
        return ''
    if stack.status == 'ERROR' and stack.unplaced:
        return f'no room for {stack.unplaced}'
    shown = [m for m in stack.members if m['state'] not in QUIET] or [
        m for m in stack.members if of_member(m, clouds.get(m['cloud']))
    ]
    if not shown:
        frozen = stack.status == 'FROZEN'
        return 'too many clouds are down' if frozen else ''
    first = shown[0]
    words = of_member(first, clouds.get(first['cloud']))
    if first['state'] not in QUIET:
        words = f'{first["state"]} {words}'.rstrip()
    more = f' (+{len(shown) - 1})' if len(shown) > 1 else ''
    return f'{first["cloud"]} {words}{more}'


def is_unread(member, cloud=None):
    """Whether the count is only what was last known."""
    unsure = cloud is not None and cloud.state in ('SUSPECT', 'UNKNOWN')
    known = member['count'] is not None
    return known and (member['state'] in UNREAD or unsure)


def _retry(member):
    left = member['retry_at'] and when.until(member['retry_at'])
    return f'tried again in {left}' if left else 'is tried again'


def _number(value):
    return '?' if value is None else value
