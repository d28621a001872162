# SPDX-License-Identifier: Apache-2.0
"""The body and the query of a request, validated by a schema."""

import decimal
import json
import re
import urllib.parse

import pecan
import webob.exc
import webob.multidict
from oslo_utils import strutils

from heat_spreader import exception
from heat_spreader import schema
from heat_spreader.api import schemas


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


def time(text):
    """A time that the schema has accepted, in UTC."""
    return schema.parse_time(text)


def body(expected):
    """Return the JSON body of the request, if it matches the schema.

    :raises Invalid: if it is not JSON or does not match
    :raises MediaTypeNotSupported: if its content type is not JSON
    """
    query(schemas.NO_QUERY)
    if pecan.request.content_type != 'application/json':
        raise exception.MediaTypeNotSupported
    try:
        document = _parse(_read())
        _check(document, expected, 'The body')
    except RecursionError:
        raise exception.Invalid('The body is nested too deeply.') from None
    return document


def _read():
    try:
        return pecan.request.body
    except (ValueError, OSError) as exc:
        # Chunks that are not what they should be, or that do not come.
        raise exception.Invalid(f'The body cannot be read: {exc}.') from None
    except webob.exc.HTTPException:
        # It is larger than it may be.
        raise
    except Exception as exc:
        # Each WSGI server has exceptions of its own for such chunks.
        raise exception.Invalid('The body cannot be read.') from exc


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
            f'The body has the key {schema.echo(repeated)} more than once.'
        )
    return names


def query(expected):
    """Return the query parameters, with the types that the schema has.

    :raises Invalid: if they do not match the schema
    """
    parameters = _parameters()
    values = dict(parameters)
    if len(values) < len(parameters):
        raise exception.Invalid('The query has a parameter more than once.')
    for name, spec in expected['properties'].items():
        if name in values and spec['type'] in _READ:
            values[name] = _READ[spec['type']](values[name])
    _check(values, expected, 'The query')
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


def _check(document, expected, what):
    """Raise Invalid with a sentence for everything that does not match."""
    sentences = [text for _, text in schema.problems(document, expected, what)]
    if sentences:
        raise exception.Invalid(' '.join(dict.fromkeys(sentences)))
