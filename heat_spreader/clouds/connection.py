# SPDX-License-Identifier: Apache-2.0
"""From an entry of clouds.yaml to a client of that cloud's Heat."""

import concurrent.futures
import functools
import threading

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import session as ksa_session

from heat_spreader.clouds import entry
from heat_spreader.clouds import failure

SERVICE_TYPE = 'orchestration'
# Connections that are kept open to one cloud. With more threads, the others
# make a new connection for each call.
POOL_SIZE = 32
# The largest response that is read: a page of 1,000 stacks has about 1 MB.
MAX_BODY = 32 * 2**20


def connect(name, config_files, connect_timeout, read_timeout):
    """Authenticate to a cloud of clouds.yaml; return a client of its Heat.

    The client uses the endpoint of the catalog unchanged: discovering the
    versions of a Heat that hangs would cost one timeout for each URL.

    :raises CloudMisconfigured: if the entry does not exist or is invalid
    :raises CloudError: if the authentication fails
    """
    found = entry.find(name, config_files, Session)
    region, session = found.region, found.region.get_session()
    session.source = found.source
    # The constructor accepts only one number; requests accepts a pair.
    session.timeout = (connect_timeout, read_timeout)
    # A redirect could send the password or the token to another host. No
    # request to a valid address needs redirects.
    session.redirect = False
    for prefix in list(session.session.adapters):
        session.session.mount(prefix, _Transport(pool_maxsize=POOL_SIZE))
    heat = adapter.Adapter(
        session,
        service_type=SERVICE_TYPE,
        interface=region.get_interface(SERVICE_TYPE),
        region_name=region.get_region_name(SERVICE_TYPE),
        endpoint_override=region.get_endpoint(SERVICE_TYPE),
        connect_retries=0,
        status_code_retries=0,
        raise_exc=False,
    )
    with failure.classified(name, session):
        session.get_auth_headers()
    return heat


class Shared:
    """One connection for all threads, made when it is first needed.

    Threads that need it meanwhile wait for that one attempt and share its
    result: a cloud that hangs costs them one timeout, not one after the
    other. After a failed attempt the next call tries again.
    """

    def __init__(self, connect):
        self._connect = connect
        self._lock = threading.Lock()
        self._connection = None
        self._attempt = None

    def get(self):
        """Return the connection, or raise the error of the attempt."""
        with self._lock:
            if self._connection is not None:
                return self._connection
            mine = self._attempt is None
            if mine:
                self._attempt = concurrent.futures.Future()
            attempt = self._attempt
        if mine:
            self._try(attempt)
        return attempt.result()

    def drop(self, connection):
        """Make the next call connect again, unless one has done so already."""
        with self._lock:
            if self._connection is connection:
                self._connection = None

    def _try(self, attempt):
        connection = None
        try:
            connection = self._connect()
        except BaseException as exc:
            attempt.set_exception(exc)
        else:
            attempt.set_result(connection)
        finally:
            with self._lock:
                self._connection, self._attempt = connection, None


class Session(ksa_session.Session):
    """A session of keystoneauth that cannot deadlock.

    It knows the ``source``, the file of its entry, and the last ``answer`` of
    Keystone, since not every exception has it.

    If Keystone answers the discovery of its versions with 401, keystoneauth
    repeats the request with a token. But it discovers the versions to get a
    token, and holds the lock for that: the thread would hang forever.
    """

    source = 'clouds.yaml'
    answer = None

    def request(self, url, method, *args, authenticated=None, **kwargs):
        if authenticated:
            raise ksa_exc.Unauthorized('The versions are not public')
        response = super().request(
            url, method, *args, authenticated=authenticated, **kwargs
        )
        if authenticated is False:
            self.answer = response
        return response


class _Transport(ksa_session.TCPKeepAliveAdapter):
    """A transport of keystoneauth that limits the size of responses."""

    def build_response(self, req, resp):
        response = super().build_response(req, resp)
        response.iter_content = functools.partial(
            _bounded, response.iter_content
        )
        return response


def _bounded(iter_content, *args, **kwargs):
    size = 0
    for chunk in iter_content(*args, **kwargs):
        size += len(chunk)
        if size > MAX_BODY:
            raise failure.BodyTooLarge(
                f'the response is larger than {MAX_BODY} bytes'
            )
        yield chunk
