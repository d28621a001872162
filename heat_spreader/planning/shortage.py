# SPDX-License-Identifier: Apache-2.0
"""Which reasons of a cloud mean that it has no room for more instances.

Heat repeats what the services under it say, each in words of its own. The
words here are those of Heat, Nova, Neutron, Cinder, Octavia and Placement; a
reason without any of them is no want of room, and the update is tried again
as it is.
"""

import dataclasses
import re

from heat_spreader.planning import facts


@dataclasses.dataclass(frozen=True)
class Shortage:
    """Why there is no room, in a few words."""

    reason: str


def of_text(reason: str | None) -> Shortage | None:
    """The shortage that the reason of a cloud is about, None if it is none.

    :param reason: the reason for a status, or for rejecting an update
    """
    for pattern, short in _WORDS:
        if found := re.search(pattern, reason or '', re.IGNORECASE):
            return Shortage(short.format(*map(_listed, found.groups())))
    return None


def _listed(names: str) -> str:
    """The names of a list in Python, or one name, as words."""
    return re.sub(r'[^\w,. -]', '', names).strip(' ,.-')[:80]


# The first one that is found counts.
_WORDS = (
    # Heat: max_resources_per_stack.
    (r'maximum resources per stack exceeded', facts.HEAT_LIMIT),
    # Nova: instances, cores, ram, server groups; Cinder, Neutron, Octavia.
    (r'quota exceeded for resources: \[?([^\].]+)', 'quota: {}'),
    (r'quota exceeded for ([^:(.]+)', 'quota: {}'),
    (r'quota exceeded, too many ([^.(]+)', 'quota: {}'),
    (r'quota has been met for resources: ([^.(]+)', 'quota: {}'),
    (r"exceeded for quota '([^']+)'", 'quota: {}'),
    (r'exceeds allowed (\w+) quota', 'quota: {}'),
    (r'quota (?:was |is )?exceeded', 'quota'),
    # Nova and Placement: nothing to put a server on.
    (r'no valid host', 'no valid host'),
    (r'not enough hosts available', 'no valid host'),
    (r'insufficient compute resources', 'insufficient compute resources'),
    # Cinder: no backend has the space.
    (r'no valid backend', 'no valid backend'),
    # Neutron: every address of a subnet, or of a pool, is in use.
    (r'no more ip addresses available', 'no free address'),
    (r'no more free (?:fixed|floating) ips', 'no free address'),
    (r'unable to find any ip address', 'no free address'),
)
