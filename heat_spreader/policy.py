# SPDX-License-Identifier: Apache-2.0
"""The oslo.policy enforcer."""

from oslo_config import cfg
from oslo_policy import policy

from heat_spreader import exception
from heat_spreader import policies


class Enforcer:
    """The rules of policies.py, changed by the operator's policy file."""

    def __init__(self, conf):
        self.oslo = policy.Enforcer(conf)
        self.oslo.register_defaults(policies.list_rules())

    def authorize(self, rule, target, ctx):
        """Raise Forbidden unless the rule allows the caller to do this."""
        if not self.allows(rule, target, ctx):
            raise exception.Forbidden(rule=rule)

    def allows(self, rule, target, ctx):
        """Whether the rule allows the caller to do this."""
        try:
            return self.oslo.authorize(rule, target, ctx)
        except policy.InvalidScope:
            # Every rule has the scope of a project: a system or domain token
            # has no project that could own a stack.
            return False


def get_enforcer():
    """Make the enforcer of the oslopolicy tools, which pass no options."""
    cfg.CONF([], project='heat-spreader')
    return Enforcer(cfg.CONF).oslo
