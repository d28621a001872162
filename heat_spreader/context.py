# SPDX-License-Identifier: Apache-2.0
"""Who is asking, and what it is about: for the policy, the log and events."""

import contextlib
import functools

from oslo_context import context
from oslo_db.sqlalchemy import enginefacade

# A log line where there is a context; oslo.log has another for the rest.
LOG_FORMAT = (
    '%(asctime)s.%(msecs)03d %(process)d %(levelname)s %(name)s '
    '[%(request_id)s %(about)s] %(instance)s%(message)s'
)


@enginefacade.transaction_context_provider
class RequestContext(context.RequestContext):
    """The caller of a request, or the engine itself.

    A new one is that of its thread, and no other thread may use it: a session
    hangs on it. ``session`` is there inside the functions of heat_spreader.db
    only. ``stack``: the id of the stack that it is about; ``cloud``: the name
    of the cloud.
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
        words = [f'{name}={value}' for name, value in known.items() if value]
        about = ' '.join(words) or '-'
        return {**super().get_logging_values(), 'about': about}

    def authorize(self, rule, target):
        """Raise Forbidden unless the policy lets the caller do this."""
        self.enforcer.authorize(rule, target, self)

    def can(self, rule, target):
        """Whether the policy lets the caller do this."""
        return self.enforcer.allows(rule, target, self)


@contextlib.contextmanager
def scope():
    """Give a thread back, in the end, the context that it has now."""
    before = context.get_current()
    try:
        yield
    finally:
        # oslo.context has no public way to leave a thread without one.
        context._request_store.context = before


@contextlib.contextmanager
def for_engine(**about):
    """The context of the engine, which acts for every project.

    It is that of a piece of work, with a request id of its own.

    :param about: the stack or the cloud that the work is about
    """
    with scope():
        yield RequestContext(**about)


def propagate(function, **about):
    """The function for another thread, which logs there as this one would.

    :param about: what is known there besides: the stack or the cloud
    """
    here = context.get_current().to_dict()

    @functools.wraps(function)
    def call(*args):
        with scope():
            RequestContext.from_dict(here, **about)
            return function(*args)

    return call
