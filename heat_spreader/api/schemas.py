# SPDX-License-Identifier: Apache-2.0
"""What a request may say. Descriptions end up in the errors: "must be ..."."""

from heat_spreader import states

MAX_COUNT = 100_000

# Neither a slash, which would split a URL, nor what cannot be seen or stored:
# control characters, line separators, halves of surrogate pairs.
_TEXT = r'^(?!\s)[^\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+(?<!\s)\Z'
_NAME = _TEXT.replace(r'[^', r'[^/')


def _text(pattern, description):
    return {
        'type': 'string',
        'minLength': 1,
        'maxLength': 255,
        'pattern': pattern,
        'description': description,
    }


def _object(properties, **more):
    return {
        'type': 'object',
        **more,
        'properties': properties,
        'additionalProperties': False,
        'description': 'a JSON object',
    }


def _by_cloud(schema):
    return {
        'type': 'object',
        'additionalProperties': schema,
        'description': 'a JSON object with the names of clouds',
    }


def _words(words):
    return {
        'type': 'string',
        'enum': list(words),
        'description': f'one of {", ".join(words)}',
    }


def _count(nothing=False):
    return {
        'type': ['integer', 'null'] if nothing else 'integer',
        'minimum': 0,
        'maximum': MAX_COUNT,
        'description': f'a whole number from 0 to {MAX_COUNT}'
        + (', or null for none' if nothing else ''),
    }


_LINE = (
    'a text of 1 to 255 characters, without control characters and without '
    'white space at its ends'
)
NAME = _text(_NAME, f'{_LINE}, and without slashes')
# What Heat itself takes.
HEAT_NAME = _text(
    r'^[a-zA-Z][a-zA-Z0-9_.-]*\Z',
    'a name that Heat takes: a letter, then up to 254 letters, digits, '
    'hyphens, underscores and dots, all ASCII',
)
WEIGHT = {
    'type': 'number',
    'minimum': 0,
    'maximum': 1,
    'format': 'weight',
    'description': 'a number from 0 to 1 with at most six decimal places',
}
_LIMITS = _object(
    {'min_count': _count(nothing=True), 'max_count': _count(nothing=True)}
)
_BOOLEAN = {'type': 'boolean', 'description': 'true or false'}
_GENERATION = {
    'type': 'integer',
    'minimum': 1,
    'description': 'the generation of the stack as it was read',
}
_STACK = {
    'name': NAME,
    'count': _count(),
    'count_parameter': _text(_TEXT, _LINE),
    'stack_name': HEAT_NAME,
    'weights': _by_cloud(WEIGHT),
    'failover': _words(states.Failover),
    'paused': _BOOLEAN,
    'members': _by_cloud(_LIMITS),
}

STACK_CREATE = _object(_STACK, required=['name', 'count', 'count_parameter'])
STACK_UPDATE = _object(
    {**_STACK, 'generation': _GENERATION},
    minProperties=1,
    # The generation is a condition, not a change.
    **{'if': {'required': ['generation']}, 'then': {'minProperties': 2}},
)
WEIGHT_SET = _object({'weight': WEIGHT}, required=['weight'])

_LIMIT = {
    'type': 'integer',
    'minimum': 1,
    'description': 'a whole number from 1 up',
}

NO_QUERY = _object({})
STACK_QUERY = _object(
    {
        'limit': _LIMIT,
        'marker': _text(_TEXT, 'the id of the last stack of a page'),
        'sort_key': _words(
            ['created_at', 'updated_at', 'name', 'status', 'count']
        ),
        'sort_dir': _words(['asc', 'desc']),
        'name': NAME,
        'status': _words(states.StackStatus),
        'cloud': _text(_TEXT, _LINE),
        'all_projects': _BOOLEAN,
    }
)
EVENT_QUERY = _object(
    {
        'limit': _LIMIT,
        'marker': {
            'type': 'integer',
            'minimum': 1,
            'description': 'the id of the last event of a page',
        },
    }
)
