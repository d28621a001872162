# SPDX-License-Identifier: Apache-2.0
"""What a request would do to a stack, or what would happen to it.

Every handler has four steps: authorize, validate, one transaction that only
reads, render.
"""

import pecan

from heat_spreader.api import answers
from heat_spreader.api import limits
from heat_spreader.api import preview
from heat_spreader.api import preview_views
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api.controllers import clouds
from heat_spreader.api.controllers import stacks
from heat_spreader.db import models
from heat_spreader.db import previews as db


class NewStack(resource.Resource):
    @resource.operation(
        body=schemas.STACK_CREATE_PREVIEW,
        answer=answers.PREVIEW,
        errors=(409,),
    )
    def post(self):
        """Preview a stack that does not exist yet."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, {'project_id': ctx.project_id})
        body = self.body()
        hypotheses = preview.hypotheses(body)
        now = models.utcnow()
        values = stacks.values_of(stacks.with_defaults(body), now)
        drains = stacks.drained(values)
        granted = clouds.check(
            ctx, self.conf, ctx.project_id, values.get('weights', ())
        )
        clouds.check(ctx, self.conf, ctx.project_id, hypotheses.clouds)
        limits.check_stacks(ctx, self.conf)
        rows = db.of_creation(ctx, values, as_admin=granted)
        return preview_views.preview(
            preview.make(self.conf, rows, hypotheses, drains, now)
        )


class Stack(stacks.OfStack):
    @resource.operation(
        body=schemas.STACK_UPDATE_PREVIEW,
        answer=answers.PREVIEW,
        errors=(409,),
    )
    def post(self):
        """Preview a change of a stack, or what would happen to it."""
        ctx = pecan.request.context
        stack = self.authorize(ctx)
        body = self.body()
        hypotheses = preview.hypotheses(body)
        generation = body.pop('generation', None)
        now = models.utcnow()
        changes = bool(body)
        values = stacks.values_of(body, now)
        drains = stacks.drained(values)
        project_id = stack.project_id
        new = stacks.new_clouds(stack, values.get('weights', ()))
        granted = clouds.check(ctx, self.conf, project_id, new)
        named = hypotheses.clouds - self._members(stack)
        clouds.check(ctx, self.conf, project_id, named)
        rows = db.of_change(
            ctx,
            self.stack_id,
            values if changes else {},
            generation,
            as_admin=granted,
        )
        return preview_views.preview(
            preview.make(self.conf, rows, hypotheses, drains, now)
        )

    def _members(self, stack):
        """The clouds of the stack, which its owner knows of."""
        enabled = self.conf.clouds.enabled
        return {m.cloud for m in stack.members if m.cloud in enabled}
