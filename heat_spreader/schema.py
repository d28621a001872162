# SPDX-License-Identifier: Apache-2.0
"""What a user may write about a stack, for the API and for files.

JSON schemas of the values, and the sentences for what does not match; they
quote the descriptions. The rules that values must keep together are in
planning/specification.py.
"""

import datetime
import decimal
import itertools
import json
import unicodedata

import jsonschema

from heat_spreader import states

_MAX_SENTENCES = 10
_MAX_ECHO = 60
# What cannot be seen, or changes how the rest is shown: control characters,
# halves of surrogate pairs, bidirectional, zero-width and tag characters, line
# separators, private and unassigned characters.
_INVISIBLE = {'Cc', 'Cf', 'Cn', 'Co', 'Cs', 'Zl', 'Zp'}
# In a path they would mean another one.
_NO_NAMES = {'.', '..'}
_FORMATS = jsonschema.FormatChecker(formats=())


@_FORMATS.checks('weight')
def _is_weight(value):
    if not isinstance(value, decimal.Decimal) or not 0 <= value <= 1:
        # The type and the bounds have better messages.
        return True
    return value.quantize(states.WEIGHT_STEP) == value


@_FORMATS.checks('time')
def _is_time(value):
    # The type has a better message.
    return not isinstance(value, str) or parse_time(value) is not None


@_FORMATS.checks('text')
def _is_text(value):
    # The type has a better message.
    return not isinstance(value, str) or (
        unicodedata.is_normalized('NFC', value)
        and value not in _NO_NAMES
        and not any(
            unicodedata.category(character) in _INVISIBLE
            for character in value
        )
    )


def parse_time(text):
    """The time in UTC, None if the text is none or has no zone."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        return moment.tzinfo and moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def text_of(pattern, description):
    """Text in one line, of a pattern.

    The format allows only what can be seen.
    """
    return {
        'type': 'string',
        'minLength': 1,
        'maxLength': 255,
        'pattern': pattern,
        'format': 'text',
        'description': description,
    }


def mapping(properties, **more):
    """A mapping with only these keys."""
    return {
        'type': 'object',
        **more,
        'properties': properties,
        'additionalProperties': False,
        'description': 'a JSON object',
    }


def by_cloud(schema):
    """A mapping from the names of clouds."""
    return {
        'type': 'object',
        'additionalProperties': schema,
        'description': 'a JSON object with the names of clouds',
    }


def one_of(values):
    """One of some words."""
    words = list(values)
    return {
        'type': 'string',
        'enum': words,
        'description': f'one of {", ".join(words)}',
    }


def count(nullable=False):
    """A number of instances; null, where it may be, is no limit."""
    return {
        'type': ['integer', 'null'] if nullable else 'integer',
        'minimum': 0,
        'maximum': states.MAX_COUNT,
        'description': f'a whole number from 0 to {states.MAX_COUNT}'
        + (', or null for no limit' if nullable else ''),
    }


# Only what regular expressions of JSON Schema have too: $ of Python alone
# would let a line end follow.
_END = r'$(?!\n)'
TEXT = rf'^(?!\s)[^\n\r]+(?<!\s){_END}'
_LINE = (
    'text of 1 to 255 characters, without control, bidirectional and other '
    'invisible characters, without white space at its start or end, and in '
    'the Unicode form NFC'
)
LINE = text_of(TEXT, _LINE)
# A slash would split a URL.
NAME = text_of(TEXT.replace(r'[^', r'[^/'), f'{_LINE}, and without slashes')
# The names that Heat accepts.
HEAT_NAME = text_of(
    rf'^[a-zA-Z][a-zA-Z0-9_.-]*{_END}',
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
BOOLEAN = {'type': 'boolean', 'description': 'true or false'}
LIMITS = {
    'min_count': count(nullable=True),
    'max_count': count(nullable=True),
}
# The fields of planning/specification.py, the weights and the limits.
STACK = {
    'name': NAME,
    'count': count(),
    'count_parameter': LINE,
    'stack_name': HEAT_NAME,
    'weights': by_cloud(WEIGHT),
    'members': by_cloud(mapping(LIMITS)),
    'failover': one_of(states.Failover),
    'failback': one_of(states.Failback),
    'paused': BOOLEAN,
}
# What a new stack must have.
REQUIRED = ('name', 'count', 'count_parameter')


def problems(document, schema, what):
    """What does not match, as pairs of the path in it and a sentence.

    :param what: the name of the document as a whole, for the sentences
    """
    errors = jsonschema.Draft202012Validator(
        schema, format_checker=_FORMATS
    ).iter_errors(document)
    found = [
        (_path(error), _sentence(error, what))
        for error in itertools.islice(errors, _MAX_SENTENCES)
    ]
    # There is one error for each key that is missing.
    return list(dict.fromkeys(found))


def _path(error):
    unknown = []
    if error.validator == 'additionalProperties':
        unknown = _unknown(error)[:1]
    return (*error.absolute_path, *unknown)


def _unknown(error):
    return sorted(error.instance.keys() - error.schema['properties'].keys())


def _sentence(error, what):
    where = '.'.join(str(part) for part in error.absolute_path) or what
    if error.validator == 'required':
        missing = sorted(set(error.validator_value) - error.instance.keys())
        return f'{where} must include: {", ".join(missing)}.'
    if error.validator == 'minProperties':
        return f'{where} must include at least one field to change.'
    if error.validator == 'additionalProperties':
        known = error.schema['properties']
        unknown = ', '.join(map(echo, _unknown(error)))
        return (
            f'{where} must not include {unknown}. '
            f'Allowed: {", ".join(known) or "nothing"}.'
        )
    allowed = error.schema['description']
    return f'{where} must be {allowed}, not {echo(error.instance)}.'


def echo(value):
    """A value that does not match, as JSON that is not too long."""
    if isinstance(value, decimal.Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    if not text.isprintable():
        text = json.dumps(value, default=str)
    return text if len(text) <= _MAX_ECHO else f'{text[:_MAX_ECHO]}...'
