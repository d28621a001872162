# SPDX-License-Identifier: Apache-2.0
"""A stack: one total, spread over several clouds by weight."""

import itertools
import uuid

from openstack import exceptions
from openstack import resource
from openstack import utils

from heat_spreader import suggest
from heat_spreader.sdk import paths


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
        *('name', 'status', 'survives', 'cloud', 'all_projects'),
        *('sort_key', 'sort_dir'),
    )

    # What the user specifies.
    #: The name of the Heat stacks in the clouds.
    stack_name = resource.Body('stack_name')
    #: The total number of instances over all clouds.
    count = resource.Body('count', type=int)
    #: The template parameter that sets the number in each cloud.
    count_parameter = resource.Body('count_parameter')
    #: The weight of each cloud, 0 to 1; the sum is at most 1.
    weights = resource.Body('weights', type=dict)
    #: even, proportional or none.
    failover = resource.Body('failover')
    #: auto or manual.
    failback = resource.Body('failback')
    #: Only in a request: True orders the failback that the stack waits for.
    failback_now = resource.Body('failback_now', type=bool)
    #: Only in a request: True tries now what found no room in a cloud.
    retry_capacity = resource.Body('retry_capacity', type=bool)
    #: Only in a request: the clouds whose Heat stacks are adopted, a list.
    adopt = resource.Body('adopt', type=list)
    #: Whether the stack is paused: nothing is changed in the clouds.
    paused = resource.Body('paused', type=bool)
    #: The member in each cloud, a list of dictionaries. In a request it is a
    #: dictionary: cloud to {min_count, max_count, admin_state, from, until,
    #: reason}.
    members = resource.Body('members')
    #: In a request only: drain members even if the others cannot replace all.
    force = resource.Body('force', type=bool)

    # What the service reports.
    #: The project that owns the stack.
    project_id = resource.Body('project_id')
    #: The user who created it.
    user_id = resource.Body('user_id')
    #: PENDING, SCALING, ACTIVE, DEGRADED, ERROR, FROZEN or PAUSED.
    status = resource.Body('status')
    #: The reason of the status.
    status_reason = resource.Body('status_reason')
    #: Increased by one with every change by a user.
    generation = resource.Body('generation', type=int)
    #: The generation that the engine has acted on.
    observed_generation = resource.Body('observed_generation', type=int)
    #: How many of the total the weights place.
    placed = resource.Body('placed', type=int)
    #: The number of instances that do not fit in any cloud.
    unplaced = resource.Body('unplaced', type=int)
    #: Whether it survives the loss of any one cloud, a dictionary: survives,
    #: which is None while it is not known; how many instances would have no
    #: place, unplaced, by the cloud that is lost; and frozen, a list of those
    #: of these clouds whose loss would move nothing.
    readiness = resource.Body('readiness', type=dict)
    #: When it was created.
    created_at = resource.Body('created_at')
    #: When a user last changed it.
    updated_at = resource.Body('updated_at')

    @classmethod
    def find(cls, session, name_or_id, ignore_missing=False, **params):
        """Find a stack by its id, else by its exact name in the project."""
        found = cls._find_by_id(session, name_or_id) or cls._get_one_match(
            name_or_id, cls.list(session, name=name_or_id)
        )
        if found is None and not ignore_missing:
            listed = itertools.islice(cls.list(session), suggest.SEARCHED)
            question = suggest.did_you_mean(
                name_or_id, [stack.name for stack in listed]
            )
            raise exceptions.NotFoundException(
                f"There is no stack '{name_or_id}'. {question}".rstrip()
            )
        return found

    @classmethod
    def _find_by_id(cls, session, stack_id):
        # Only what can be an id goes into a URL: slashes, dots and question
        # marks in a name would lead to another one.
        if not _is_id(stack_id):
            return None
        try:
            return cls.existing(id=stack_id).fetch(session)
        except exceptions.NotFoundException:
            return None

    def _translate_response(self, response, *args, **kwargs):
        # Orders, which are no values of the stack: they can be given again.
        for order in ('adopt', 'failback_now', 'retry_capacity'):
            self._body.attributes.pop(order, None)
        super()._translate_response(response, *args, **kwargs)

    def set_weight(self, session, cloud, weight):
        """Set the weight of one cloud; the others are not changed."""
        response = session.put(
            self._weight_path(cloud),
            json={'weight': weight},
            microversion=self._get_microversion(session),
        )
        self._translate_response(response)
        return self

    def unset_weight(self, session, cloud):
        """Remove a cloud from the stack."""
        response = session.delete(
            self._weight_path(cloud),
            microversion=self._get_microversion(session),
        )
        exceptions.raise_from_response(response)

    def _weight_path(self, cloud):
        return utils.urljoin(
            self.base_path, self.id, 'weights', paths.quote_cloud(cloud)
        )


def _is_id(text):
    try:
        return str(uuid.UUID(text)) == text
    except ValueError:
        return False
