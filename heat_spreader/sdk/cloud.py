# SPDX-License-Identifier: Apache-2.0
"""A remote cloud that the caller may use."""

from openstack import exceptions
from openstack import resource


class Cloud(resource.Resource):
    resources_key = 'clouds'
    base_path = '/clouds'
    _max_microversion = '1.0'

    allow_list = True

    #: The name, which is also the id.
    name = resource.Body('name', alternate_id=True)
    #: UNKNOWN, UP, SUSPECT, DOWN, RECOVERING, UNAUTHORIZED, MISCONFIGURED or
    #: UNSEEN.
    state = resource.Body('state')
    #: Why it is in that state.
    reason = resource.Body('reason')
    #: The time since which it has been in that state.
    since = resource.Body('since')
    #: When the engine last surveyed it.
    checked_at = resource.Body('checked_at')
    #: The number of consecutive failed surveys.
    failures = resource.Body('failures', type=int)
    #: The number of consecutive successful surveys.
    successes = resource.Body('successes', type=int)
    #: The number of stacks with a member there that the caller may list.
    stacks = resource.Body('stacks', type=int)

    @classmethod
    def find(cls, session, name_or_id, ignore_missing=False, **params):
        """Find a cloud by its exact name."""
        # By the list, which every caller may read: a name with a slash or
        # dots would lead to another URL.
        found = cls._get_one_match(name_or_id, cls.list(session))
        if found is None and not ignore_missing:
            raise exceptions.NotFoundException(
                f"There is no cloud '{name_or_id}'."
            )
        return found
