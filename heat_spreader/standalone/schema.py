# SPDX-License-Identifier: Apache-2.0
"""The schema of heat-spreader.yaml, and the messages for invalid files.

A message quotes the ``description`` of the part that is invalid, but never the
file, which may have a password there.
"""

import jsonschema
from oslo_config import types

FORMATS = jsonschema.FormatChecker(formats=[])


@FORMATS.checks('host', ValueError)
def _is_host(value):
    # Values that are not text are invalid by their type.
    return not isinstance(value, str) or bool(types.HostAddress()(value))


TEXT = {
    'type': 'string',
    'minLength': 1,
    'description': 'text',
}
HOST = {
    'type': 'string',
    'format': 'host',
    'description': 'an IP address or a host name',
}
PORT = {
    'type': 'integer',
    'minimum': 1,
    'maximum': 65535,
    'description': 'a whole number from 1 to 65535',
}


def _keys(required=(), **properties):
    """A mapping with only these keys."""
    return {
        'type': 'object',
        'properties': properties,
        'required': list(required),
        'additionalProperties': False,
        'description': f'a mapping with the keys {", ".join(properties)}',
    }


# By type; the schema of the file checks ``type`` itself.
BACKENDS = {
    'sqlite': _keys(
        type={},
        database={**TEXT, 'description': 'the path of a file'},
    ),
    'database': _keys(
        ['connection'],
        type={},
        connection={
            **TEXT,
            'description': 'the URL of a database, such as '
            'postgresql+psycopg2://NAME:PASSWORD@HOST/DATABASE',
        },
    ),
    'remote': {
        **_keys(
            ['host'],
            type={},
            host=HOST,
            port=PORT,
            username=TEXT,
            password=TEXT,
        ),
        'dependentRequired': {
            'username': ['password'],
            'password': ['username'],
        },
    },
}

FILE = _keys(
    backend={
        'type': 'object',
        'properties': {
            'type': {
                'enum': list(BACKENDS),
                'description': f'one of {", ".join(BACKENDS)}',
            }
        },
        'required': ['type'],
        'allOf': [
            {
                'if': {
                    'properties': {'type': {'const': kind}},
                    'required': ['type'],
                },
                'then': schema,
            }
            for kind, schema in BACKENDS.items()
        ],
        'description': 'a mapping with the key type and the keys of that type',
    },
    clouds={
        'type': 'array',
        'items': {**TEXT, 'description': 'the name of a cloud'},
        'minItems': 1,
        'uniqueItems': True,
        'description': 'a list of one or more names of clouds, each once',
    },
    server=_keys(address=HOST, port=PORT),
)

_VALIDATOR = jsonschema.Draft202012Validator(FILE, format_checker=FORMATS)


def problem(content):
    """The first problem of the content of a file, or None."""
    error = jsonschema.exceptions.best_match(_VALIDATOR.iter_errors(content))
    return error and _sentence(error)


def _sentence(error):
    key = _name(error.absolute_path)
    if error.validator == 'additionalProperties':
        allowed = error.schema['properties']
        unknown = next(k for k in error.instance if k not in allowed)
        unknown = _name([*error.absolute_path, unknown])
        place = f'the keys of {key}' if key else 'the keys of the file'
        return f'unknown key {unknown}; {place} are {", ".join(allowed)}.'
    if error.validator in ('required', 'dependentRequired'):
        missing = _missing(error)
        allowed = error.schema['properties'][missing]['description']
        missing = _name([*error.absolute_path, missing])
        return f'{missing} is missing; it must be {allowed}.'
    return f'{key or "the file"} must be {error.schema["description"]}.'


def _missing(error):
    """The first required key that is missing."""
    needed = error.validator_value
    if error.validator == 'dependentRequired':
        needed = [
            key
            for given, keys in needed.items()
            if given in error.instance
            for key in keys
        ]
    return next(key for key in needed if key not in error.instance)


def _name(path):
    """A path in the file as people write it: server.port, clouds[2]."""
    name = ''
    for part in path:
        if isinstance(part, int):
            name += f'[{part}]'
        else:
            name += f'.{part}' if name else f'{part}'
    return name
