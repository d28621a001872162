# SPDX-License-Identifier: Apache-2.0
"""What the loss of a cloud would do to the stacks of all projects."""

import pecan

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader import suggest
from heat_spreader.api import answers
from heat_spreader.api import resource
from heat_spreader.api import views
from heat_spreader.db import flavors as flavors_db
from heat_spreader.db import limits as limits_db
from heat_spreader.db import models
from heat_spreader.planning import outage
from heat_spreader.planning import readiness

# How many stacks that would be harmed are in an answer, for each cloud.
NAMED = 100


class Clouds(resource.Resource):
    @resource.operation(answer=answers.OUTAGES)
    def get(self):
        """Show what the loss of each cloud would do."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        self.query()
        return {'clouds': _outages(ctx, self.conf)}


class Cloud(resource.Resource):
    @resource.operation(answer=answers.OUTAGE)
    def get(self):
        """Show what the loss of a cloud would do."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        if self.cloud not in self.conf.clouds.enabled:
            hint = suggest.did_you_mean(self.cloud, self.conf.clouds.enabled)
            raise exception.CloudNotFound(cloud=self.cloud, hint=hint)
        self.query()
        [found] = _outages(ctx, self.conf, self.cloud)
        return found


def _outages(ctx, conf, cloud=None):
    """Views of the outage of one cloud, or of each."""
    known = snapshot.clouds(ctx, conf)
    freezing = readiness.freezing(known.values(), conf.health.max_down_clouds)
    found = outage.of_clouds(
        sorted(known) if cloud is None else [cloud],
        snapshot.every_stack(ctx, conf, known, cloud),
        models.utcnow(),
        freezing,
        NAMED,
        flavors_db.get_all(ctx),
    )
    limits = limits_db.get_all(ctx)
    return [views.outage(each, limits) for each in found.values()]
