# SPDX-License-Identifier: Apache-2.0
"""Which CloudError a failed call is; decided only here.

The messages are for people who may see the stack but not the cloud: they have
Heat's message and the host, but no query, token or password.
"""

import contextlib
import email.utils
import http
import http.client
import json
import re
import sys

import requests
from keystoneauth1 import exceptions as ksa_exc
from openstack import exceptions as sdk_exc
from oslo_utils import strutils
from oslo_utils import timeutils

from heat_spreader import exception
from heat_spreader.clouds import connection

MAX_MESSAGE = 512
# Seconds. A cloud that asks for a longer pause gets this one.
MAX_RETRY_AFTER = 300

_BAD_URL = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
)
_UNAUTHORIZED = (
    *_BAD_URL,
    ksa_exc.AuthPluginException,
    ksa_exc.AuthorizationFailure,
    ksa_exc.CatalogException,
    ksa_exc.MissingAuthMethods,
    sdk_exc.ConfigException,
)
_INVALID = (connection.BodyTooLarge, requests.exceptions.InvalidHeader)
_NO_ANSWER = (ksa_exc.ConnectionError, ConnectionError, TimeoutError)

_BY_STATUS = {
    401: exception.CloudUnauthorized,
    403: exception.CloudUnauthorized,
    413: exception.CloudThrottled,
    429: exception.CloudThrottled,
    502: exception.CloudUnreachable,
    503: exception.CloudUnreachable,
    504: exception.CloudUnreachable,
}
# 400: Keystone rejects the credentials, for example without a domain.
_BY_STATUS_OF_KEYSTONE = {**_BY_STATUS, 400: exception.CloudUnauthorized}
_SENTENCES = {
    exception.CloudUnauthorized: "The cloud '{cloud}' rejected the engine's "
    'credentials: {reason}.',
    exception.CloudUnreachable: "The cloud '{cloud}' cannot be reached: "
    '{reason}.',
    exception.CloudThrottled: "The cloud '{cloud}' asks for fewer requests: "
    '{reason}.',
    exception.CloudFault: "The cloud '{cloud}' gave an invalid answer: "
    '{reason}.',
    exception.RemoteStackNotFound: "The cloud '{cloud}' has no such stack: "
    '{reason}.',
    exception.RemoteRejected: "Heat in '{cloud}' rejected the request: "
    '{reason}.',
    exception.RemoteBusy: "Heat in '{cloud}' is busy with the stack: "
    '{reason}.',
}


def of_response(cloud, response):
    """Return the CloudError of a response of Heat."""
    error_type, message = _error_of(response)
    kind = _BY_STATUS.get(response.status_code, exception.CloudFault)
    match response.status_code, error_type:
        case 404, 'EntityNotFound':
            kind = exception.RemoteStackNotFound
        case 400, _ if error_type:
            kind = exception.RemoteRejected
        case 409, _:
            kind = exception.RemoteBusy
    return _of_status(kind, cloud, response, message)


@contextlib.contextmanager
def classified(cloud):
    """Turn every exception of the libraries into a CloudError."""
    # Python chains it to the exceptions raised here, although it is not their
    # cause.
    outer = sys.exception()
    try:
        yield
    except exception.CloudError:
        raise
    except Exception as exc:
        raise _of_exception(cloud, exc, outer) from exc


def invalid(cloud, reason):
    """Return the CloudFault of an invalid answer."""
    return _make(exception.CloudFault, cloud, reason)


def json_of(response):
    """Return the JSON body of a response.

    :raises ValueError: if the body is not JSON
    """
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as exc:
        raise ValueError('the body is not JSON') from exc


def clean(value):
    """Return text of a cloud as one line, without secrets, not too long."""
    if not isinstance(value, str):
        return ''
    return _scrub(value)[:MAX_MESSAGE]


