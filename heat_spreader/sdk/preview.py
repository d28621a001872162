# SPDX-License-Identifier: Apache-2.0
"""What a request would do to a stack, or what would happen to it."""

from openstack import exceptions
from openstack import resource
from openstack import utils

_STACKS = '/stacks'


class Preview(resource.Resource):
    _max_microversion = '1.0'

    #: The stack; None for one that does not exist yet.
    stack_id = resource.Body('stack_id')
    #: The total number of instances over all clouds.
    count = resource.Body('count', type=int)
    #: How many of the total the weights place.
    placed = resource.Body('placed', type=int)
    #: The status of the stack after all waves.
    status = resource.Body('status')
    #: The reason of that status.
    status_reason = resource.Body('status_reason')
    #: The number of instances that do not fit in any cloud.
    unplaced = resource.Body('unplaced', type=int)
    #: The member in each cloud, a list of dictionaries: target_now,
    #: target_then, the arithmetic (why), and what holds it now (waits).
    members = resource.Body('members', type=list)
    #: Lists of the updates that are sent together, one after the other.
    waves = resource.Body('waves', type=list)
    #: The clouds in which the Heat stack was not read yet.
    unread = resource.Body('unread', type=list)
    #: What would place more of the total.
    suggestions = resource.Body('suggestions', type=list)
    #: Why drains in the request would be refused.
    refusals = resource.Body('refusals', type=list)
    #: What the preview cannot know.
    notes = resource.Body('notes', type=list)

    @classmethod
    def request(cls, session, stack_id, body):
        """Ask for the preview of a stack; ``stack_id`` None for a new one."""
        path = utils.urljoin(*filter(None, [_STACKS, stack_id, 'preview']))
        response = session.post(
            path, json=body, microversion=cls._get_microversion(session)
        )
        exceptions.raise_from_response(response)
        return cls.existing(**response.json())
