# SPDX-License-Identifier: Apache-2.0
"""What a request says: its body and its query, checked by a schema."""

import decimal
import itertools
import json
import re
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
_FORMATS = jsonschema.FormatChecker(formats=())


class Request(pecan.Request):
    """A request whose body and query pecan leaves alone.

    pecan would parse both in its own way before any handler is asked, and
    fall over what body() and query() refuse with a sentence.
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
        # A path that is not UTF-8 is a path to nothing.
        path = self.environ['PATH_INFO'].encode('latin-1')
        return path.decode('utf-8', 'replace')

    @property
    def application_url(self):
        # Of the prefix with a slash, Apache makes both the prefix and the
        # path end with it.
        return super().application_url.rstrip('/')


@_FORMATS.checks('weight')
def _is_weight(value):
    if not isinstance(value, decimal.Decimal) or not 0 <= value <= 1:
        # Said better by the type and by the bounds.
        return True
    return value.quantize(states.WEIGHT_STEP) == value


def body(schema):
    """The JSON document that the request brings, if it fits the schema.

    :raises Invalid: if it is not JSON or does not fit
    :raises MediaTypeNotSupported: if it is not said to be JSON
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
            'The body has a number that is out of all bounds.'
        ) from None


def _refuse(constant):
    raise exception.Invalid(f'The body is not JSON: {constant} is no number.')


def _unique(pairs):
    names = dict(pairs)
    if len(names) < len(pairs):
        seen = set()
        twice = next(
            name for name, _ in pairs if name in seen or seen.add(name)
        )
        raise exception.Invalid(f'The body says {_echo(twice)} twice.')
    return names


def query(schema):
    """The parameters of the URL, as the types that the schema gives them.

    :raises Invalid: if they do not fit
    """
    parameters = _parameters()
    values = dict(parameters)
    if len(values) < len(parameters):
        raise exception.Invalid('The query names a parameter twice.')
    for name, spec in schema['properties'].items():
        if name in values and spec['type'] in _READ:
            values[name] = _READ[spec['type']](values[name])
    _check(values, schema, 'The query')
    return values


def _parameters():
    try:
        # WSGI hands the bytes of the URL over as if they were Latin-1.
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
    """Take the limit out of the parameters, held to the operator's."""
    return min(values.pop('limit', maximum), maximum)


def next_url(marker):
    """The URL of the page after this one: the same query from a marker on."""
    parameters = dict(_parameters()) | {'marker': marker}
    return f'{pecan.request.path_url}?{urllib.parse.urlencode(parameters)}'


def _check(document, schema, what):
    """Raise Invalid with a sentence for everything that does not fit."""
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
        return f'{where} lacks: {", ".join(missing)}.'
    if error.validator == 'minProperties':
        return f'{where} names nothing to change.'
    if error.validator == 'additionalProperties':
        known = error.schema['properties']
        unknown = sorted(error.instance.keys() - known.keys())
        return (
            f'{where} cannot have {", ".join(map(_echo, unknown))}, '
            f'only: {", ".join(known) or "nothing"}.'
        )
    allowed = error.schema['description']
    return f'{where} must be {allowed}, not {_echo(error.instance)}.'


def _echo(value):
    if isinstance(value, decimal.Decimal):
        return str(value)
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= _MAX_ECHO else f'{text[:_MAX_ECHO]}...'
