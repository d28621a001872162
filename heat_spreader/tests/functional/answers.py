# SPDX-License-Identifier: Apache-2.0
"""Every answer that the tests get from the API, against its description."""

import functools
import json

import jsonschema
import webob

from heat_spreader import routes
from heat_spreader.api import answers
from heat_spreader.api import openapi
from heat_spreader.api.controllers import root

_FORMATS = jsonschema.FormatChecker()


def description():
    """The description of the API, as a program gets it."""
    found = openapi.describe(root.RESOURCES, 'http://localhost')
    return json.loads(json.dumps(found))


@functools.cache
def _described():
    return description()


@functools.cache
def _validator(route, method, status):
    """What checks the body; None for no body, KeyError for no such answer."""
    whole = _described()
    answer = whole['paths'][route][method.lower()]['responses'][str(status)]
    if '$ref' in answer:
        answer = whole['components']['responses'][
            answer['$ref'].rpartition('/')[2]
        ]
    if 'content' not in answer:
        return None
    schema = answer['content']['application/json']['schema']
    return jsonschema.Draft202012Validator(
        {**schema, 'components': whole['components']}, format_checker=_FORMATS
    )


_ERRORS = jsonschema.Draft202012Validator(answers.ERRORS)


class Checked:
    """A WSGI application whose answers must be those that are described.

    :raises AssertionError: for any other
    """

    def __init__(self, application):
        self.application = application

    def __call__(self, environ, start_response):
        method, path = environ['REQUEST_METHOD'], environ.get('PATH_INFO', '')
        answer = webob.Request(environ).get_response(self.application)
        route, _ = routes.find(path)
        if method in routes.RULES.get(route, ()):
            check(route, method, answer)
        elif answer.body and answer.status_int >= 400:
            _validate(_ERRORS, answer, f'{method} {path}')
        return answer(environ, start_response)


def check(route, method, answer):
    """Check the answer of a method of a route."""
    what = f'{method} {route} {answer.status}'
    try:
        validator = _validator(route, method, answer.status_int)
    except KeyError:
        raise AssertionError(f'{what} is not described') from None
    if validator is None:
        assert not answer.body, f'{what} has a body'
    else:
        _validate(validator, answer, what)


def _validate(validator, answer, what):
    assert answer.content_type == 'application/json', what
    for error in validator.iter_errors(answer.json_body):
        where = '.'.join(map(str, error.absolute_path))
        raise AssertionError(f'{what}: {where}: {error.message}')
