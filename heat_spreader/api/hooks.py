# SPDX-License-Identifier: Apache-2.0
"""What pecan does around every handler."""

import webob.exc
from pecan import hooks

from heat_spreader import context
from heat_spreader import policy
from heat_spreader.api import errors


class ContextHook(hooks.PecanHook):
    """Tell the handler who is asking, as pecan.request.context."""

    def __init__(self, conf):
        super().__init__()
        self.enforcer = policy.Enforcer(conf)

    def before(self, state):
        ctx = context.RequestContext.from_environ(state.request.environ)
        ctx.enforcer = self.enforcer
        # The resource that the URL names, as far as it names one.
        resource = state.controller.__self__
        ctx.stack = getattr(resource, 'stack_id', None)
        ctx.cloud = getattr(resource, 'cloud', None)
        state.request.context = ctx


class ErrorHook(hooks.PecanHook):
    """Answer an exception here, so that the answer gets every header."""

    def on_error(self, state, exc):
        if not isinstance(exc, webob.exc.HTTPException):
            return errors.response(state.request.environ, exc)
