# SPDX-License-Identifier: Apache-2.0
"""The schemas of the bodies of responses, which views.py makes.

The tests check every response by them. What has a title has that name in the
description of the API.
"""

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.planning import room


def _object(title, properties):
    """An object with all of these fields, and with no others."""
    return {
        'title': title,
        'type': 'object',
        'properties': properties,
        'required': [*properties],
        'additionalProperties': False,
    }


def _list(items):
    return {'type': 'array', 'items': items}


def _map(values):
    return {'type': 'object', 'additionalProperties': values}


def _words(values):
    return {'type': 'string', 'enum': [str(word) for word in values]}


def _or_null(found):
    if 'properties' in found:
        return {'anyOf': [found, {'type': 'null'}]}
    nullable = {**found, 'type': [found['type'], 'null']}
    if 'enum' in found:
        nullable['enum'] = [*found['enum'], None]
    return nullable


_TEXT = {'type': 'string'}
_TEXT_OR_NULL = _or_null(_TEXT)
_URL = {'type': 'string', 'format': 'uri'}
_ID = {'type': 'string', 'format': 'uuid'}
_BOOLEAN = {'type': 'boolean'}
_TIME = {'type': 'string', 'format': 'date-time'}
_TIME_OR_NULL = _or_null(_TIME)
_NUMBER = {'type': 'integer', 'minimum': 0}
_NUMBER_OR_NULL = _or_null(_NUMBER)
_COUNT = {**_NUMBER, 'maximum': states.MAX_COUNT}
_COUNT_OR_NULL = _or_null(_COUNT)
_WEIGHT = {'type': 'number', 'minimum': 0, 'maximum': 1}
_EFFECTIVE_WEIGHT = _or_null(_WEIGHT)


def _page(title, name, item):
    """A page of a list, and the link to the next one."""
    link = _object(
        'NextLink', {'rel': {'type': 'string', 'const': 'next'}, 'href': _URL}
    )
    links = {**_list(link), 'maxItems': 1}
    return _object(title, {name: _list(item), f'{name}_links': links})


_VERSION = _object(
    'Version',
    {
        'id': _TEXT,
        'status': _TEXT,
        'min_version': _TEXT,
        'version': _TEXT,
        'links': _list(_object('Link', {'rel': _TEXT, 'href': _URL})),
    },
)
VERSIONS = _object('Versions', {'versions': _list(_VERSION)})
VERSION = _object('VersionDocument', {'version': _VERSION})
HEALTH = {
    # With the option detailed of [healthcheck] there is more in it.
    'title': 'Health',
    'type': 'object',
    'properties': {'detailed': _BOOLEAN, 'reasons': {'type': 'array'}},
    'required': ['detailed', 'reasons'],
}
DESCRIPTION = {
    'title': 'Description',
    'type': 'object',
    'required': ['openapi', 'info', 'paths'],
}

_ORDER = {
    'admin_state': _words(states.AdminState),
    'admin_from': _TIME_OR_NULL,
    'admin_until': _TIME_OR_NULL,
    'admin_reason': _TEXT,
}
_MEMBER = _object(
    'Member',
    {
        'cloud': _TEXT,
        'weight': _WEIGHT,
        'effective_weight': _EFFECTIVE_WEIGHT,
        'min_count': _COUNT,
        'max_count': _COUNT_OR_NULL,
        'target': _COUNT_OR_NULL,
        'count': _COUNT_OR_NULL,
        'ready': _COUNT_OR_NULL,
        'state': _words(states.MemberState),
        'reason': _TEXT,
        'since': _TIME,
        'retry_at': _TIME_OR_NULL,
        **_ORDER,
        'heat_id': _TEXT_OR_NULL,
        'heat_status': _TEXT_OR_NULL,
        'cap': _COUNT_OR_NULL,
        'cap_until': _TIME_OR_NULL,
        'cap_reason': _TEXT,
        'updated_at': _TIME,
    },
)
STACK = _object(
    'Stack',
    {
        'id': _ID,
        'name': _TEXT,
        'project_id': _TEXT,
        'user_id': _TEXT_OR_NULL,
        'stack_name': _TEXT,
        'count': _COUNT,
        'placed': _COUNT,
        'count_parameter': _TEXT,
        'weights': _map(_WEIGHT),
        'failover': _words(states.Failover),
        'failback': _words(states.Failback),
        'paused': _BOOLEAN,
        'status': _words(states.StackStatus),
        'status_reason': _TEXT,
        'generation': _NUMBER,
        'observed_generation': _NUMBER,
        'unplaced': _COUNT,
        'readiness': _object(
            'StackReadiness',
            {
                'survives': _or_null(_BOOLEAN),
                'unplaced': _map(_COUNT),
                'frozen': _list(_TEXT),
            },
        ),
        'created_at': _TIME,
        'updated_at': _TIME,
        'members': _list(_MEMBER),
    },
)
STACKS = _page('Stacks', 'stacks', STACK)

