# SPDX-License-Identifier: Apache-2.0
"""Which CloudError a failed call is; decided only here.

The messages are for people who may see the stack but not the cloud: they have
Heat's message and the host, but no query, token or password. What only our
configuration explains is misconfigured; the message says what to correct.
"""

import contextlib
import email.utils
import http
import http.client
import json
import re
import socket
import ssl
import sys
import urllib.parse

import requests
from keystoneauth1 import exceptions as ksa_exc
from openstack import exceptions as sdk_exc
from oslo_utils import strutils
from oslo_utils import timeutils

from heat_spreader import exception

MAX_MESSAGE = 512
# Seconds. A cloud that asks for a longer pause gets this one.
MAX_RETRY_AFTER = 300


class BodyTooLarge(requests.RequestException):
    """A response that is longer than any that Heat sends."""


_BAD_ENTRY = (
    requests.exceptions.InvalidSchema,
    requests.exceptions.InvalidURL,
    requests.exceptions.MissingSchema,
    ksa_exc.AuthPluginException,
    ksa_exc.AuthorizationFailure,
    sdk_exc.ConfigException,
)
_INVALID = (BodyTooLarge, requests.exceptions.InvalidHeader)
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
# The address is wrong: no part of Keystone is there.
_NOT_THERE = (404, 405, 410)
_REDIRECTS = (301, 302, 303, 307, 308)
_SENTENCES = {
    exception.CloudUnauthorized: "The cloud '{cloud}' rejected the engine's "
    'credentials: {reason}. Correct its entry in {source} on the host {host}, '
    'or the roles of its user.',
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


_NO_KEYSTONE = (
    "auth_url of the cloud '{cloud}' in {source} answers, but is no Keystone: "
    '{reason}.'
)
_NO_HEAT = (
    "The Heat of the cloud '{cloud}' is at another address: {reason}. Correct "
    'the catalog of the cloud, or set orchestration_endpoint_override in its '
    'entry in {source}.'
)
_NO_ENDPOINT = (
    "The catalog of the cloud '{cloud}' has no orchestration endpoint for its "
    'entry in {source}: {reason}. Correct region_name or interface of the '
    'entry, or the catalog.'
)
_NO_TRUST = (
    'The certificate of {reason}. Correct cacert of the cloud '
    "'{cloud}' in {source}, or the certificate."
)
_NO_ENTRY = (
    "The entry of the cloud '{cloud}' in {source} is invalid: {reason}."
)


def of_response(cloud, response, session=None):
    """Return the CloudError of a response of Heat.

    :param session: that of the request, as for classified()
    """
    if response.status_code in _REDIRECTS:
        return _misconfigured(_NO_HEAT, cloud, session, _redirect(response))
    error_type, message = _error_of(response)
    kind = _BY_STATUS.get(response.status_code, exception.CloudFault)
    match response.status_code, error_type:
        case 404, 'EntityNotFound':
            kind = exception.RemoteStackNotFound
        case 400, _ if error_type:
            kind = exception.RemoteRejected
        case 409, _:
            kind = exception.RemoteBusy
    return _of_status(kind, cloud, session, response, message)


@contextlib.contextmanager
def classified(cloud, session=None):
    """Turn every exception of the libraries into a CloudError.

    :param session: a connection.Session, which knows the file of the entry
        and what Keystone answered last
    """
    # Python chains it to the exceptions raised here, although it is not their
    # cause.
    outer = sys.exception()
    try:
        yield
    except exception.CloudError:
        raise
    except Exception as exc:
        raise _of_exception(cloud, session, exc, outer) from exc


def unanswered(cloud, seconds):
    """Return the CloudUnreachable of a call that did not end in time."""
    reason = f'it has not answered completely within {seconds:g} s'
    return _make(exception.CloudUnreachable, cloud, reason)


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


def chain(exc, outer=None):
    """Yield an exception and what caused it, up to an outer exception."""
    seen = set()
    while exc is not None and exc is not outer and id(exc) not in seen:
        seen.add(id(exc))
        yield exc
        exc = exc.__cause__ or exc.__context__


def _of_exception(cloud, session, exc, outer):
    links = tuple(chain(exc, outer))
    for link in links:
        response = getattr(link, 'response', None)
        if isinstance(link, ksa_exc.HttpError) and response is not None:
            return _of_keystone(cloud, session, response)
    if _any(links, _INVALID):
        return _make(exception.CloudFault, cloud, links[-1])
    if _any(links, ksa_exc.MissingAuthMethods):
        return _make(exception.CloudUnauthorized, cloud, exc, session)
    if found := _misconfiguration(exc, links):
        return _misconfigured(found[0], cloud, session, found[1])
    if _any(links, _NO_ANSWER):
        return _make(exception.CloudUnreachable, cloud, _root(links))
    if reason := session and session.answer and _no_keystone(session.answer):
        return _misconfigured(_NO_KEYSTONE, cloud, session, reason)
    reason = f'openstacksdk cannot use it ({type(exc).__name__})'
    return _make(exception.CloudFault, cloud, reason)


def _misconfiguration(exc, links):
    """Return what is wrong with the entry, and why, or None."""
    if _any(links, ssl.SSLCertVerificationError):
        host, why = _cause(links)
        return _NO_TRUST, f'{host or "the cloud"} does not verify: {why}'
    if _any(links, ksa_exc.CatalogException):
        return _NO_ENDPOINT, exc
    if _any(links, _BAD_ENTRY) or _is_file_error(exc):
        return _NO_ENTRY, exc
    if any(map(_is_bad_file, links)):
        return _NO_ENTRY, 'cacert, cert or key is not a file of certificates'
    return None


def _misconfigured(sentence, cloud, session, reason):
    reason = clean(str(reason)).rstrip('.')
    return exception.CloudMisconfigured(
        sentence.format(cloud=cloud, source=_source(session), reason=reason)
    )


def _source(session):
    """Return the file of the entry."""
    return session.source if session else 'clouds.yaml'


def _of_keystone(cloud, session, response):
    # For responses of Heat, no exception is raised.
    status = response.status_code
    message = _error_of(response)[1]
    if status in _NOT_THERE or (status == 400 and not message):
        reason = _described(response, message)
        return _misconfigured(_NO_KEYSTONE, cloud, session, reason)
    kind = _BY_STATUS_OF_KEYSTONE.get(status, exception.CloudFault)
    return _of_status(kind, cloud, session, response, message)


def _no_keystone(response):
    """Return why a successful answer is not Keystone's, None if it may be."""
    if response.status_code in _REDIRECTS:
        return _redirect(response)
    try:
        body = json_of(response)
    except ValueError:
        if response.content.lstrip().startswith(b'{'):
            # Only a part of it has arrived.
            return None
        body = None
    if isinstance(body, dict) and 'token' in body:
        return None
    return (
        f'{_described(response)}, with a body that is neither a list of '
        'versions of the identity API nor a token'
    )


def _redirect(response):
    target = _origin(
        urllib.parse.urljoin(
            response.url, response.headers.get('Location', '')
        )
    )
    return (
        f'{_described(response)}, a redirect to {target}. Redirects are not '
        'followed, so that no password or token goes to another host'
    )


def _of_status(kind, cloud, session, response, message):
    reason = _described(response, message)
    if message and kind is exception.RemoteRejected:
        # It is about the user's own stack: Heat's message is enough.
        reason = message
    error = _make(kind, cloud, reason, session)
    if kind is exception.CloudThrottled:
        error.retry_after = _retry_after(response)
    return error


def _make(kind, cloud, reason, session=None):
    return kind(
        _SENTENCES[kind].format(
            cloud=cloud,
            reason=clean(str(reason)).rstrip('.'),
            source=_source(session),
            host=socket.gethostname(),
        )
    )


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


def _described(response, message=''):
    status = response.status_code
    text = f'{status} {_phrase(status)} from {_origin(response.url)}'
    return f'{text}, {message}' if message else text


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


def _any(links, kinds):
    return any(isinstance(link, kinds) for link in links)


def _is_file_error(exc):
    # requests raises a plain OSError if a CA bundle or a client certificate
    # of clouds.yaml does not exist.
    return isinstance(exc, OSError) and not isinstance(
        exc, (requests.RequestException, *_NO_ANSWER)
    )


def _is_bad_file(exc):
    # A file of certificates that OpenSSL cannot read, or a wrong key.
    return isinstance(exc, ssl.SSLError) and getattr(exc, 'library', '') in (
        'X509',
        'PEM',
    )


def _root(links):
    return ': '.join(filter(None, _cause(links)))


def _cause(links):
    """Return the host of the request, if known, and why it failed first."""
    causes = (OSError, http.client.HTTPException)
    cause = [link for link in links if isinstance(link, causes)] or links
    urls = re.findall(r'https?://[^/?#\s]+', ' '.join(map(str, links)))
    reason = str(cause[-1]) or type(cause[-1]).__name__
    # In a sentence a colon may follow.
    return _origin(urls[0].rstrip(':')) if urls else '', reason


def _scrub(value):
    text = ''.join(c if c.isprintable() else ' ' for c in str(value)[:4096])
    text = strutils.mask_password(' '.join(text.split()))
    text = re.sub(r'//[^/@\s]*@', '//', text)
    text = re.sub(r'(https?://[^\s?]*)\?\S*', r'\1', text)
    return re.sub(r'gAAAA[\w=-]+', '***', text)
