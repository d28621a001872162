# SPDX-License-Identifier: Apache-2.0
"""A stack: one total, spread over several clouds by weight."""

import urllib.parse
import uuid

from openstack import exceptions
from openstack import resource
from openstack import utils


class Stack(resource.Resource):
    resources_key = 'stacks'
    base_path = '/stacks'
    commit_method = 'PATCH'
    _max_microversion = '1.0'

    allow_create = True
    allow_list = True
    allow_fetch = True
    allow_commit = True
    allow_delete = True

    _query_mapping = resource.QueryParameters(
        'name', 'status', 'cloud', 'all_projects', 'sort_key', 'sort_dir'
    )

    # What the user wants.
    #: The name of the Heat stacks in the clouds.
    stack_name = resource.Body('stack_name')
    #: The total over all clouds.
    count = resource.Body('count', type=int)
    #: The template parameter that sets the size in each cloud.
    count_parameter = resource.Body('count_parameter')
    #: Cloud to weight, 0 to 1, together at most 1.
    weights = resource.Body('weights', type=dict)
    #: even, proportional or none.
    failover = resource.Body('failover')
    #: Whether the engine keeps its hands off the stack.
    paused = resource.Body('paused', type=bool)
    #: The part in each cloud, a list of dictionaries. In a request it is a
    #: dictionary: cloud to {min_count, max_count}.
    members = resource.Body('members')

    # What the service says.
    #: The project that owns the stack.
    project_id = resource.Body('project_id')
    #: The user who put it under control.
    user_id = resource.Body('user_id')
    #: PENDING, SCALING, ACTIVE, DEGRADED, ERROR, FROZEN or PAUSED.
    status = resource.Body('status')
    #: Why, in a sentence.
    status_reason = resource.Body('status_reason')
    #: Up by one with every change of what the user wants.
    generation = resource.Body('generation', type=int)
    #: The generation that the engine has acted on.
    observed_generation = resource.Body('observed_generation', type=int)
    #: How much of the total fits into no cloud.
    unplaced = resource.Body('unplaced', type=int)
    #: When the stack was put under control.
    created_at = resource.Body('created_at')
    #: When it was last changed.
    updated_at = resource.Body('updated_at')

    @classmethod
    def find(cls, session, name_or_id, ignore_missing=False, **params):
        """Find a stack by its id, else by its exact name in the project."""
        found = cls._find_by_id(session, name_or_id) or cls._get_one_match(
            name_or_id, cls.list(session, name=name_or_id)
        )
        if found is None and not ignore_missing:
            raise exceptions.NotFoundException(
                f"There is no stack '{name_or_id}'."
            )
        return found

    @classmethod
    def _find_by_id(cls, session, stack_id):
        # Only what can be an id goes into a URL: of a name, slashes, dots
        # and question marks would ask for something else.
        if not _is_id(stack_id):
            return None
        try:
            return cls.existing(id=stack_id).fetch(session)
        except exceptions.NotFoundException:
            return None

    def set_weight(self, session, cloud, weight):
        """Set the weight of one cloud, leaving those of the others."""
        response = session.put(
            self._weight_path(cloud),
            json={'weight': weight},
            microversion=self._get_microversion(session),
        )
        self._translate_response(response)
        return self

    def unset_weight(self, session, cloud):
        """Take one cloud out of the stack."""
        response = session.delete(
            self._weight_path(cloud),
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)

    def _weight_path(self, cloud):
        if cloud in ('', '.', '..'):
            # As a part of a path these name the stack itself or all of its
            # weights, and no quoting keeps them from doing so.
            raise exceptions.InvalidRequest(
                f"'{cloud}' cannot be the name of a cloud."
            )
        return utils.urljoin(
            self.base_path, self.id, 'weights', urllib.parse.quote(cloud, '')
        )


def _is_id(text):
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
