# SPDX-License-Identifier: Apache-2.0
"""The clouds, and who may use which."""

import pecan

from heat_spreader import exception
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.conf import clouds as clouds_conf
from heat_spreader.db import clouds as db

USE_ANY = 'multicloud:clouds:use_any'


def usable(ctx, conf, project_id):
    """The names of the clouds that the caller may use for a project."""
    any_cloud = ctx.can(USE_ANY, {'project_id': project_id})
    return [
        cloud
        for cloud in sorted(set(conf.clouds.enabled))
        if any_cloud or clouds_conf.project_may_use(conf, project_id, cloud)
    ]


def grant(ctx, conf, project_id, wanted):
    """Let clouds into a stack; return those its project alone may not use.

    :raises CloudUnknown: if one of them is not enabled
    :raises CloudForbidden: if neither the project nor the caller may use it
    """
    allowed = usable(ctx, conf, project_id)
    for cloud in sorted(wanted):
        if cloud not in conf.clouds.enabled:
            raise exception.CloudUnknown(
                cloud=cloud, known=', '.join(allowed) or 'none'
            )
        if cloud not in allowed:
            raise exception.CloudForbidden(cloud=cloud)
    return {
        cloud
        for cloud in wanted
        if not clouds_conf.project_may_use(conf, project_id, cloud)
    }


class Clouds(resource.Resource):
    def __init__(self, conf):
        self.conf = conf

    def child(self, name):
        return Cloud(self.conf, name)

    @pecan.expose('json')
    def get(self):
        """List the clouds that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize('multicloud:clouds:list', {'project_id': ctx.project_id})
        request.query(schemas.NO_QUERY)
        return {'clouds': _views(ctx, self.conf)}


class Cloud(resource.Resource):
    def __init__(self, conf, cloud):
        self.conf = conf
        self.cloud = cloud

    @pecan.expose('json')
    def get(self):
        """Show a cloud that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize('multicloud:clouds:get', {'project_id': ctx.project_id})
        request.query(schemas.NO_QUERY)
        for view in _views(ctx, self.conf):
            if view['name'] == self.cloud:
                return view
        raise exception.CloudNotFound(cloud=self.cloud)


def _views(ctx, conf):
    everything = ctx.can(USE_ANY, {'project_id': ctx.project_id})
    rows = db.get_all(ctx)
    stacks = db.count_stacks(ctx, None if everything else ctx.project_id)
    return [
        views.cloud(name, rows.get(name), stacks.get(name, 0))
        for name in usable(ctx, conf, ctx.project_id)
    ]
