# SPDX-License-Identifier: Apache-2.0
"""The body and the query of a request, validated by a schema."""

import datetime
import decimal
import itertools
import json
import re
import unicodedata
import urllib.parse

import jsonschema
import pecan
import webob.multidict
from oslo_utils import strutils

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.api import schemas

_MAX_SENTENCES = 10
_MAX_ECHO = 60
# What cannot be seen, or changes how the rest is shown: control characters,
# halves of surrogate pairs, bidirectional, zero-width and tag characters, line
# separators, private and unassigned characters.
_INVISIBLE = {'Cc', 'Cf', 'Cn', 'Co', 'Cs', 'Zl', 'Zp'}
# In a path they would mean another one.
_NO_NAMES = {'.', '..'}
_FORMATS = jsonschema.FormatChecker(formats=())


class Request(pecan.Request):
    """A request whose body and query pecan does not parse.

    pecan would parse both in its own way before it calls a handler, and fail
    where body() and query() answer with a message.
    """

    @property
    def json(self):
        raise ValueError

    @property
    def params(self):
        return webob.multidict.MultiDict()

    GET = params

    @property
    def path_info(self):
        # Nothing is at a path that is not UTF-8.
        path = self.environ['PATH_INFO'].encode('latin-1')
        return path.decode('utf-8', 'replace')

    @property
    def application_url(self):
        # For the prefix with a slash at its end, Apache sets both the prefix
        # and the path to end with it.
        return super().application_url.rstrip('/')


@_FORMATS.checks('weight')
def _is_weight(value):
    if not isinstance(value, decimal.Decimal) or not 0 <= value <= 1:
        # The type and the bounds have better messages.
        return True
    return value.quantize(states.WEIGHT_STEP) == value


@_FORMATS.checks('time')
def _is_time(value):
    # The type has a better message.
    return not isinstance(value, str) or _parse_time(value) is not None


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


def time(text):
    """A time that the schema has accepted, in UTC."""
    return _parse_time(text)


def _parse_time(text):
    """The time in UTC, None if the text is none or has no zone."""
    try:
        moment = datetime.datetime.fromisoformat(text)
        return moment.tzinfo and moment.astimezone(datetime.UTC)
    except (ValueError, OverflowError):
        return None


def body(schema):
    """Return the JSON body of the request, if it matches the schema.

    :raises Invalid: if it is not JSON or does not match
    :raises MediaTypeNotSupported: if its content type is not JSON
    """
    query(schemas.NO_QUERY)
    if pecan.request.content_type != 'application/json':
        raise exception.MediaTypeNotSupported
    try:
        document = _parse(_read())
        _check(document, schema, 'The body')
    except RecursionError:
        raise exception.Invalid('The body is nested too deeply.') from None
    return document


def _read():
    try:
        return pecan.request.body
    except (ValueError, OSError) as exc:
        # Chunks that are not what they should be, or that do not come.
        raise exception.Invalid(f'The body cannot be read: {exc}.') from None


def _parse(data):
    try:
        return json.loads(
            data.decode(),
            parse_float=decimal.Decimal,
            parse_constant=_refuse,
            object_pairs_hook=_unique,
        )
    except UnicodeDecodeError:
        raise exception.Invalid('The body is not UTF-8.') from None
    except json.JSONDecodeError as exc:
        raise exception.Invalid(f'The body is not JSON: {exc}.') from None
    except (ValueError, ArithmeticError):
        raise exception.Invalid(
            'The body has a number that is out of range.'
        ) from None


def _refuse(constant):
    raise exception.Invalid(
        f'The body is not JSON: {constant} is not a number.'
    )


def _unique(pairs):
    names = dict(pairs)
    if len(names) < len(pairs):
        seen = set()
        repeated = next(
            name for name, _ in pairs if name in seen or seen.add(name)
        )
        raise exception.Invalid(
            f'The body has the key {_echo(repeated)} more than once.'
        )
    return names


def query(schema):
    """Return the query parameters, with the types that the schema has.

    :raises Invalid: if they do not match the schema
    """
    parameters = _parameters()
    values = dict(parameters)
    if len(values) < len(parameters):
        raise exception.Invalid('The query has a parameter more than once.')
    for name, spec in schema['properties'].items():
        if name in values and spec['type'] in _READ:
            values[name] = _READ[spec['type']](values[name])
    _check(values, schema, 'The query')
    return values


def _parameters():
    try:
        # WSGI decodes the bytes of the URL as Latin-1.
        text = pecan.request.query_string.encode('latin-1').decode()
        return urllib.parse.parse_qsl(
            text, keep_blank_values=True, errors='strict'
        )
    except ValueError:
        raise exception.Invalid('The query of the URL is not UTF-8.') from None


def _read_integer(text):
    return int(text) if re.fullmatch('[0-9]{1,18}', text) else text


def _read_boolean(text):
    try:
        return strutils.bool_from_string(text, strict=True)
    except ValueError:
        return text


_READ = {'integer': _read_integer, 'boolean': _read_boolean}


def limit(values, maximum):
    """Remove the limit from the parameters; return it, at most the maximum."""
    return min(values.pop('limit', maximum), maximum)


def next_url(marker):
    """The URL of the next page: the same query, after the marker."""
    parameters = dict(_parameters()) | {'marker': marker}
    return f'{pecan.request.path_url}?{urllib.parse.urlencode(parameters)}'


def _check(document, schema, what):
    """Raise Invalid with a sentence for everything that does not match."""
    errors = jsonschema.Draft202012Validator(
        schema, format_checker=_FORMATS
    ).iter_errors(document)
    sentences = [
        _sentence(error, what)
        for error in itertools.islice(errors, _MAX_SENTENCES)
    ]
    if sentences:
        raise exception.Invalid(' '.join(dict.fromkeys(sentences)))


def _sentence(error, what):
    where = '.'.join(str(part) for part in error.absolute_path) or what
    if error.validator == 'required':
        missing = sorted(set(error.validator_value) - error.instance.keys())
        return f'{where} must include: {", ".join(missing)}.'
    if error.validator == 'minProperties':
        return f'{where} must include at least one field to change.'
    if error.validator == 'additionalProperties':
        known = error.schema['properties']
        unknown = sorted(error.instance.keys() - known.keys())
        return (
            f'{where} must not include {", ".join(map(_echo, unknown))}. '
            f'Allowed: {", ".join(known) or "nothing"}.'
        )
    allowed = error.schema['description']
    return f'{where} must be {allowed}, not {_echo(error.instance)}.'


def _echo(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    if not text.isprintable():
        text = json.dumps(value, default=str)
    return text if len(text) <= _MAX_ECHO else f'{text[:_MAX_ECHO]}...'
