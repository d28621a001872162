# SPDX-License-Identifier: Apache-2.0
"""The URLs of the API, and the policy rule of each of their methods.

This is the only place that lists them. The dispatcher, the operations of the
policies, the labels of the metrics and the tests of the routes are derived
from it.
"""

import re

VERSIONS = '/'
HEALTHCHECK = '/healthcheck'
VERSION = '/v1'
DESCRIPTION = '/v1/openapi.json'
STACKS = '/v1/stacks'
STACKS_PREVIEW = '/v1/stacks/preview'
STACK = '/v1/stacks/{stack_id}'
STACK_PREVIEW = '/v1/stacks/{stack_id}/preview'
WEIGHT = '/v1/stacks/{stack_id}/weights/{cloud}'
STACK_EVENTS = '/v1/stacks/{stack_id}/events'
EVENTS = '/v1/events'
CLOUDS = '/v1/clouds'
CLOUD = '/v1/clouds/{cloud}'
CLOUD_EVENTS = '/v1/clouds/{cloud}/events'
CLOUD_READINESS = '/v1/clouds/{cloud}/readiness'
# Before the route of a cloud: no cloud can have this name.
CLOUDS_READINESS = '/v1/clouds/readiness'
ENGINES = '/v1/engines'
WITNESSES = '/v1/witnesses'

# By route and method. None: no credentials are needed.
RULES = {
    VERSIONS: {'GET': None},
    HEALTHCHECK: {'GET': None},
    VERSION: {'GET': None},
    DESCRIPTION: {'GET': None},
    STACKS: {
        'GET': 'multicloud:stacks:list',
        'POST': 'multicloud:stacks:create',
    },
    # Before the route of a stack, whose id is a UUID.
    STACKS_PREVIEW: {'POST': 'multicloud:stacks:preview'},
    STACK: {
        'DELETE': 'multicloud:stacks:delete',
        'GET': 'multicloud:stacks:get',
        'PATCH': 'multicloud:stacks:update',
    },
    STACK_PREVIEW: {'POST': 'multicloud:stacks:preview'},
    WEIGHT: {
        'DELETE': 'multicloud:weights:unset',
        'PUT': 'multicloud:weights:set',
    },
    STACK_EVENTS: {'GET': 'multicloud:events:list'},
    EVENTS: {'GET': 'multicloud:events:list'},
    CLOUDS: {'GET': 'multicloud:clouds:list'},
    CLOUDS_READINESS: {'GET': 'multicloud:clouds:readiness'},
    CLOUD: {
        'GET': 'multicloud:clouds:get',
        'PATCH': 'multicloud:clouds:update',
    },
    CLOUD_EVENTS: {'GET': 'multicloud:clouds:list_events'},
    CLOUD_READINESS: {'GET': 'multicloud:clouds:readiness'},
    ENGINES: {'GET': 'multicloud:engines:list'},
    WITNESSES: {'GET': 'multicloud:witnesses:list'},
}

# A slash at the end changes nothing.
_PATTERNS = {
    route: re.compile(
        re.sub(r'{(\w+)}', r'(?P<\1>[^/]+)', route.rstrip('/')) + '/?'
    )
    for route in RULES
}


def find(path):
    """Return the route of a path, and the arguments that the path has.

    :returns: (None, {}) for a path of no route
    """
    for route, pattern in _PATTERNS.items():
        if match := pattern.fullmatch(path):
            return route, match.groupdict()
    return None, {}


def is_public(route):
    """Whether no method of the route needs credentials."""
    return route is not None and not any(RULES[route].values())


def operations(rule):
    """Return the pairs of method and route that need the rule."""
    return [
        (method, route)
        for route, rules in RULES.items()
        for method, needed in rules.items()
        if needed == rule
    ]
