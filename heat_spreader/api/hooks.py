# SPDX-License-Identifier: Apache-2.0
"""The hooks that pecan calls around every handler."""

import webob.exc
from pecan import hooks

from heat_spreader import context
from heat_spreader import policy
from heat_spreader.api import errors


class ContextHook(hooks.PecanHook):
    """Give the handler its context, as pecan.request.context."""

    def __init__(self, conf):
        super().__init__()
        self.enforcer = policy.Enforcer(conf)

    def before(self, state):
        ctx = context.RequestContext.from_environ(state.request.environ)
        ctx.enforcer = self.enforcer
        resource = state.controller.__self__
        ctx.stack = _in_url(resource, 'stack_id')
        ctx.cloud = _in_url(resource, 'cloud')
        state.request.context = ctx


def _in_url(resource, argument):
    """What a URL names, for the log: nothing that would break a line."""
    value = getattr(resource, argument, None)
    return value if value is None or value.isprintable() else None


class ErrorHook(hooks.PecanHook):
    """Render an exception here, so that the response gets every header."""

    def on_error(self, state, exc):
        if not isinstance(exc, webob.exc.HTTPException):
            return errors.response(state.request.environ, exc)
