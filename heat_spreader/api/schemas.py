# SPDX-License-Identifier: Apache-2.0
"""The schemas of requests. Error messages quote the descriptions."""

from heat_spreader import schema
from heat_spreader import states

_TIME = {
    'type': 'string',
    'format': 'time',
    'description': 'a time with its zone as in ISO 8601, such as '
    '2026-12-01T06:00Z',
}
_ORDER = {
    # The engine alone finds out what is drained.
    'admin_state': schema.one_of(
        state
        for state in states.AdminState
        if state is not states.AdminState.DRAINED
    ),
    'from': _TIME,
    'until': _TIME,
    'reason': schema.LINE,
}
_MEMBER = schema.mapping({**schema.LIMITS, **_ORDER}, title='MemberChange')
_GENERATION = {
    'type': 'integer',
    'minimum': 1,
    'description': 'the generation of the stack, a whole number, 1 or more',
}
_STACK = {
    **schema.STACK,
    'members': schema.by_cloud(_MEMBER),
    'force': schema.BOOLEAN,
}

_CLOUDS = {
    'type': 'array',
    'items': schema.LINE,
    'uniqueItems': True,
    'description': 'a list of the names of clouds, each once',
}
_ADOPT = {
    **_CLOUDS,
    'minItems': 1,
    'description': 'a list of the names of one or more clouds, each once',
}


def _or_adoption(title, usual, adoption):
    """The schema of a body that may be about an adoption instead."""
    return {
        'title': title,
        'if': {'required': ['adopt']},
        'then': adoption,
        'else': usual,
        'description': 'a JSON object',
    }


_CREATE = schema.mapping(_STACK, required=list(schema.REQUIRED))
# The total and the weights are what runs there.
_ADOPTED = ('name', 'count_parameter', 'stack_name', 'failover', 'failback')
STACK_CREATE = _or_adoption(
    'StackCreate',
    _CREATE,
    schema.mapping(
        {**{name: _STACK[name] for name in _ADOPTED}, 'adopt': _ADOPT},
        required=['name', 'count_parameter'],
    ),
)
_UPDATE = schema.mapping(
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
_ADOPTION = {
    'adopt': _ADOPT,
    'paused': schema.BOOLEAN,
    'generation': _GENERATION,
}
STACK_UPDATE = _or_adoption('StackUpdate', _UPDATE, schema.mapping(_ADOPTION))
_HYPOTHESES = {'down': _CLOUDS, 'drained': _CLOUDS, 'back': _CLOUDS}
STACK_CREATE_PREVIEW = schema.mapping(
    {**_CREATE['properties'], **_HYPOTHESES},
    title='StackCreatePreview',
    required=_CREATE['required'],
)
# All may be left out: what is there now is a question, too.
STACK_UPDATE_PREVIEW = _or_adoption(
    'StackUpdatePreview',
    schema.mapping({**_UPDATE['properties'], **_HYPOTHESES}),
    schema.mapping({**_ADOPTION, **_HYPOTHESES}),
)
WEIGHT_SET = schema.mapping(
    {'weight': schema.WEIGHT}, title='WeightSet', required=['weight']
)
CLOUD_UPDATE = schema.mapping(
    {
        **_ORDER,
        'drill': schema.BOOLEAN,
        'force': schema.BOOLEAN,
        'declared': {
            'enum': [*states.Declared, None],
            'description': f'one of {", ".join(states.Declared)}, or null '
            'for what the surveys find',
        },
        'planned': {
            'type': 'null',
            'description': 'null, which cancels what is planned',
        },
    },
    title='CloudUpdate',
)

_LIMIT = {
    'type': 'integer',
    'minimum': 1,
    'description': 'a whole number, 1 or more',
}

NO_QUERY = schema.mapping({})
STACK_QUERY = schema.mapping(
    {
        'limit': _LIMIT,
        'marker': schema.text_of(
            schema.TEXT, 'the ID of the last stack of a page'
        ),
        'sort_key': schema.one_of(
            ['created_at', 'updated_at', 'name', 'status', 'count']
        ),
        'sort_dir': schema.one_of(['asc', 'desc']),
        'name': schema.NAME,
        'status': schema.one_of(states.StackStatus),
        'survives': schema.BOOLEAN,
        'cloud': schema.LINE,
        'all_projects': schema.BOOLEAN,
    }
)
_CLOUD_EVENT_QUERY = {
    'limit': _LIMIT,
    'marker': schema.text_of(
        schema.TEXT, 'the ID of the last event of a page'
    ),
    'sort_dir': schema.one_of(['asc', 'desc']),
    'since': _TIME,
    'kind': schema.one_of(states.EventKind),
}
_STACK_EVENT_QUERY = {**_CLOUD_EVENT_QUERY, 'cloud': schema.LINE}
CLOUD_EVENT_QUERY = schema.mapping(_CLOUD_EVENT_QUERY)
STACK_EVENT_QUERY = schema.mapping(_STACK_EVENT_QUERY)
EVENT_QUERY = schema.mapping(
    {**_STACK_EVENT_QUERY, 'all_projects': schema.BOOLEAN}
)
