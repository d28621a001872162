# SPDX-License-Identifier: Apache-2.0
"""The clouds, and which of them a caller may use."""

import pecan

from heat_spreader import exception
from heat_spreader import policies
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.conf import clouds as clouds_conf
from heat_spreader.db import clouds as db


def usable(ctx, conf, project_id):
    """The names of the clouds that the caller may use for a project."""
    any_cloud = ctx.can(policies.USE_ANY_CLOUD, {'project_id': project_id})
    return [
        cloud
        for cloud in sorted(set(conf.clouds.enabled))
        if any_cloud or clouds_conf.project_may_use(conf, project_id, cloud)
    ]


def grant(ctx, conf, project_id, requested):
    """Check that the caller may use clouds for a stack of a project.

    :returns: those of the clouds that only the caller may use, and not the
        project itself
    :raises CloudUnknown: if one of them is not enabled
    :raises CloudForbidden: if neither the project nor the caller may use it
    """
    allowed = usable(ctx, conf, project_id)
    for cloud in sorted(requested):
        if cloud not in conf.clouds.enabled:
            raise exception.CloudUnknown(
                cloud=cloud, known=', '.join(allowed) or 'none'
            )
        if cloud not in allowed:
            raise exception.CloudForbidden(cloud=cloud)
    return {
        cloud
        for cloud in requested
        if not clouds_conf.project_may_use(conf, project_id, cloud)
    }


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
    rows = db.get_all(ctx)
    stacks = db.count_stacks(ctx, None if any_cloud else ctx.project_id)
    return [
        views.cloud(name, rows.get(name), stacks.get(name, 0))
        for name in usable(ctx, conf, ctx.project_id)
    ]
