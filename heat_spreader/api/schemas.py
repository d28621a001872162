# SPDX-License-Identifier: Apache-2.0
"""The schemas of requests. Error messages quote the descriptions."""

from heat_spreader import states

# The format allows only what can be seen; names have no slash, which would
# split a URL.
_TEXT = r'^(?!\s)[^\n\r]+(?<!\s)\Z'
_NAME = _TEXT.replace(r'[^', r'[^/')


def _text(pattern, description):
    return {
        'type': 'string',
        'minLength': 1,
        'maxLength': 255,
        'pattern': pattern,
        'format': 'text',
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


def _one_of(values):
    words = list(values)
    return {
        'type': 'string',
        'enum': words,
        'description': f'one of {", ".join(words)}',
    }


def _count(nullable=False):
    return {
        'type': ['integer', 'null'] if nullable else 'integer',
        'minimum': 0,
        'maximum': states.MAX_COUNT,
        'description': f'a whole number from 0 to {states.MAX_COUNT}'
        + (', or null for no limit' if nullable else ''),
    }


_LINE = (
    'text of 1 to 255 characters, without control, bidirectional and other '
    'invisible characters, without white space at its start or end, and in '
    'the Unicode form NFC'
)
NAME = _text(_NAME, f'{_LINE}, and without slashes')
# The names that Heat accepts.
HEAT_NAME = _text(
    r'^[a-zA-Z][a-zA-Z0-9_.-]*\Z',
    'a name that Heat accepts: a letter, then up to 254 letters, digits, '
    'hyphens, underscores and dots, all ASCII',
)
WEIGHT = {
    'type': 'number',
    'minimum': 0,
    'maximum': 1,
    'format': 'weight',
    'description': 'a number from 0 to 1 with at most six decimal places',
}
_BOOLEAN = {'type': 'boolean', 'description': 'true or false'}
_TIME = {
    'type': 'string',
    'format': 'time',
    'description': 'a time with its zone as in ISO 8601, such as '
    '2026-12-01T06:00Z',
}
_ORDER = {
    # The engine alone finds out what is drained.
    'admin_state': _one_of(
        state
        for state in states.AdminState
        if state is not states.AdminState.DRAINED
    ),
    'from': _TIME,
    'until': _TIME,
    'reason': _text(_TEXT, _LINE),
}
_MEMBER = _object(
    {
        'min_count': _count(nullable=True),
        'max_count': _count(nullable=True),
        **_ORDER,
    }
)
_GENERATION = {
    'type': 'integer',
    'minimum': 1,
    'description': 'the generation of the stack, a whole number, 1 or more',
}
_STACK = {
    'name': NAME,
    'count': _count(),
    'count_parameter': _text(_TEXT, _LINE),
    'stack_name': HEAT_NAME,
    'weights': _by_cloud(WEIGHT),
    'failover': _one_of(states.Failover),
    'failback': _one_of(states.Failback),
    'paused': _BOOLEAN,
    'members': _by_cloud(_MEMBER),
    'force': _BOOLEAN,
}

_CLOUDS = {
    'type': 'array',
    'items': _text(_TEXT, _LINE),
    'uniqueItems': True,
    'description': 'a list of the names of clouds, each once',
}
_ADOPT = {
    **_CLOUDS,
    'minItems': 1,
    'description': 'a list of the names of one or more clouds, each once',
}


def _or_adoption(schema, adoption):
    """The schema of a body that may be about an adoption instead."""
    return {
        'if': {'required': ['adopt']},
        'then': adoption,
        'else': schema,
        'description': 'a JSON object',
    }


_CREATE = _object(_STACK, required=['name', 'count', 'count_parameter'])
# The total and the weights are what runs there.
_ADOPTED = ('name', 'count_parameter', 'stack_name', 'failover', 'failback')
STACK_CREATE = _or_adoption(
    _CREATE,
    _object(
        {**{name: _STACK[name] for name in _ADOPTED}, 'adopt': _ADOPT},
        required=['name', 'count_parameter'],
    ),
)
_UPDATE = _object(
    {
        **_STACK,
        'failback_now': {'const': True, 'description': 'true'},
        'retry_capacity': {'const': True, 'description': 'true'},
        'generation': _GENERATION,
    },
    minProperties=1,
    # The generation is a condition and not a change.
    **{'if': {'required': ['generation']}, 'then': {'minProperties': 2}},
)
_ADOPTION = {'adopt': _ADOPT, 'paused': _BOOLEAN, 'generation': _GENERATION}
STACK_UPDATE = _or_adoption(_UPDATE, _object(_ADOPTION))
_HYPOTHESES = {'down': _CLOUDS, 'drained': _CLOUDS, 'back': _CLOUDS}
STACK_CREATE_PREVIEW = _object(
    {**_CREATE['properties'], **_HYPOTHESES}, required=_CREATE['required']
)
# All may be left out: what is there now is a question, too.
STACK_UPDATE_PREVIEW = _or_adoption(
    _object({**_UPDATE['properties'], **_HYPOTHESES}),
    _object({**_ADOPTION, **_HYPOTHESES}),
)
WEIGHT_SET = _object({'weight': WEIGHT}, required=['weight'])
CLOUD_UPDATE = _object(
    {
        **_ORDER,
        'drill': _BOOLEAN,
        'force': _BOOLEAN,
        'declared': {
            'enum': [*states.Declared, None],
            'description': f'one of {", ".join(states.Declared)}, or null '
            'for what the surveys find',
        },
        'planned': {
            'type': 'null',
            'description': 'null, which cancels what is planned',
        },
    }
)

_LIMIT = {
    'type': 'integer',
    'minimum': 1,
    'description': 'a whole number, 1 or more',
}

NO_QUERY = _object({})
STACK_QUERY = _object(
    {
        'limit': _LIMIT,
        'marker': _text(_TEXT, 'the ID of the last stack of a page'),
        'sort_key': _one_of(
            ['created_at', 'updated_at', 'name', 'status', 'count']
        ),
        'sort_dir': _one_of(['asc', 'desc']),
        'name': NAME,
        'status': _one_of(states.StackStatus),
        'survives': _BOOLEAN,
        'cloud': _text(_TEXT, _LINE),
        'all_projects': _BOOLEAN,
    }
)
_CLOUD_EVENT_QUERY = {
    'limit': _LIMIT,
    'marker': _text(_TEXT, 'the ID of the last event of a page'),
    'sort_dir': _one_of(['asc', 'desc']),
    'since': _TIME,
    'kind': _one_of(states.EventKind),
}
_STACK_EVENT_QUERY = {**_CLOUD_EVENT_QUERY, 'cloud': _text(_TEXT, _LINE)}
CLOUD_EVENT_QUERY = _object(_CLOUD_EVENT_QUERY)
STACK_EVENT_QUERY = _object(_STACK_EVENT_QUERY)
EVENT_QUERY = _object({**_STACK_EVENT_QUERY, 'all_projects': _BOOLEAN})
