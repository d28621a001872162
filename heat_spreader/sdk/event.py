# SPDX-License-Identifier: Apache-2.0
"""An event of a stack or of a cloud."""

from openstack import resource


class Event(resource.Resource):
    resources_key = 'events'
    base_path = '/events'
    _max_microversion = '1.0'

    allow_list = True

    _query_mapping = resource.QueryParameters(
        'sort_dir', 'since', 'kind', 'cloud', 'all_projects'
    )

    #: The ID of the stack; None for an event of a cloud.
    stack_id = resource.Body('stack_id')
    #: The name of the stack; None also for one that was deleted.
    stack = resource.Body('stack')
    #: The kind of the event, for example STACK_STATUS.
    kind = resource.Body('kind')
    #: The cloud that the event concerns, if it concerns one.
    cloud = resource.Body('cloud')
    #: The message for people.
    message = resource.Body('message')
    #: The same for programs: the old and the new values.
    details = resource.Body('details', type=dict)
    #: The ID of the request that caused it.
    request_id = resource.Body('request_id')
    #: When it happened.
    created_at = resource.Body('created_at')


class StackEvent(Event):
    """An event of a stack, or of one of its clouds."""

    base_path = '/stacks/%(stack_path)s/events'

    #: The ID of the stack whose events are listed.
    stack_path = resource.URI('stack_path')


class CloudEvent(Event):
    """An event of a cloud itself."""

    base_path = '/clouds/%(cloud_path)s/events'

    #: The cloud whose events are listed, as a part of a URL.
    cloud_path = resource.URI('cloud_path')
