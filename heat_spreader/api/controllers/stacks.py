# SPDX-License-Identifier: Apache-2.0
"""Stacks, with their weights and their events.

Every handler takes four steps: may they, is it well formed, one transaction,
say it.
"""

import decimal
import re

import pecan
from oslo_utils import uuidutils

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.api import request
from heat_spreader.api import resource
from heat_spreader.api import schemas
from heat_spreader.api import views
from heat_spreader.api.controllers import clouds
from heat_spreader.db import events as events_db
from heat_spreader.db import stacks as db


def _permitted(ctx, rule, stack_id):
    """The stack, if the caller may do this to it.

    That of another project is as good as none, unless the policy says more.

    :raises StackNotFound: if there is none that the caller may know of
    :raises Forbidden: if it is in the caller's project, but not for them
    """
    stack = db.get(ctx, stack_id)
    target = {'project_id': stack.project_id, 'user_id': stack.user_id}
    if not ctx.can(rule, target):
        if stack.project_id != ctx.project_id:
            raise exception.StackNotFound(stack=stack_id)
        raise exception.Forbidden(rule=rule)
    return stack


def _wanted(body):
    """The values of a body as the database functions take them."""
    if 'weights' in body:
        body['weights'] = {
            cloud: decimal.Decimal(weight)
            for cloud, weight in body['weights'].items()
        }
    return body


def _with_defaults(body):
    """A body of a new stack with what it leaves out."""
    stack_name = body['name']
    if 'stack_name' not in body and not re.match(
        schemas.HEAT_NAME['pattern'], stack_name
    ):
        raise exception.Invalid(
            f"The name '{stack_name}' is not one that a stack can have in "
            'Heat. Give as stack_name the name of the stacks in the clouds.'
        )
    return {
        'stack_name': stack_name,
        'failover': states.Failover.EVEN,
        'paused': False,
        **body,
    }


def _joining(stack, weights):
    """The clouds among those of the weights that the stack is not in yet."""
    return set(weights) - {member.cloud for member in stack.members}


class Stacks(resource.Resource):
    def __init__(self, conf):
        self.conf = conf

    def child(self, stack_id):
        # Nothing else can be an id, and some databases fall over what else
        # a URL may hold.
        if not uuidutils.is_uuid_like(stack_id):
            raise exception.StackNotFound(stack=stack_id)
        return Stack(self.conf, stack_id)

    @pecan.expose('json')
    def get(self):
        """List the stacks of the project, or of every project."""
        ctx = pecan.request.context
        target = {'project_id': ctx.project_id}
        ctx.authorize('multicloud:stacks:list', target)
        query = request.query(schemas.STACK_QUERY)
        project_id = ctx.project_id
        if query.pop('all_projects', False):
            ctx.authorize('multicloud:stacks:list:all_projects', target)
            project_id = None
        limit = request.limit(query, self.conf.api.max_limit)
        found = db.get_all(ctx, project_id, limit=limit + 1, **query)
        return views.page(
            'stacks', found, views.stack, limit, request.next_url
        )

    @pecan.expose('json')
    def post(self):
        """Put a stack under control."""
        ctx = pecan.request.context
        ctx.authorize(
            'multicloud:stacks:create', {'project_id': ctx.project_id}
        )
        body = _wanted(_with_defaults(request.body(schemas.STACK_CREATE)))
        granted = clouds.check(
            ctx, self.conf, ctx.project_id, body.get('weights', ())
        )
        stack = db.create(ctx, body, as_admin=granted)
        pecan.response.status = 201
        pecan.response.location = f'{pecan.request.path_url}/{stack.id}'
        return views.stack(stack)


class Stack(resource.Resource):
    def __init__(self, conf, stack_id):
        self.conf = conf
        self.stack_id = stack_id

    def child(self, name):
        if name == 'weights':
            return Weights(self.conf, self.stack_id)
        if name == 'events':
            return Events(self.conf, self.stack_id)
        return None

    @pecan.expose('json')
    def get(self):
        """Show a stack with its members."""
        ctx = pecan.request.context
        stack = _permitted(ctx, 'multicloud:stacks:get', self.stack_id)
        request.query(schemas.NO_QUERY)
        return views.stack(stack)

    @pecan.expose('json')
    def patch(self):
        """Change what is wanted of a stack."""
        ctx = pecan.request.context
        stack = _permitted(ctx, 'multicloud:stacks:update', self.stack_id)
        body = _wanted(request.body(schemas.STACK_UPDATE))
        joining = _joining(stack, body.get('weights', ()))
        granted = clouds.check(ctx, self.conf, stack.project_id, joining)
        generation = body.pop('generation', None)
        return views.stack(
            db.update(ctx, self.stack_id, body, generation, as_admin=granted)
        )

    @pecan.expose('json')
    def delete(self):
        """End the control of a stack."""
        ctx = pecan.request.context
        _permitted(ctx, 'multicloud:stacks:delete', self.stack_id)
        request.query(schemas.NO_QUERY)
        db.delete(ctx, self.stack_id)
        return pecan.Response(status=204)


class Weights(resource.Resource):
    def __init__(self, conf, stack_id):
        self.conf = conf
        self.stack_id = stack_id

    def child(self, cloud):
        return Weight(self.conf, self.stack_id, cloud)


class Weight(resource.Resource):
    def __init__(self, conf, stack_id, cloud):
        self.conf = conf
        self.stack_id = stack_id
        self.cloud = cloud

    @pecan.expose('json')
    def put(self):
        """Set the weight of a cloud, which joins the stack if it is new."""
        ctx = pecan.request.context
        stack = _permitted(ctx, 'multicloud:weights:set', self.stack_id)
        body = request.body(schemas.WEIGHT_SET)
        try:
            granted = clouds.check(
                ctx,
                self.conf,
                stack.project_id,
                _joining(stack, [self.cloud]),
            )
        except exception.CloudUnknown:
            # Here the cloud is a part of the URL.
            raise exception.CloudNotFound(cloud=self.cloud) from None
        return views.stack(
            db.set_weight(
                ctx,
                self.stack_id,
                self.cloud,
                decimal.Decimal(body['weight']),
                as_admin=granted,
            )
        )

    @pecan.expose('json')
    def delete(self):
        """Take a cloud out of a stack."""
        ctx = pecan.request.context
        _permitted(ctx, 'multicloud:weights:unset', self.stack_id)
        request.query(schemas.NO_QUERY)
        db.unset_weight(ctx, self.stack_id, self.cloud)
        return pecan.Response(status=204)


class Events(resource.Resource):
    def __init__(self, conf, stack_id):
        self.conf = conf
        self.stack_id = stack_id

    @pecan.expose('json')
    def get(self):
        """List what happened to a stack, oldest first."""
        ctx = pecan.request.context
        stack = _permitted(ctx, 'multicloud:events:list', self.stack_id)
        query = request.query(schemas.EVENT_QUERY)
        limit = request.limit(query, self.conf.api.max_limit)
        found = events_db.get_all(ctx, stack, limit=limit + 1, **query)
        return views.page(
            'events', found, views.event, limit, request.next_url
        )
