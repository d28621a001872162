# SPDX-License-Identifier: Apache-2.0
"""From an entry of clouds.yaml to a client of that cloud's Heat."""

import concurrent.futures
import functools
import os.path
import threading

import requests
from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import session as ksa_session
from openstack import config
from openstack import exceptions as sdk_exc

from heat_spreader import exception
from heat_spreader import version
from heat_spreader import yaml_file

SERVICE_TYPE = 'orchestration'
# Connections kept open to one cloud; more threads than this still work, but
# make a new one for each call.
POOL_SIZE = 32
# The largest answer that is read: a page of 1,000 stacks has about 1 MB.
MAX_BODY = 32 * 2**20
_SECURE_FILES = ('secure.yaml', 'secure.yml', 'secure.json')


class BodyTooLarge(requests.RequestException):
    """An answer that does not end where any of Heat's would have."""


def connect(name, config_files, connect_timeout, read_timeout):
    """Log in to a cloud of clouds.yaml and return a client of its Heat.

    The client takes the endpoint of the catalog as it stands: to discover
    the versions of a Heat that hangs would cost one timeout for each URL.

    :raises CloudUnauthorized: the entry is not there or cannot be used
    :raises Exception: what keystoneauth raises when the log-in fails
    """
    region = find_region(name, config_files)
    session = region.get_session()
    # The constructor takes one number for both; requests takes a pair.
    session.timeout = (connect_timeout, read_timeout)
    # A redirect could lead to another host, and would take the password or
    # the token along. Nothing that is asked for here needs one.
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
    session.get_auth_headers()
    return heat


class Shared:
    """One connection for every thread, made when it is first needed.

    Threads that ask while it is being made wait for that one attempt and
    share its outcome: a cloud that hangs costs them one timeout, not a queue
    of timeouts. A failed attempt is forgotten, so the next call tries again.
    """

    def __init__(self, connect):
        self._connect = connect
        self._lock = threading.Lock()
        self._connection = None
        self._attempt = None

    def get(self):
        """Return the connection, or raise what making it raised."""
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
        """Make a new one for the next call, if this is still the one."""
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


class _Session(ksa_session.Session):
    """The session of keystoneauth, which does not wait for itself.

    Where asking for versions is answered with 401, keystoneauth asks again
    with a token. The first time, it is asking in order to get one, and holds
    the lock that getting one needs: the thread would hang for ever.
    """

    def request(self, url, method, *args, authenticated=None, **kwargs):
        if authenticated:
            raise ksa_exc.Unauthorized('Versions are told to nobody')
        return super().request(
            url, method, *args, authenticated=authenticated, **kwargs
        )


class _Transport(ksa_session.TCPKeepAliveAdapter):
    """The transport of keystoneauth, which does not read on for ever."""

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
            raise BodyTooLarge(f'the answer is larger than {MAX_BODY} bytes')
        yield chunk


def find_region(name, config_files):
    """Find the first file that has an entry for the cloud, and read it."""
    for path in config_files:
        if name in _clouds_of(path):
            return _load(name, path)
    places = ' or '.join(map(_described, config_files)) or 'no file at all'
    raise exception.CloudUnauthorized(
        f"There is no cloud '{name}' in {places}."
    )


def invalid_entries(options):
    """Return a sentence for each enabled cloud whose entry cannot be used.

    No request is sent to any cloud.

    :param options: the [clouds] options
    """
    sentences = []
    for name in options.enabled:
        try:
            find_region(name, options.config_files)
        except exception.CloudUnauthorized as exc:
            sentences.append(str(exc))
    return sentences


def _described(path):
    return path if os.path.exists(path) else f'{path}, which does not exist'


def _load(name, path):
    folder = os.path.dirname(path)
    secure_files = [os.path.join(folder, file) for file in _SECURE_FILES]
    for secure_file in secure_files:
        _clouds_of(secure_file)
    try:
        region = config.OpenStackConfig(
            config_files=[path],
            secure_files=secure_files,
            vendor_files=[],
            session_constructor=_Session,
            load_envvars=False,
            app_name=version.PROJECT,
            app_version=version.installed(),
        ).get_one(cloud=name)
        region.get_session()
        return region
    except Exception as exc:
        raise exception.CloudUnauthorized(
            f"The entry of the cloud '{name}' in {path} cannot be used: "
            f'{_reason(exc)}.'
        ) from exc


def _reason(exc):
    # The libraries' own messages name options; those of other exceptions
    # may quote the values.
    if isinstance(exc, sdk_exc.SDKException | ksa_exc.ClientException):
        return str(exc).rstrip('.')
    return f'it is malformed ({type(exc).__name__})'


def _clouds_of(path):
    """Return the clouds of a file; none where there is no such file.

    openstacksdk skips a file that it cannot read, and logs the line that it
    stumbled over, which may be one with a password.
    """
    try:
        content = yaml_file.load(path)
    except FileNotFoundError:
        return {}
    except ValueError as exc:
        reason = str(exc)
    else:
        clouds = content.get('clouds') if isinstance(content, dict) else None
        if isinstance(clouds, dict):
            return clouds
        reason = 'it has no mapping named "clouds"'
    raise exception.CloudUnauthorized(f'{path} cannot be read: {reason}.')
