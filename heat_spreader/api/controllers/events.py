# SPDX-License-Identifier: Apache-2.0
"""The events of all stacks of a project, and of the clouds they are in."""

import functools

import pecan

from heat_spreader import policies
from heat_spreader.api import answers
from heat_spreader.api import event_pages
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.db import events as db


class Events(resource.Resource):
    @resource.operation(query=schemas.EVENT_QUERY, answer=answers.EVENTS)
    def get(self):
        """List the events of the project, or of all projects."""
        ctx = pecan.request.context
        target = {'project_id': ctx.project_id}
        ctx.authorize(self.rule, target)
        query, limit = event_pages.query(self)
        project_id = ctx.project_id
        if query.pop('all_projects', False):
            ctx.authorize(policies.LIST_ALL_EVENTS, target)
            project_id = None
            found, view = db.get_all(ctx, **query), views.event
        else:
            found, view = _of_project(ctx, target, query)
        if not found and 'cloud' in query:
            clouds.check_filter(ctx, self.conf, query['cloud'], project_id)
        return views.page('events', found, view, limit, request.next_url)


def _of_project(ctx, target, query):
    """The events of the project, and how the caller may see them."""
    cloud = query.get('cloud')
    if cloud and ctx.can(policies.LIST_CLOUD_EVENTS, target):
        found = db.get_of_project(ctx, ctx.project_id, cloud, **query)
        return found, views.event
    found = db.get_of_project(ctx, ctx.project_id, **query)
    reports = [row.details.get('report') or {} for row in found]
    named = {
        stack_id
        for report in reports
        for value in report.values()
        if isinstance(value, dict)
        for stack_id in value
    }
    own = db.own_stacks(ctx, ctx.project_id, named) if named else set()
    return found, functools.partial(views.event_for_owner, stack_ids=own)
