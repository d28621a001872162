# SPDX-License-Identifier: Apache-2.0
"""Something that happened to a stack or to a cloud it is in."""

from openstack import resource


class Event(resource.Resource):
    resources_key = 'events'
    base_path = '/stacks/%(stack_id)s/events'
    _max_microversion = '1.0'

    allow_list = True

    #: The stack whose events are listed.
    stack_id = resource.URI('stack_id')
    #: What kind of thing happened, for example STACK_STATUS.
    kind = resource.Body('kind')
    #: The cloud it happened in, where it was in one.
    cloud = resource.Body('cloud')
    #: A sentence for people.
    message = resource.Body('message')
    #: The same for programs: from, to and why.
    details = resource.Body('details', type=dict)
    #: The request that caused it, where one did.
    request_id = resource.Body('request_id')
    #: When it happened.
    created_at = resource.Body('created_at')
