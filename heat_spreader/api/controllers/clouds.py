# SPDX-License-Identifier: Apache-2.0
"""The clouds, which of them a caller may use, and what is ordered for them."""

import datetime

import pecan

from heat_spreader import access
from heat_spreader import exception
from heat_spreader import policies
from heat_spreader import snapshot
from heat_spreader import suggest
from heat_spreader.api import answers
from heat_spreader.api import drains
from heat_spreader.api import engine_report
from heat_spreader.api import event_pages
from heat_spreader.api import orders
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.db import admin
from heat_spreader.db import clouds as db
from heat_spreader.db import events as events_db
from heat_spreader.db import limits as limits_db
from heat_spreader.db import models
from heat_spreader.planning import health


def check(ctx, conf, project_id, requested):
    """Check that clouds may join a stack of a project.

    :returns: those that only the caller may use, not the project
    :raises CloudUnknown: if one of them does not exist for them
    """
    any_cloud = ctx.can(policies.USE_ANY_CLOUD, {'project_id': project_id})
    return access.check(conf, project_id, requested, any_cloud)


def check_filter(ctx, conf, cloud, project_id):
    """Refuse to filter by a cloud that does not exist.

    One that the caller may use no longer exists as long as stacks have it.

    :param project_id: whose stacks are meant, None for all
    :raises CloudUnknown: if it does not exist
    """
    usable = _usable(ctx, conf)
    if cloud not in usable and cloud not in db.count_stacks(ctx, project_id):
        raise access.unknown(cloud, usable)


class Clouds(resource.Resource):
    @resource.operation(answer=answers.CLOUDS)
    def get(self):
        """List the clouds that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        self.query()
        return {'clouds': _views(ctx, self.conf, _usable(ctx, self.conf))}


class Cloud(resource.Resource):
    @resource.operation(answer=answers.CLOUD)
    def get(self):
        """Show a cloud that the caller may use."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        self.query()
        _check_usable(ctx, self.conf, self.cloud)
        return self._view(ctx)

    @resource.operation(
        body=schemas.CLOUD_UPDATE, answer=answers.CLOUD, errors=(409,)
    )
    def patch(self):
        """Order how a cloud is used, or declare its state."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        _check_usable(ctx, self.conf, self.cloud)
        body = self.body()
        orders.check(body)
        if 'planned' in body:
            admin.cancel_plan(ctx, self.cloud)
        elif 'declared' in body:
            self._declare(ctx, body)
        else:
            self._use(ctx, body)
        return self._view(ctx)

    def _declare(self, ctx, body):
        declared, order = orders.declaration(
            body, models.utcnow(), ctx.user_id
        )
        admin.declare(ctx, self.cloud, declared, order)

    def _use(self, ctx, body):
        now = models.utcnow()
        use = orders.use(body, now, ctx.user_id)
        check = None
        if use.state == orders.DRAINING and not body.get('force'):
            check = drains.of_cloud(self.conf, self.cloud, use, now)
        change = admin.plan_use if use.order.since > now else admin.set_use
        change(ctx, self.cloud, use, check)

    def _view(self, ctx):
        [view] = _views(ctx, self.conf, [self.cloud])
        return view


class Events(resource.Resource):
    @resource.operation(query=schemas.CLOUD_EVENT_QUERY, answer=answers.EVENTS)
    def get(self):
        """List the events of a cloud itself."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        _check_usable(ctx, self.conf, self.cloud)
        query, limit = event_pages.query(self)
        found = events_db.get_of_cloud(ctx, self.cloud, **query)
        return views.page(
            'events', found, views.event, limit, request.next_url
        )


def _any_cloud(ctx):
    return ctx.can(policies.USE_ANY_CLOUD, {'project_id': ctx.project_id})


def _check_usable(ctx, conf, cloud):
    """Raise CloudNotFound for a cloud that the caller may not use."""
    usable = _usable(ctx, conf)
    if cloud not in usable:
        hint = suggest.did_you_mean(cloud, usable)
        raise exception.CloudNotFound(cloud=cloud, hint=hint)


def _usable(ctx, conf):
    return access.usable(conf, ctx.project_id, _any_cloud(ctx))


def _views(ctx, conf, names):
    known = snapshot.current_clouds(ctx, conf)
    any_cloud = _any_cloud(ctx)
    stacks = db.count_stacks(ctx, None if any_cloud else ctx.project_id)
    # All who share the credentials of a cloud share its limits.
    limits = limits_db.get_all(ctx) if any_cloud else {}
    report = engine_report.read(ctx, conf)
    thresholds = health.Thresholds(
        conf.health.failure_threshold,
        conf.health.success_threshold,
        flap_window=datetime.timedelta(seconds=conf.health.flap_window),
    )
    return [
        views.cloud(
            known[name],
            stacks.get(name, 0),
            report,
            thresholds,
            limits.get(name),
        )
        for name in names
    ]
