# SPDX-License-Identifier: Apache-2.0
"""The oslo.policy enforcer."""

from oslo_config import cfg
from oslo_policy import policy

from heat_spreader import exception
from heat_spreader import policies


class Enforcer:
    """The rules of policies.py, as the operator's policy file changes them."""

    def __init__(self, conf):
        self.oslo = policy.Enforcer(conf)
        self.oslo.register_defaults(policies.list_rules())

    def authorize(self, rule, target, ctx):
        """Raise Forbidden unless the rule lets the caller do this."""
        if not self.allows(rule, target, ctx):
            raise exception.Forbidden(rule=rule)

    def allows(self, rule, target, ctx):
        """Whether the rule lets the caller do this."""
        try:
            return self.oslo.authorize(rule, target, ctx)
        except policy.InvalidScope:
            # Every rule is of project scope: a system or domain token has
            # no project to own a stack.
            return False


def get_enforcer():
    """The enforcer for the oslopolicy tools, which pass no configuration."""
    cfg.CONF([], project='heat-spreader')
    return Enforcer(cfg.CONF).oslo
