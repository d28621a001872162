# SPDX-License-Identifier: Apache-2.0
"""Have stacks planned again when a freeze begins or ends without them.

Whether everything is frozen, and whether the loss of one more cloud would
freeze it, depends on all clouds. The stacks with a member in the cloud that
changes are due anyway; here the others are found.
"""

from heat_spreader.db import readiness as db
from heat_spreader.planning import health
from heat_spreader.planning import readiness


class Freeze:
    """The freezes as the stacks in one cloud know them.

    :param name: that of the cloud
    """

    def __init__(self, conf, name):
        self.conf = conf
        self.name = name
        self._known = None

    def begin(self):
        """Forget what is known: another engine had the cloud until now."""
        self._known = None

    def find_outdated(self, ctx, clouds):
        """The ids of stacks that do not know the freezes of now.

        :param clouds: facts.Cloud of every enabled cloud
        """
        limit = self.conf.health.max_down_clouds
        frozen = health.frozen(clouds, limit) is not None
        if_lost = self.name in readiness.freezing(clouds, limit)
        if (frozen, if_lost) == self._known:
            return set()
        found = db.outdated(ctx, self.name, frozen, if_lost)
        self._known = frozen, if_lost
        return found
