# SPDX-License-Identifier: Apache-2.0
"""Who is asking."""

from oslo_context import context
from oslo_db.sqlalchemy import enginefacade


@enginefacade.transaction_context_provider
class RequestContext(context.RequestContext):
    """The caller of a request, or the engine itself.

    ``session`` is there inside the functions of heat_spreader.db only.
    """

    def can(self, rule, target):
        """Raise Forbidden unless the policy lets the caller do this."""
        self.enforcer.authorize(rule, target, self)

    def may(self, rule, target):
        """Whether the policy lets the caller do this."""
        return self.enforcer.allows(rule, target, self)


def engine():
    """The context of the engine, which acts for every project."""
    return RequestContext(overwrite=False)
