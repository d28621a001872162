# SPDX-License-Identifier: Apache-2.0
"""Which CloudError a bad answer is, or the lack of one: the only place.

A message is for people who may see the stack but not the cloud: it has
Heat's own words and the host, never a query, a token or a password.
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
_LOCKED_OUT = (
    *_BAD_URL,
    ksa_exc.AuthPluginException,
    ksa_exc.AuthorizationFailure,
    ksa_exc.CatalogException,
    ksa_exc.MissingAuthMethods,
    sdk_exc.ConfigException,
)
_NONSENSE = (connection.BodyTooLarge, requests.exceptions.InvalidHeader)
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
# Keystone has no use for the credentials: a domain is missing, for example.
_BY_STATUS_OF_KEYSTONE = {**_BY_STATUS, 400: exception.CloudUnauthorized}
_SENTENCES = {
    exception.CloudUnauthorized: "The cloud '{cloud}' does not let the "
    'engine in: {said}.',
    exception.CloudUnreachable: "The cloud '{cloud}' cannot be reached: "
    '{said}.',
    exception.CloudThrottled: "The cloud '{cloud}' asks for fewer requests: "
    '{said}.',
    exception.CloudFault: "The cloud '{cloud}' does not answer as it should: "
    '{said}.',
    exception.RemoteStackNotFound: "The cloud '{cloud}' has no such stack: "
    '{said}.',
    exception.RemoteRejected: "The Heat of '{cloud}' refuses: {said}.",
    exception.RemoteBusy: "The Heat of '{cloud}' is busy with the stack: "
    '{said}.',
}


def of_response(cloud, response):
    """Return the CloudError that an answer of Heat amounts to."""
    error_type, words = _error_of(response)
    kind = _BY_STATUS.get(response.status_code, exception.CloudFault)
    match response.status_code, error_type:
        case 404, 'EntityNotFound':
            kind = exception.RemoteStackNotFound
        case 400, _ if error_type:
            kind = exception.RemoteRejected
        case 409, _:
            kind = exception.RemoteBusy
    return _of_status(kind, cloud, response, words)


@contextlib.contextmanager
def classified(cloud):
    """Turn whatever the libraries raise into a CloudError."""
    # Python chains it to what is raised here, although it has nothing to do
    # with this.
    outer = sys.exception()
    try:
        yield
    except exception.CloudError:
        raise
    except Exception as exc:
        raise _of_exception(cloud, exc, outer) from exc


def nonsense(cloud, reason):
    """Return the CloudFault of an answer without sense."""
    return _make(exception.CloudFault, cloud, reason)


def json_of(response):
    """Return the JSON of an answer, whatever it is.

    :raises ValueError: it has none
    """
    try:
        return json.loads(response.content)
    except (ValueError, RecursionError) as exc:
        raise ValueError('the body is not JSON') from exc


def clean(value):
    """Return text of a cloud on one line, without secrets, not too long."""
    if not isinstance(value, str):
        return ''
    return _scrub(value)[:MAX_MESSAGE]


def _of_exception(cloud, exc, outer):
    chain = tuple(_chain(exc, outer))
    for link in chain:
        response = getattr(link, 'response', None)
        if isinstance(link, ksa_exc.HttpError) and response is not None:
            return _of_keystone(cloud, response)
    if _any(chain, _NONSENSE):
        return _make(exception.CloudFault, cloud, chain[-1])
    if _any(chain, _LOCKED_OUT) or _is_file_error(exc):
        return _make(exception.CloudUnauthorized, cloud, exc)
    if _any(chain, _NO_ANSWER):
        return _make(exception.CloudUnreachable, cloud, _root(chain))
    said = f'openstacksdk cannot use it ({type(exc).__name__})'
    return _make(exception.CloudFault, cloud, said)


def _of_keystone(cloud, response):
    # Only what is not asked of Heat itself comes as an exception.
    kind = _BY_STATUS_OF_KEYSTONE.get(
        response.status_code, exception.CloudFault
    )
    return _of_status(kind, cloud, response, _error_of(response)[1])


def _of_status(kind, cloud, response, words):
    status = response.status_code
    said = f'{status} {_phrase(status)} from {_origin(response.url)}'
    if words:
        # Of what is the user's own business, Heat's words are enough.
        own = issubclass(kind, exception.RemoteRejected)
        said = words if own else f'{said}, {words}'
    error = _make(kind, cloud, said)
    if kind is exception.CloudThrottled:
        error.retry_after = _retry_after(response)
    return error


def _make(kind, cloud, said):
    said = clean(str(said)).rstrip('.')
    return kind(_SENTENCES[kind].format(cloud=cloud, said=said))


def _error_of(response):
    """Return the type that only Heat sends, and the words of whoever it is."""
    try:
        body = json_of(response)
    except ValueError:
        return '', ''
    if not isinstance(body, dict):
        return '', ''
    error = body.get('error')
    error = error if isinstance(error, dict) else {}
    words = error.get('message') or body.get('explanation')
    return clean(error.get('type')), clean(words)


def _phrase(status):
    try:
        return http.HTTPStatus(status).phrase
    except ValueError:
        return '(no known status)'


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
    # A CA bundle or a client certificate of clouds.yaml that is not there:
    # requests raises a plain OSError for it.
    return isinstance(exc, OSError) and not isinstance(
        exc, (requests.RequestException, *_NO_ANSWER)
    )


def _root(chain):
    """Return the host that was tried and the first cause of the failure."""
    causes = (OSError, http.client.HTTPException)
    cause = [link for link in chain if isinstance(link, causes)] or chain
    urls = re.findall(r'https?://[^/?#\s]+', ' '.join(map(str, chain)))
    said = str(cause[-1]) or type(cause[-1]).__name__
    return f'{_origin(urls[0])}: {said}' if urls else said


def _scrub(value):
    text = ''.join(c if c.isprintable() else ' ' for c in str(value)[:4096])
    text = strutils.mask_password(' '.join(text.split()))
    text = re.sub(r'//[^/@\s]*@', '//', text)
    text = re.sub(r'(https?://[^\s?]*)\?\S*', r'\1', text)
    return re.sub(r'gAAAA[\w=-]+', '***', text)
