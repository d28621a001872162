# SPDX-License-Identifier: Apache-2.0
"""Every error as one JSON document, wherever it was raised.

``{"errors": [{status, code, title, detail, request_id}]}``
"""

import http

import webob
from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.db import session

LOG = logging.getLogger(__name__)

# The errors of the libraries, whose responses have other bodies.
_BY_STATUS = {
    401: exception.Unauthenticated(
        'The request requires a valid token in the header X-Auth-Token.'
    ),
    403: exception.Forbidden('The request is not allowed.'),
    404: exception.NotFound(),
    413: exception.TooLarge(),
    503: exception.Unavailable(),
}


def document(environ, exc):
    """The body of the response to a request that raised an exception."""
    error = {
        'status': exc.status,
        'code': exc.error_code,
        'title': http.HTTPStatus(exc.status).phrase,
        'detail': str(exc),
        'request_id': environ.get('openstack.request_id'),
    }
    return {'errors': [error]}


def response(environ, exc):
    """The response to a request that raised any exception."""
    if isinstance(exc, session.UNAVAILABLE):
        LOG.error('The database cannot be used: %s', session.reason(exc))
        exc = exception.Unavailable(session.detail(exc))
    elif not isinstance(exc, exception.HeatSpreaderException) or (
        exc.status == http.HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        # The message of an unexpected exception may be anything, even a
        # password: it goes to the log only.
        LOG.error('An unexpected error occurred.', exc_info=exc)
        exc = exception.HeatSpreaderException()
    answer = webob.Response(
        status=exc.status,
        content_type='application/json',
        charset='UTF-8',
        json_body=document(environ, exc),
    )
    answer.headers.update(exc.headers)
    return answer


class Errors:
    """Middleware that gives every error the same form."""

    def __init__(self, application, conf):
        self.application = application

    def __call__(self, environ, start_response):
        # With JSON as the only accepted type, the libraries do not answer
        # with HTML.
        environ['HTTP_ACCEPT'] = 'application/json'
        with context.scope():
            # Log lines have the request id even before the caller is known.
            context.RequestContext(request_id=environ['openstack.request_id'])
            answer = self._answer(environ)
        if answer.status_int >= http.HTTPStatus.BAD_REQUEST:
            _rewrite(environ, answer)
        return answer(environ, start_response)

    def _answer(self, environ):
        try:
            _check(environ)
            return webob.Request(environ).get_response(self.application)
        except Exception as exc:
            return response(environ, exc)


def _check(environ):
    """Refuse what some WSGI servers pass on, and our own web server does not.

    :raises Invalid: if it is no HTTP request that WebOb can handle
    """
    if 'PATH_INFO' not in environ:
        raise exception.Invalid('The request has no path.')
    if not all(map(str.isascii, environ)):
        raise exception.Invalid('The name of a header is not valid.')


def _rewrite(environ, answer):
    """Replace the body that a library gave an error by our document."""
    body = _json(answer)
    if 'errors' in body:
        return
    exc = _BY_STATUS.get(answer.status_int)
    if exc is None:
        exc = exception.HeatSpreaderException()
        if answer.status_int < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            exc = exception.Invalid()
        exc.status = answer.status_int
    if 'reasons' in body:
        wrong = [reason for reason in body['reasons'] if reason != 'OK']
        exc = exception.Unavailable(' '.join(wrong))
    answer.content_type = 'application/json'
    answer.charset = 'UTF-8'
    answer.json_body = document(environ, exc)


def _json(answer):
    try:
        return dict(answer.json_body)
    except (ValueError, TypeError):
        return {}
