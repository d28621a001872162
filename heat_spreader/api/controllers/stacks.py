# SPDX-License-Identifier: Apache-2.0
"""Stacks, with their weights and their events.

Every handler has four steps: authorize, validate, one transaction, render.
"""

import decimal
import functools
import re

import pecan
from oslo_utils import uuidutils

from heat_spreader import exception
from heat_spreader import policies
from heat_spreader import routes
from heat_spreader import schema
from heat_spreader import states
from heat_spreader import suggest
from heat_spreader.api import answers
from heat_spreader.api import drains
from heat_spreader.api import event_pages
from heat_spreader.api import limits
from heat_spreader.api import orders
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.db import events as events_db
from heat_spreader.db import models
from heat_spreader.db import stacks as db

# How many stacks are searched for a name like the one that was given.
SEARCHED = 200


def values_of(body, now):
    """The values of a body as the database functions take them."""
    body['members'] = orders.members(body, now)
    if 'weights' in body:
        body['weights'] = {
            cloud: decimal.Decimal(weight)
            for cloud, weight in body['weights'].items()
        }
    return body


def with_defaults(body):
    """The body of a new stack, completed with the defaults."""
    stack_name = body['name']
    if 'stack_name' not in body and not re.match(
        schema.HEAT_NAME['pattern'], stack_name
    ):
        raise exception.Invalid(
            f"The name '{stack_name}' cannot be the name of a Heat stack. Set "
            'stack_name to the name of the Heat stacks in the clouds.'
        )
    return {
        'stack_name': stack_name,
        'failover': states.Failover.EVEN,
        'failback': states.Failback.AUTO,
        'paused': False,
        **body,
    }


def drained(values):
    """When the drains among the values that may be refused begin, by cloud.

    ``force`` is removed.
    """
    members = values['members']
    if values.pop('force', False):
        return {}
    return {
        cloud: members[cloud]['admin_from']
        for cloud in orders.drained(members)
    }


def _drain_check(conf, values):
    """What may refuse the drains among the values; ``force`` is removed."""
    begins = drained(values)
    return drains.of_members(conf, begins) if begins else None


def new_clouds(stack, weights):
    """Those clouds of the weights that have no member in the stack yet."""
    return set(weights) - {member.cloud for member in stack.members}


class Stacks(resource.Resource):
    @resource.operation(query=schemas.STACK_QUERY, answer=answers.STACKS)
    def get(self):
        """List the stacks of the project, or of all projects."""
        ctx = pecan.request.context
        target = _own(ctx)
        ctx.authorize(self.rule, target)
        query = self.query()
        project_id = ctx.project_id
        if query.pop('all_projects', False):
            ctx.authorize(policies.LIST_ALL_PROJECTS, target)
            project_id = None
        limit = request.limit(query, self.conf.api.max_limit)
        found = db.get_all(ctx, project_id, limit=limit + 1, **query)
        if not found and 'cloud' in query:
            clouds.check_filter(ctx, self.conf, query['cloud'], project_id)
        return views.page(
            'stacks', found, views.stack, limit, request.next_url
        )

    @resource.operation(
        body=schemas.STACK_CREATE,
        answer=answers.STACK,
        status=201,
        errors=(409,),
    )
    def post(self):
        """Create a stack, or begin to adopt one."""
        ctx = pecan.request.context
        ctx.authorize(self.rule, _own(ctx))
        body = with_defaults(self.body())
        values = values_of(body, models.utcnow())
        check = _drain_check(self.conf, values)
        asked = values.get('adopt') or values.get('weights', ())
        granted = clouds.check(ctx, self.conf, ctx.project_id, asked)
        limits.check_stacks(ctx, self.conf)
        stack = db.create(ctx, values, as_admin=granted, check=check)
        pecan.response.location = f'{pecan.request.path_url}/{stack.id}'
        return views.stack(stack)


def _no_id(ctx, text):
    """The error for a URL with other text in the place of the id of a stack.

    Where that may be the name of a stack, it has the id.
    """
    ids = {}
    if ctx.can(routes.RULES[routes.STACKS]['GET'], _own(ctx)):
        ids = db.get_ids(ctx, ctx.project_id, SEARCHED)
    found = [
        f"that of the stack '{name}' is {ids[name]}"
        for name in suggest.nearest(text, ids)
    ]
    hint = f'A URL has the ID of a stack: {", ".join(found)}.' if found else ''
    return exception.StackNotFound(stack=text, hint=hint)


