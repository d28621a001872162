# SPDX-License-Identifier: Apache-2.0
"""Read the limits of a cloud from time to time, and then some flavors.

They are an estimate for people. A cloud that shows none is without one, and
nothing waits for a cloud that does not answer.
"""

import datetime

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader.db import limits as db
from heat_spreader.engine import flavors
from heat_spreader.planning import room

LOG = logging.getLogger(__name__)


class Quota:
    """The reads of the limits of one cloud.

    :param cloud: clouds.cloud.Cloud
    :param lane: lane.Lane, that of the cloud
    :param heartbeat: heartbeat.Heartbeat
    """

    def __init__(self, conf, cloud, lane, heartbeat):
        self.interval = datetime.timedelta(seconds=conf.engine.quota_interval)
        self.cloud = cloud
        self.lane = lane
        self.heartbeat = heartbeat
        self.flavors = flavors.Flavors(cloud, lane, heartbeat)
        self._tried_at = self._request = None

    def begin(self, ctx):
        """Go on where the last engine stopped."""
        self._request = None
        self.flavors.stop()
        found = db.get_all(ctx).get(self.cloud.name)
        self._tried_at = found and found.read_at

    def advance(self, ctx):
        """Write what was read, and read again if it is time."""
        if not self.interval:
            return
        if self._request is not None:
            if self._request.ended:
                request, self._request = self._request, None
                self._save(ctx, request)
            return
        self.flavors.advance(ctx)
        if self.flavors.busy:
            return
        now = self.heartbeat.now()
        # A time in the future was written before a clock was set back.
        if self._tried_at and abs(now - self._tried_at) < self.interval:
            return
        self._tried_at = now
        self._request = self.lane.begin(None, self.cloud.read_limits)

    def _save(self, ctx, request):
        if request.cancelled:
            return
        try:
            found = request.result()
        except exception.CloudError as exc:
            # The survey reports a cloud that is in trouble.
            LOG.debug('The limits of %s: %s', self.cloud.name, exc)
            return
        if found:
            limits = room.Limits(found, self._tried_at)
            db.save(ctx, self.cloud.name, limits, self.heartbeat.id)
            self.flavors.begin(ctx)