PREVIEW = _object(
    'Preview',
    {
        'stack_id': _or_null(_ID),
        'name': _TEXT,
        'count': _COUNT,
        'placed': _COUNT,
        'status': _words(states.StackStatus),
        'status_reason': _TEXT,
        'unplaced': _COUNT,
        'members': _list(
            _object(
                'PreviewMember',
                {
                    'cloud': _TEXT,
                    'weight': _WEIGHT,
                    'effective_weight': _WEIGHT,
                    'min_count': _COUNT,
                    'max_count': _COUNT_OR_NULL,
                    'count': _COUNT_OR_NULL,
                    'ready': _COUNT_OR_NULL,
                    'target_now': _COUNT_OR_NULL,
                    'target_then': _COUNT,
                    'state': _words(states.MemberState),
                    'reason': _TEXT,
                    'why': _list(_TEXT),
                    'waits': _list(_TEXT),
                },
            )
        ),
        'waves': _list(
            _list(
                _object(
                    'Update',
                    {
                        'cloud': _TEXT,
                        'old': _COUNT,
                        'new': _COUNT,
                        'why': _TEXT,
                    },
                )
            )
        ),
        'unread': _list(_TEXT),
        'suggestions': _list(
            _object(
                'Suggestion',
                {
                    'change': _TEXT,
                    'cloud': _TEXT_OR_NULL,
                    'value': {'type': ['integer', 'string', 'null']},
                    'places': _COUNT,
                    'sentence': _TEXT,
                },
            )
        ),
        'refusals': _list(_TEXT),
        'notes': _list(_TEXT),
    },
)

_EVENT = _object(
    'Event',
    {
        'id': _ID,
        'stack_id': _or_null(_ID),
        'stack': _TEXT_OR_NULL,
        'cloud': _TEXT_OR_NULL,
        'kind': _words(states.EventKind),
        'message': _TEXT,
        # What happened decides what there is to say.
        'details': {'type': 'object'},
        'request_id': _TEXT_OR_NULL,
        'created_at': _TIME,
    },
)
EVENTS = _page('Events', 'events', _EVENT)

_LIMIT = _object('Limit', {'used': _NUMBER, 'maximum': _NUMBER_OR_NULL})
_LIMITS = _object(
    'Limits', {**dict.fromkeys(room.NAMES, _LIMIT), 'read_at': _TIME}
)
# A cloud need not have all of them.
_LIMITS['required'] = ['read_at']
_PLANNED = _object(
    'PlannedOrder',
    {
        'admin_state': _words(states.AdminState),
        'from': _TIME,
        'until': _TIME_OR_NULL,
        'reason': _TEXT,
        'by': _TEXT_OR_NULL,
        'drill': _BOOLEAN,
    },
)
CLOUD = _object(
    'Cloud',
    {
        'name': _TEXT,
        'state': _words(states.CloudState),
        'reason': _TEXT,
        'since': _TIME_OR_NULL,
        'checked_at': _TIME_OR_NULL,
        'failures': _NUMBER,
        'successes': _NUMBER,
        'answered_at': _TIME_OR_NULL,
        'failures_needed': _NUMBER,
        'successes_needed': _NUMBER,
        'engine_reported_at': _TIME_OR_NULL,
        'engine_silent': _BOOLEAN,
        'stacks': _NUMBER,
        'limits': _or_null(_LIMITS),
        'admin_state': _words(states.AdminState),
        'admin_since': _TIME_OR_NULL,
        'admin_until': _TIME_OR_NULL,
        'admin_reason': _TEXT,
        'admin_by': _TEXT_OR_NULL,
        'drill': _BOOLEAN,
        'planned': _or_null(_PLANNED),
        'declared': _or_null(_words(states.Declared)),
        'declared_since': _TIME_OR_NULL,
        'declared_until': _TIME_OR_NULL,
        'declared_reason': _TEXT,
        'declared_by': _TEXT_OR_NULL,
        'full_since': _TIME_OR_NULL,
        'full_until': _TIME_OR_NULL,
        'full_reason': _TEXT,
    },
)
CLOUDS = _object('Clouds', {'clouds': _list(CLOUD)})

OUTAGE = _object(
    'Outage',
    {
        'name': _TEXT,
        'stacks': _NUMBER,
        'instances': _NUMBER,
        'moves': _map(_NUMBER),
        'estimates': _map(
            _object(
                'Estimate',
                {
                    'limit': _words(room.NAMES),
                    'needed': _NUMBER,
                    'free': _NUMBER,
                    'lacking': _NUMBER,
                    'unknown': _NUMBER,
                    'read_at': _TIME,
                },
            )
        ),
        'unplaced': _NUMBER,
        'frozen': _BOOLEAN,
        'stacks_harmed': _NUMBER,
        'harmed': _list(
            _object('Harm', {'id': _ID, 'name': _TEXT, 'unplaced': _NUMBER})
        ),
    },
)
OUTAGES = _object('Outages', {'clouds': _list(OUTAGE)})

_ENGINE = _object(
    'Engine',
    {
        'id': _TEXT,
        'host': _TEXT,
        'version': _TEXT,
        'started_at': _TIME,
        'heartbeat_at': _TIME,
        'alive': _BOOLEAN,
        'clouds': _NUMBER,
        'stacks': _NUMBER,
    },
)
ENGINES = _object('Engines', {'engines': _list(_ENGINE)})

_WITNESS = _object(
    'Witness',
    {
        'name': _TEXT,
        'url': _TEXT,
        'near': _list(_TEXT),
        'answered_at': _TIME_OR_NULL,
        'latency': {'type': ['number', 'null'], 'minimum': 0},
        'answers': _list(
            _object(
                'WitnessAnswer',
                {
                    'cloud': _TEXT,
                    'vote': _words(states.Vote),
                    'problem': _TEXT,
                    'asked_at': _TIME,
                },
            )
        ),
    },
)
WITNESSES = _object('Witnesses', {'witnesses': _list(_WITNESS)})

ERRORS = _object(
    'Errors',
    {
        'errors': {
            **_list(
                _object(
                    'Error',
                    {
                        'status': {
                            'type': 'integer',
                            'minimum': 400,
                            'maximum': 599,
                        },
                        'code': _words(exception.codes()),
                        'title': _TEXT,
                        'detail': _TEXT,
                        'request_id': _TEXT,
                    },
                )
            ),
            'minItems': 1,
        }
    },
)