def _of_exception(cloud, exc, outer):
    chain = tuple(_chain(exc, outer))
    for link in chain:
        response = getattr(link, 'response', None)
        if isinstance(link, ksa_exc.HttpError) and response is not None:
            return _of_keystone(cloud, response)
    if _any(chain, _INVALID):
        return _make(exception.CloudFault, cloud, chain[-1])
    if _any(chain, _UNAUTHORIZED) or _is_file_error(exc):
        return _make(exception.CloudUnauthorized, cloud, exc)
    if _any(chain, _NO_ANSWER):
        return _make(exception.CloudUnreachable, cloud, _root(chain))
    reason = f'openstacksdk cannot use it ({type(exc).__name__})'
    return _make(exception.CloudFault, cloud, reason)


def _of_keystone(cloud, response):
    # For responses of Heat, no exception is raised.
    kind = _BY_STATUS_OF_KEYSTONE.get(
        response.status_code, exception.CloudFault
    )
    return _of_status(kind, cloud, response, _error_of(response)[1])


def _of_status(kind, cloud, response, message):
    status = response.status_code
    reason = f'{status} {_phrase(status)} from {_origin(response.url)}'
    if message and kind is exception.RemoteRejected:
        # It is about the user's own stack: Heat's message is enough.
        reason = message
    elif message:
        reason = f'{reason}, {message}'
    error = _make(kind, cloud, reason)
    if kind is exception.CloudThrottled:
        error.retry_after = _retry_after(response)
    return error


def _make(kind, cloud, reason):
    reason = clean(str(reason)).rstrip('.')
    return kind(_SENTENCES[kind].format(cloud=cloud, reason=reason))


def _error_of(response):
    """Return the type of an error, which only Heat sends, and the message."""
    try:
        body = json_of(response)
    except ValueError:
        return '', ''
    if not isinstance(body, dict):
        return '', ''
    error = body.get('error')
    error = error if isinstance(error, dict) else {}
    message = error.get('message') or body.get('explanation')
    return clean(error.get('type')), clean(message)


def _phrase(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return '(unknown status)'


def _origin(url):
    match = re.match(r'[a-z]+://[^/?#\s]*', url)
    return _scrub(match.group()) if match else 'its endpoint'


def _retry_after(response):
    """Return the seconds that a cloud asks to wait for, 0 if it does not."""
    return min(max(0.0, _parse_retry_after(response)), MAX_RETRY_AFTER)


def _parse_retry_after(response):
    value = response.headers.get('Retry-After', '').strip()
    if re.fullmatch('[0-9]{1,9}', value):
        return float(value)
    try:
        when = email.utils.parsedate_to_datetime(value)
        left = timeutils.normalize_time(when) - timeutils.utcnow()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return left.total_seconds()


def _chain(exc, outer):
    seen = set()
    while exc is not None and exc is not outer and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _any(chain, kinds):
    return any(isinstance(link, kinds) for link in chain)


def _is_file_error(exc):
    # requests raises a plain OSError if a CA bundle or a client certificate
    # of clouds.yaml does not exist.
    return isinstance(exc, OSError) and not isinstance(
        exc, (requests.RequestException, *_NO_ANSWER)
    )


def _root(chain):
    """Return the host of the request and the first cause of the failure."""
    causes = (OSError, http.client.HTTPException)
    cause = [link for link in chain if isinstance(link, causes)] or chain
    urls = re.findall(r'https?://[^/?#\s]+', ' '.join(map(str, chain)))
    reason = str(cause[-1]) or type(cause[-1]).__name__
    return f'{_origin(urls[0])}: {reason}' if urls else reason


def _scrub(value):
    text = ''.join(c if c.isprintable() else ' ' for c in str(value)[:4096])
    text = strutils.mask_password(' '.join(text.split()))
    text = re.sub(r'//[^/@\s]*@', '//', text)
    text = re.sub(r'(https?://[^\s?]*)\?\S*', r'\1', text)
    return re.sub(r'gAAAA[\w=-]+', '***', text)
