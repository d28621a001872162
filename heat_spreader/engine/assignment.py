# SPDX-License-Identifier: Apache-2.0
"""Which clouds this engine surveys: its part of them, by leases."""

import math

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader.db import clouds

LOG = logging.getLogger(__name__)


class Assignment:
    """The clouds that this engine holds a lease of, as ``owned``.

    Each engine keeps its clouds from survey to survey, and no more of them
    than its part, so that an engine that starts gets some.

    :param names: the enabled clouds
    :param heartbeat: heartbeat.Heartbeat
    """

    def __init__(self, names, heartbeat):
        self.names = list(dict.fromkeys(names))
        self.heartbeat = heartbeat
        self.owned = frozenset()

    def refresh(self, busy=frozenset()):
        """Take clouds that are free, or give some back.

        :param busy: the clouds that are being surveyed, which are kept
        """
        me = self.heartbeat.id
        if not self.heartbeat.may_act(me):
            self.owned = frozenset()
            return
        with context.for_engine() as ctx:
            owners = clouds.lease_owners(ctx)
            mine = [name for name in self.names if owners.get(name) == me]
            part = math.ceil(len(self.names) / self.heartbeat.alive)
            for name in self._preferred(mine)[part:]:
                if name not in busy:
                    clouds.release(ctx, name, me)
                    mine.remove(name)
            free = [name for name in self.names if owners.get(name) is None]
            for name in self._preferred(free)[: max(0, part - len(mine))]:
                if clouds.claim(ctx, name, me):
                    mine.append(name)
        owned = frozenset(mine)
        if owned != self.owned:
            LOG.info(
                'Clouds surveyed here: %s.',
                ', '.join(sorted(owned)) or 'none',
            )
        self.owned = owned

    def _preferred(self, names):
        """The names, those first that this engine is to have."""
        return sorted(
            names, key=lambda name: (not self.heartbeat.prefers(name), name)
        )
