# SPDX-License-Identifier: Apache-2.0
"""Every error as one JSON document, whoever raised it.

``{"errors": [{status, code, title, detail, request_id}]}``
"""

import http

import webob
from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.db import session

LOG = logging.getLogger(__name__)

# What the libraries below answer with a text of their own: what it means here.
_BY_STATUS = {
    401: exception.Unauthenticated(
        'The request needs a valid token in the header X-Auth-Token.'
    ),
    403: exception.Forbidden('The request is not allowed.'),
    404: exception.NotFound(),
    413: exception.TooLarge(),
    503: exception.Unavailable(),
}


def document(environ, exc):
    """The body of the answer to a request that met one of our exceptions."""
    error = {
        'status': exc.status,
        'code': exc.error_code,
        'title': http.HTTPStatus(exc.status).phrase,
        'detail': str(exc),
        'request_id': environ.get('openstack.request_id'),
    }
    return {'errors': [error]}


def response(environ, exc):
    """The answer to a request that met an exception of any kind."""
    if isinstance(exc, session.UNAVAILABLE):
        LOG.error('The database cannot be used: %s', session.reason(exc))
        exc = exception.Unavailable(session.detail(exc))
    elif not isinstance(exc, exception.HeatSpreaderException) or (
        exc.status == http.HTTPStatus.INTERNAL_SERVER_ERROR
    ):
        # The words of an unexpected exception may hold anything, a password
        # too: they are for the log alone.
        LOG.error('An unexpected error happened.', exc_info=exc)
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
    """Middleware that lets no error out in another form than ours."""

    def __init__(self, application, conf):
        self.application = application

    def __call__(self, environ, start_response):
        # With JSON as the only wish, nothing below negotiates: neither our
        # answers nor the errors of the libraries come as a page of HTML.
        environ['HTTP_ACCEPT'] = 'application/json'
        with context.scope():
            # Until the caller is known, log lines carry the request's id.
            context.RequestContext(request_id=environ['openstack.request_id'])
            answer = self._answer(environ)
        if answer.status_int >= http.HTTPStatus.BAD_REQUEST:
            _rewrite(environ, answer)
        return answer(environ, start_response)

    def _answer(self, environ):
        try:
            return webob.Request(environ).get_response(self.application)
        except Exception as exc:
            return response(environ, exc)


def _rewrite(environ, answer):
    """Put our document in the place of the text of a library."""
    words = _words(answer)
    if 'errors' in words:
        return
    exc = _BY_STATUS.get(answer.status_int)
    if exc is None:
        exc = exception.HeatSpreaderException()
        if answer.status_int < http.HTTPStatus.INTERNAL_SERVER_ERROR:
            exc = exception.Invalid()
        exc.status = answer.status_int
    if 'reasons' in words:
        exc = exception.Unavailable(' '.join(words['reasons']))
    answer.content_type = 'application/json'
    answer.charset = 'UTF-8'
    answer.json_body = document(environ, exc)


def _words(answer):
    try:
        return dict(answer.json_body)
    except (ValueError, TypeError):
        return {}
