# SPDX-License-Identifier: Apache-2.0
"""The number of stacks that a project may have, as Keystone has it."""

from keystoneauth1 import exceptions as ksa_exceptions
from openstack import exceptions as sdk_exceptions
from oslo_limit import exception as limit_exceptions
from oslo_limit import limit
from oslo_log import log as logging

from heat_spreader import exception

LOG = logging.getLogger(__name__)
# The name of the limit in Keystone.
STACKS = 'multicloud_stacks'
_FAILURES = (
    limit_exceptions.SessionInitError,
    ksa_exceptions.ClientException,
    sdk_exceptions.SDKException,
    # No endpoint, or none that is the only one.
    ValueError,
)


def check(project_id, usage):
    """Check that a project may have one stack more.

    :param usage: is called for the number of stacks that it has
    :raises LimitReached: if it may not
    :raises Unavailable: if the limit cannot be read from Keystone
    """
    try:
        enforcer = limit.Enforcer(
            lambda _, names: dict.fromkeys(names, usage()), cache=False
        )
        enforcer.enforce(project_id, {STACKS: 1})
    except limit_exceptions.ProjectOverLimit as exc:
        [over] = exc.over_limit_info_list
        raise exception.LimitReached(
            usage=over.current_usage,
            limit=over.limit,
            source=f'the unified limit {STACKS} in Keystone',
        ) from None
    except _FAILURES as exc:
        LOG.error(
            'The unified limit %(limit)s cannot be read from Keystone: '
            '%(reason)s. Check the group [oslo_limit].',
            {'limit': STACKS, 'reason': exc},
        )
        raise exception.Unavailable(
            'The limit of the project cannot be read from Keystone. Try again '
            'later. The log of the API has the cause.'
        ) from None
