# SPDX-License-Identifier: Apache-2.0
"""The description of the API by OpenAPI, for programs.

It is made from the routes and from the operations of their resources, which
serve the requests; nothing is written twice.
"""

import functools
import http
import re

from heat_spreader import exception
from heat_spreader import routes
from heat_spreader.api import answers
from heat_spreader.api import healthcheck
from heat_spreader.api import microversion

_JSON = 'application/json'
# The arguments of URLs.
_ARGUMENTS = {
    'stack_id': {
        'description': 'The ID of a stack.',
        'schema': {'type': 'string', 'format': 'uuid'},
    },
    'cloud': {
        'description': 'The name of a cloud.',
        'schema': {'type': 'string', 'minLength': 1, 'pattern': '^[^/]+$'},
    },
}
_VERSION = {
    'name': 'OpenStack-API-Version',
    'in': 'header',
    'description': 'The microversion; the oldest one without it.',
    'schema': {'type': 'string'},
    'examples': {
        'oldest': {
            'value': f'{microversion.SERVICE_TYPE} {microversion.VERSIONS[0]}'
        },
        'newest': {'value': f'{microversion.SERVICE_TYPE} latest'},
    },
}
_HEADERS = {
    'RequestId': {
        'description': 'The ID of the request in logs and events.',
        'required': True,
        'schema': {'type': 'string', 'pattern': '^req-'},
    },
    'Version': {
        'description': 'The microversion that was used.',
        'required': True,
        'schema': {
            'type': 'string',
            'enum': [
                f'{microversion.SERVICE_TYPE} {each}'
                for each in microversion.VERSIONS
            ],
        },
    },
    'Location': {
        'description': 'The URL of the new resource.',
        'required': True,
        'schema': {'type': 'string', 'format': 'uri'},
    },
    'Authenticate': {
        'description': 'How to authenticate.',
        'required': True,
        'schema': {'type': 'string'},
    },
}
_SECURITY = {
    'token': {
        'type': 'apiKey',
        'in': 'header',
        'name': 'X-Auth-Token',
        'description': 'A token of Keystone for a project.',
    },
    'password': {
        'type': 'http',
        'scheme': 'basic',
        'description': 'Where the operator has set http_basic.',
    },
}


def describe(resources, url):
    """The description of the API at a URL.

    :param resources: the class of the resource by route
    """
    document = _document(tuple(resources.items()))
    return {**document, 'servers': [{'url': url}]}


@functools.cache
def _document(resources):
    """What is the same wherever the API is."""
    components = {
        'schemas': {},
        'responses': {},
        'headers': _HEADERS,
        'parameters': {'Version': _VERSION},
        'securitySchemes': _SECURITY,
    }
    paths = {
        route: {
            method.lower(): _operation(
                *(components, method, route, rule),
                _described(dict(resources), method, route),
            )
            for method, rule in rules.items()
        }
        for route, rules in routes.RULES.items()
    }
    for route, item in paths.items():
        if names := re.findall(r'{(\w+)}', route):
            item['parameters'] = [
                {'name': name, 'in': 'path', 'required': True}
                | _ARGUMENTS[name]
                for name in names
            ]
    return {
        'openapi': '3.1.0',
        'info': {
            'title': 'Heat Spreader',
            'summary': 'One Heat stack over several OpenStack clouds.',
            'version': microversion.VERSIONS[-1],
            'license': {'name': 'Apache-2.0', 'identifier': 'Apache-2.0'},
        },
        'paths': paths,
        'components': components,
    }


def _described(resources, method, route):
    if route == routes.HEALTHCHECK:
        return healthcheck.OPERATION
    return getattr(resources[route], method.lower()).operation


def _operation(components, method, route, rule, described):
    """What one method of a route takes and answers."""
    schemas, responses = components['schemas'], components['responses']
    operation = {
        'operationId': '_'.join(re.findall(r'\w+', method.lower() + route)),
        'summary': described.summary,
        'tags': [_tag(route)],
        'security': [{name: []} for name in _SECURITY] if rule else [],
        'parameters': [
            {
                'name': name,
                'in': 'query',
                'description': spec['description'],
                'schema': _part(schemas, spec),
            }
            for name, spec in described.query['properties'].items()
        ],
        'responses': {
            str(described.status): _answer(schemas, route, described),
            **{
                str(status): _error(schemas, responses, status)
                for status in _statuses(route, rule, described)
            },
        },
    }
    if rule:
        operation['x-openstack-policy'] = rule
    if _is_versioned(route):
        operation['parameters'].append(
            {'$ref': '#/components/parameters/Version'}
        )
    if described.body:
        operation['requestBody'] = {
            'required': True,
            'content': {_JSON: {'schema': _part(schemas, described.body)}},
        }
    return operation


def _tag(route):
    parts = route.removeprefix(routes.VERSION).split('/')
    return parts[1] if parts[-1] and len(parts) > 1 else 'versions'


def _is_versioned(route):
    # The middleware answers it before it reads the microversion and the query.
    return route != routes.HEALTHCHECK


def _statuses(route, rule, described):
    """The statuses of the errors that an operation can answer with."""
    statuses = {500, 503, *described.errors}
    if _is_versioned(route):
        statuses |= {400, 406}
    if rule:
        statuses |= {401, 403}
    if '{' in route:
        # Another resource can be at such a URL.
        statuses |= {404, 405}
    if described.body:
        statuses |= {413, 415}
    return sorted(statuses)


def _answer(schemas, route, described):
    headers = ['RequestId']
    if _is_versioned(route):
        headers.append('Version')
    if described.status == http.HTTPStatus.CREATED:
        headers.append('Location')
    answer = {
        'description': http.HTTPStatus(described.status).phrase,
        'headers': _headers(headers),
    }
    if described.answer:
        answer['content'] = {
            _JSON: {'schema': _part(schemas, described.answer)}
        }
    return answer


def _error(schemas, responses, status):
    """A reference to the error response with a status, which is added."""
    name = http.HTTPStatus(status).name.title().replace('_', '')
    responses[name] = _error_response(schemas, status)
    return {'$ref': f'#/components/responses/{name}'}


def _error_response(schemas, status):
    """The error response with a status, and the codes that it can have."""
    headers = ['RequestId']
    if status == http.HTTPStatus.UNAUTHORIZED:
        headers.append('Authenticate')
    code = {'code': {'enum': exception.codes(status)}}
    return {
        'description': http.HTTPStatus(status).phrase,
        'headers': _headers(headers),
        'content': {
            _JSON: {
                'schema': {
                    'allOf': [
                        _part(schemas, answers.ERRORS),
                        {
                            'properties': {
                                'errors': {'items': {'properties': code}}
                            }
                        },
                    ]
                }
            }
        },
    }


_NAMES = {
    'RequestId': 'X-OpenStack-Request-ID',
    'Version': 'OpenStack-API-Version',
    'Location': 'Location',
    'Authenticate': 'WWW-Authenticate',
}


def _headers(components):
    return {
        _NAMES[each]: {'$ref': f'#/components/headers/{each}'}
        for each in components
    }


def _part(schemas, found):
    """A schema, with references to the parts of it that have a title.

    :param schemas: the parts by their titles, to which these are added
    """
    if isinstance(found, list):
        return [_part(schemas, each) for each in found]
    if not isinstance(found, dict):
        return found
    part = {key: _part(schemas, value) for key, value in found.items()}
    title = found.get('title')
    if not isinstance(title, str):
        return part
    schemas[title] = part
    return {'$ref': f'#/components/schemas/{title}'}