def _own(ctx):
    return {'project_id': ctx.project_id}


class OfStack(resource.Resource):
    """What is at the URL of a stack or below it."""

    def authorize(self, ctx):
        """Return the stack, if the caller may do this with it.

        The stack of another project does not exist for the caller, unless the
        policy allows it.

        :raises StackNotFound: if there is none that the caller may know of
        :raises Forbidden: if it is in the project of the caller
        """
        # Nothing else can be an id, and some databases raise errors for other
        # text that a URL may have.
        if not uuidutils.is_uuid_like(self.stack_id):
            raise _no_id(ctx, self.stack_id)
        stack = db.find_own(ctx, self.stack_id)
        if stack is None:
            return self._of_others(ctx)
        target = {'project_id': stack.project_id, 'user_id': stack.user_id}
        ctx.authorize(self.rule, target)
        return stack

    def _of_others(self, ctx):
        # A stack that the caller may not know of must not take longer than
        # none: its rows are read only when the policy allows it.
        if not ctx.can(self.rule, db.owner(ctx, self.stack_id)):
            raise exception.StackNotFound(stack=self.stack_id)
        return db.get(ctx, self.stack_id)


class Stack(OfStack):
    @resource.operation(answer=answers.STACK)
    def get(self):
        """Show a stack with its members."""
        stack = self.authorize(pecan.request.context)
        self.query()
        return views.stack(stack)

    @resource.operation(
        body=schemas.STACK_UPDATE, answer=answers.STACK, errors=(409,)
    )
    def patch(self):
        """Update a stack, or adopt it with what runs."""
        ctx = pecan.request.context
        stack = self.authorize(ctx)
        values = values_of(self.body(), models.utcnow())
        check = _drain_check(self.conf, values)
        new = new_clouds(stack, values.get('weights', ()))
        granted = clouds.check(ctx, self.conf, stack.project_id, new)
        generation = values.pop('generation', None)
        return views.stack(
            db.update(
                ctx,
                self.stack_id,
                values,
                generation,
                as_admin=granted,
                check=check,
            )
        )

    @resource.operation(answer=None, status=204)
    def delete(self):
        """Delete a stack; the Heat stacks in the clouds stay as they are."""
        ctx = pecan.request.context
        self.authorize(ctx)
        self.query()
        db.delete(ctx, self.stack_id)


class Weight(OfStack):
    @resource.operation(
        body=schemas.WEIGHT_SET, answer=answers.STACK, errors=(409,)
    )
    def put(self):
        """Set the weight of a cloud, and add the cloud if it is new."""
        ctx = pecan.request.context
        stack = self.authorize(ctx)
        body = self.body()
        new = new_clouds(stack, [self.cloud])
        try:
            granted = clouds.check(ctx, self.conf, stack.project_id, new)
        except exception.CloudUnknown as exc:
            # Here the cloud is a part of the URL.
            raise exception.CloudNotFound(
                cloud=self.cloud, hint=exc.hint
            ) from None
        return views.stack(
            db.set_weight(
                ctx,
                self.stack_id,
                self.cloud,
                decimal.Decimal(body['weight']),
                as_admin=granted,
            )
        )

    @resource.operation(answer=None, status=204, errors=(409,))
    def delete(self):
        """Remove a cloud from a stack."""
        ctx = pecan.request.context
        self.authorize(ctx)
        self.query()
        db.unset_weight(ctx, self.stack_id, self.cloud)


class Events(OfStack):
    @resource.operation(query=schemas.STACK_EVENT_QUERY, answer=answers.EVENTS)
    def get(self):
        """List the events of a stack and of its clouds."""
        ctx = pecan.request.context
        stack = self.authorize(ctx)
        query, limit = event_pages.query(self)
        found = events_db.get_of_stack(ctx, stack, **query)
        if not found and 'cloud' in query:
            clouds.check_filter(
                ctx, self.conf, query['cloud'], stack.project_id
            )
        view = functools.partial(views.event_for_owner, stack_ids={stack.id})
        return views.page('events', found, view, limit, request.next_url)
