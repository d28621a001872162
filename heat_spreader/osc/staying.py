# SPDX-License-Identifier: Apache-2.0
"""What keeps running in clouds that a stack no longer manages.

Nothing is changed in a cloud when it leaves a stack. People must know what
runs there on, since no one controls it any more.
"""

from heat_spreader.osc import brief

# Members in these states have no Heat stack of their own.
_ABSENT = ('CONFLICT', 'MISSING', 'PARAMETER_MISSING')


def sentence(members):
    """What the members leave behind: athens 6, berlin 2 keep running."""
    left = [
        f'{member["cloud"]} {_count(member)}'
        for member in members
        if member['count'] != 0 and member['state'] not in _ABSENT
    ]
    if not left:
        return 'nothing is known to run there'
    return f'{", ".join(left)} keep running'


def _count(member):
    if member['count'] is None:
        return '(count unknown)'
    known = ' (last known)' if brief.is_unread(member) else ''
    return f'{member["count"]}{known}'
