# SPDX-License-Identifier: Apache-2.0
"""From an entry of clouds.yaml to a client of that cloud's Heat."""

import concurrent.futures
import contextlib
import threading

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import session as ksa_session

from heat_spreader.clouds import call
from heat_spreader.clouds import entry
from heat_spreader.clouds import failure
from heat_spreader.clouds import transport

SERVICE_TYPE = 'orchestration'


def connect(name, config_files, connect_timeout, read_timeout):
    """Authenticate to a cloud of clouds.yaml; return a client of its Heat.

    Its ``compute`` is a client of Nova, which a cloud need not have.

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
    session.session = transport.Session()
    heat = _client(region, session, SERVICE_TYPE)
    heat.compute = _client(region, session, 'compute')
    with failure.classified(name, session):
        session.get_auth_headers()
    heat.catalog_address = _catalog_address(heat)
    return heat


def _client(region, session, service_type):
    return adapter.Adapter(
        session,
        service_type=service_type,
        interface=region.get_interface(service_type),
        region_name=region.get_region_name(service_type),
        endpoint_override=region.get_endpoint(service_type),
        connect_retries=0,
        status_code_retries=0,
        raise_exc=False,
    )


def _catalog_address(heat):
    """Where the catalog says that Heat is, whatever the entry says."""
    # What is missing is found out, and reported, when it is needed.
    with contextlib.suppress(ksa_exc.CatalogException):
        return heat.session.get_endpoint(
            service_type=SERVICE_TYPE,
            interface=heat.interface,
            region_name=heat.region_name,
            skip_discovery=True,
        )
    return None


class Shared:
    """One connection for all threads, made when it is first needed.

    Threads that need it meanwhile wait for that one attempt and share its
    result: a cloud that hangs costs them one timeout, not one after the
    other. After a failed attempt the next call tries again, and so do those
    that wait for an attempt that is given up: they have more time.
    """

    def __init__(self, connect):
        self._connect = connect
        self._lock = threading.Lock()
        self._connection = None
        self._attempt = None

    def get(self):
        """Return the connection, or raise the error of the attempt."""
        while True:
            with self._lock:
                if self._connection is not None:
                    return self._connection
                mine = self._attempt is None
                if mine:
                    self._attempt = concurrent.futures.Future()
                attempt = self._attempt
            if mine:
                return self._try(attempt)
            with contextlib.suppress(concurrent.futures.CancelledError):
                return attempt.result()

    def drop(self, connection):
        """Make the next call connect again, unless one has done so already."""
        with self._lock:
            if self._connection is connection:
                self._connection = None

    def _try(self, attempt):
        try:
            connection = self._connect()
        except BaseException as exc:
            self._end(None)
            if call.is_given_up():
                attempt.cancel()
            else:
                attempt.set_exception(exc)
            raise
        self._end(connection)
        attempt.set_result(connection)
        return connection

    def _end(self, connection):
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
