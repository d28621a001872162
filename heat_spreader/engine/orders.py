# SPDX-License-Identifier: Apache-2.0
"""What is ordered for a cloud, begun and ended by the engine that surveys it.

It is looked at much more often than the cloud is surveyed, so that a cloud
that hangs or asks for fewer requests delays no order.
"""

from oslo_log import log as logging

from heat_spreader import snapshot
from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import drains
from heat_spreader.engine import notify

LOG = logging.getLogger(__name__)


class Orders:
    """The orders for one cloud.

    :param name: that of the cloud
    :param heartbeat: heartbeat.Heartbeat, of the engine with the lease
    :param emit: is given the notify.Change of each change of an order
    """

    def __init__(self, conf, name, heartbeat, emit):
        self.conf = conf
        self.name = name
        self.heartbeat = heartbeat
        self.emit = emit
        self._known = None

    def begin(self, cloud):
        """Begin with what is in effect; the last engine has reported it.

        :param cloud: facts.Cloud
        """
        self._known = cloud

    def advance(self, ctx):
        """End what is over, begin what is planned, and see whether it drains.

        :returns: facts.Cloud by name, as all are now, and the ids of the
            stacks that another client has locked; they are left for
            clouds.make_due()
        """
        skipped = set()
        now, owner = self.heartbeat.now(), self.heartbeat.id
        clouds = snapshot.clouds(ctx, self.conf)
        if any(
            moment and moment <= now for moment in _moments(clouds[self.name])
        ):
            skipped = admin.advance(ctx, self.name, now, owner)
            clouds = snapshot.clouds(ctx, self.conf)
        if clouds[self.name].draining:
            self._follow_drain(ctx, clouds[self.name], now, owner)
            clouds = snapshot.clouds(ctx, self.conf)
        self._report(ctx, clouds[self.name])
        return clouds, skipped

    def _follow_drain(self, ctx, cloud, now, owner):
        found = drains.progress(ctx, self.name, now)
        if cloud.admin_state == states.AdminState.DRAINED:
            if found.goes_on:
                drains.resume(ctx, self.name, owner)
        elif found.done:
            drains.end(ctx, self.name, now, owner, found.stays)

    def _report(self, ctx, cloud):
        """Log and emit what has changed, be it by the API."""
        known, self._known = self._known or cloud, cloud
        if cloud.admin_state != known.admin_state:
            self._emit(
                ctx,
                states.EventKind.CLOUD_ADMIN,
                known.admin_state,
                cloud.admin_state,
                cloud.use.order,
            )
        if cloud.declared != known.declared:
            self._emit(
                ctx,
                notify.DECLARED,
                known.declared,
                cloud.declared,
                cloud.declaration,
            )

    def _emit(self, ctx, kind, before, after, order):
        reason = order.reason if order else ''
        LOG.info(
            'By order the cloud %(cloud)s is %(after)s, it was %(before)s. '
            '%(reason)s',
            {
                'cloud': self.name,
                'after': after or 'as surveyed',
                'before': before or 'as surveyed',
                'reason': reason,
            },
        )
        self.emit(
            [
                notify.Change(
                    kind,
                    before,
                    after,
                    reason,
                    cloud=self.name,
                    request_id=ctx.request_id,
                )
            ]
        )


def _moments(cloud):
    """When something begins or ends."""
    if cloud.use.order:
        yield cloud.use.order.until
    if cloud.declaration:
        yield cloud.declaration.until
    if cloud.planned:
        yield cloud.planned.order.since
