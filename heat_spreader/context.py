# SPDX-License-Identifier: Apache-2.0
"""The context of a request, or of a piece of work of the engine.

It knows the caller and the stack or the cloud that the work concerns. The
policy, the log and the events use it.
"""

import contextlib

from oslo_context import context
from oslo_db.sqlalchemy import enginefacade

# For log lines with a context; oslo.log has another format for the others.
LOG_FORMAT = (
    '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s '
    '[%(request_id)s %(about)s] %(instance)s%(message)s'
)


@enginefacade.transaction_context_provider
class RequestContext(context.RequestContext):
    """The caller of a request, or the engine itself.

    A new context becomes that of its thread, and only that thread may use it,
    since it holds a database session. ``session`` exists only inside the
    functions of heat_spreader.db.

    :param stack: the id of the stack that the work concerns
    :param cloud: the name of the cloud that the work concerns
    """

    FROM_DICT_EXTRA_KEYS = ['stack', 'cloud']

    def __init__(self, *args, stack=None, cloud=None, **kwargs):
        self.stack = stack
        self.cloud = cloud
        super().__init__(*args, **kwargs)

    def to_dict(self):
        return {**super().to_dict(), 'stack': self.stack, 'cloud': self.cloud}

    def get_logging_values(self):
        known = {
            'global': self.global_request_id,
            'user': self.user_id,
            'project': self.project_id,
            'stack': self.stack,
            'cloud': self.cloud,
        }
        pairs = [f'{name}={value}' for name, value in known.items() if value]
        about = ' '.join(pairs) or '-'
        return {**super().get_logging_values(), 'about': about}

    def authorize(self, rule, target):
        """Raise Forbidden unless the policy allows the caller to do this."""
        self.enforcer.authorize(rule, target, self)

    def can(self, rule, target):
        """Whether the policy allows the caller to do this."""
        return self.enforcer.allows(rule, target, self)


@contextlib.contextmanager
def scope():
    """Restore the context of the thread on exit."""
    before = context.get_current()
    try:
        yield
    finally:
        # oslo.context has no public way to leave a thread without one.
        context._request_store.context = before


@contextlib.contextmanager
def for_engine(**about):
    """Make a context of the engine, which acts for all projects.

    It is for one piece of work, and has its own request id.

    :param about: the stack or the cloud that the work concerns
    """
    with scope():
        yield RequestContext(**about)


def propagate(function, **about):
    """Wrap a function for another thread, to run in a copy of this context.

    :param about: the stack or the cloud, where the work there concerns one
    """
    here = context.get_current().to_dict()

    def call(*args):
        with scope():
            RequestContext.from_dict(here, **about)
            return function(*args)

    return call
