# SPDX-License-Identifier: Apache-2.0
"""The clouds, and which of them a caller may use."""

import pecan

from heat_spreader import access
from heat_spreader import exception
from heat_spreader import policies
from heat_spreader import snapshot
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.db import clouds as db


def check(ctx, conf, project_id, requested):
    """Check that clouds may join a stack of a project.

    :returns: those that only the caller may use, not the project
    :raises CloudUnknown: if one of them is not enabled
    :raises CloudForbidden: if neither the project nor the caller may use it
    """
    any_cloud = ctx.can(policies.USE_ANY_CLOUD, {'project_id': project_id})
    return access.check(conf, project_id, requested, any_cloud)


class Clouds(resource.Resource):
    @pecan.expose('json')
    def get(self):
        """List the clouds that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        request.query(schemas.NO_QUERY)
        return {'clouds': _views(ctx, self.conf)}


class Cloud(resource.Resource):
    @pecan.expose('json')
    def get(self):
        """Show a cloud that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        request.query(schemas.NO_QUERY)
        for view in _views(ctx, self.conf):
            if view['name'] == self.cloud:
                return view
        raise exception.CloudNotFound(cloud=self.cloud)


def _views(ctx, conf):
    any_cloud = ctx.can(policies.USE_ANY_CLOUD, {'project_id': ctx.project_id})
    known = snapshot.current_clouds(ctx, conf)
    stacks = db.count_stacks(ctx, None if any_cloud else ctx.project_id)
    return [
        views.cloud(known[name], stacks.get(name, 0))
        for name in access.usable(conf, ctx.project_id, any_cloud)
    ]
