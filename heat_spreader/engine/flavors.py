# SPDX-License-Identifier: Apache-2.0
"""Read the flavors of the stacks in a cloud, a few in each turn.

They are for the same estimate as the limits in quota.py. A template seldom
changes, so a flavor is read again after a day.
"""

import datetime

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader.db import flavors as db

LOG = logging.getLogger(__name__)

# Stacks in a turn; the next turn goes on with the others.
STACKS = 50
KEPT = datetime.timedelta(days=1)
# After these the other stacks of the turn are not tried.
_ENDING = (
    exception.CloudMisconfigured,
    exception.CloudThrottled,
    exception.CloudUnauthorized,
    exception.CloudUnreachable,
)


class Flavors:
    """The reads of the flavors in one cloud, one after the other.

    :param cloud: clouds.cloud.Cloud
    :param lane: lane.Lane, that of the cloud
    :param heartbeat: heartbeat.Heartbeat
    """

    def __init__(self, cloud, lane, heartbeat):
        self.cloud = cloud
        self.lane = lane
        self.heartbeat = heartbeat
        self.stop()

    def stop(self):
        """End the turn."""
        self._request = self._sizes = self._member = None
        self._waiting = []

    def begin(self, ctx):
        """Begin a turn, if there is a stack to read."""
        before = self.heartbeat.now() - KEPT
        self._waiting = db.find_unread(ctx, self.cloud.name, before, STACKS)
        if self._waiting:
            self._request = self.lane.begin(None, self.cloud.read_flavors)

    @property
    def busy(self):
        """Whether the turn has not ended."""
        return self._request is not None

    def advance(self, ctx):
        """Write what was read, and begin the next read."""
        if self._request is None or not self._request.ended:
            return
        if self._request.cancelled or not self._take(ctx):
            self.stop()
            return
        if not self._waiting:
            self.stop()
            return
        self._member, *self._waiting = self._waiting
        self._request = self.lane.begin(
            None,
            self.cloud.read_flavor,
            self._member.stack_name,
            self._member.heat_id,
            self._member.count_parameter,
        )

    def _take(self, ctx):
        """Take the result of the request; return whether to go on."""
        try:
            found = self._request.result()
        except exception.CloudError as exc:
            # The survey reports a cloud that is in trouble.
            LOG.debug('A flavor of %s: %s', self.cloud.name, exc)
            if self._member is not None:
                # What is known is kept. The others must not wait for a stack
                # that cannot be read.
                self._save(ctx)
            return self._sizes is not None and not isinstance(exc, _ENDING)
        if self._sizes is None:
            self._sizes = found
        else:
            flavor = self._sizes.get(found)
            self._save(
                ctx,
                flavor=found,
                flavor_cores=flavor and flavor.cores,
                flavor_ram=flavor and flavor.ram,
            )
        return True

    def _save(self, ctx, **values):
        values['flavor_read_at'] = self.heartbeat.now()
        db.save(ctx, self.cloud.name, self._member, values)
