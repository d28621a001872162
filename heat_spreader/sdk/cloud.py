# SPDX-License-Identifier: Apache-2.0
"""A remote cloud that the caller may give a weight."""

from openstack import exceptions
from openstack import resource


class Cloud(resource.Resource):
    resources_key = 'clouds'
    base_path = '/clouds'
    _max_microversion = '1.0'

    allow_list = True

    #: The name, which is also the id.
    name = resource.Body('name', alternate_id=True)
    #: UNKNOWN, UP, SUSPECT, DOWN, RECOVERING or UNAUTHORIZED.
    state = resource.Body('state')
    #: Why it is in that state.
    reason = resource.Body('reason')
    #: Since when it has been in that state.
    since = resource.Body('since')
    #: When the engine last looked.
    checked_at = resource.Body('checked_at')
    #: How many looks in a row failed.
    failures = resource.Body('failures', type=int)
    #: How many looks in a row succeeded.
    successes = resource.Body('successes', type=int)
    #: How many stacks that the caller may see have a member there.
    stacks = resource.Body('stacks', type=int)

    @classmethod
    def find(cls, session, name_or_id, ignore_missing=False, **params):
        """Find a cloud by its exact name."""
        # By the list, which every caller may read: a name with a slash or
        # with dots would ask for another URL.
        found = cls._get_one_match(name_or_id, cls.list(session))
        if found is None and not ignore_missing:
            raise exceptions.NotFoundException(
                f"There is no cloud '{name_or_id}'."
            )
        return found
