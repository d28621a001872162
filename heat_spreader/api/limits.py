# SPDX-License-Identifier: Apache-2.0
"""How many stacks a project may have."""

import functools

from oslo_utils import importutils

from heat_spreader import exception
from heat_spreader.db import stacks


def check_stacks(ctx, conf):
    """Check that the caller's project may have one stack more.

    :raises LimitReached: if it may not
    :raises Unavailable: if the limit cannot be read from Keystone
    """
    usage = functools.partial(stacks.count, ctx, ctx.project_id)
    if conf.api.unified_limits:
        unified_limits().check(ctx.project_id, usage)
    elif limit := conf.api.stacks_per_project:
        number = usage()
        if number >= limit:
            raise exception.LimitReached(
                usage=number, limit=limit, source='stacks_per_project in [api]'
            )


def unified_limits():
    """The module for the limits in Keystone; not all services need it.

    :raises ConfigurationInvalid: if oslo.limit is not installed
    """
    try:
        return importutils.import_module('heat_spreader.api.unified_limits')
    except ImportError:
        raise exception.ConfigurationInvalid(
            'unified_limits in [api] needs oslo.limit, which is not '
            'installed: pip install "heat-spreader[limits]".'
        ) from None
