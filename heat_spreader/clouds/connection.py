# SPDX-License-Identifier: Apache-2.0
"""From an entry of clouds.yaml to a client of that cloud's Heat."""

import concurrent.futures
import contextlib
import dataclasses
import os.path
import threading

from keystoneauth1 import adapter
from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import loading
from keystoneauth1 import session as ksa_session
from openstack import config
from openstack import exceptions as sdk_exc
from openstack.config import cloud_region

from heat_spreader import exception
from heat_spreader import version
from heat_spreader import yaml_file
from heat_spreader.clouds import call
from heat_spreader.clouds import failure
from heat_spreader.clouds import transport

SERVICE_TYPE = 'orchestration'
_SECURE_FILES = ('secure.yaml', 'secure.yml', 'secure.json')


# The secrets without which Keystone is not asked.
_SECRETS = ('password', 'token', 'application_credential_secret')


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of clouds.yaml and the file that it is in."""

    region: cloud_region.CloudRegion
    source: str


def connect(name, config_files, connect_timeout, read_timeout):
    """Authenticate to a cloud of clouds.yaml; return a client of its Heat.

    The client uses the endpoint of the catalog unchanged: discovering the
    versions of a Heat that hangs would cost one timeout for each URL.

    :raises CloudMisconfigured: if the entry does not exist or is invalid
    :raises CloudError: if the authentication fails
    """
    entry = find_entry(name, config_files)
    region, session = entry.region, entry.region.get_session()
    session.source = entry.source
    # The constructor accepts only one number; requests accepts a pair.
    session.timeout = (connect_timeout, read_timeout)
    # A redirect could send the password or the token to another host. No
    # request to a valid address needs redirects.
    session.redirect = False
    for prefix in list(session.session.adapters):
        session.session.mount(prefix, transport.Transport())
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


class _Config(config.OpenStackConfig):
    """Refuses an entry without a password, which Keystone answers with 500."""

    def auth_config_hook(self, config):
        config = super().auth_config_hook(config)
        if config.get('auth_type') in (None, '', 'None'):
            return config
        for option in loading.get_plugin_options(config['auth_type']):
            name = option.dest
            if name in _SECRETS and not (
                config['auth'].get(name) or config.get(name)
            ):
                text = f'its {name.replace("_", " ")} is missing or empty'
                raise sdk_exc.ConfigException(text)
        return config


def find_entry(name, config_files):
    """Return the Entry of the first file that has one for the cloud.

    :raises CloudMisconfigured: if there is none, or if it is invalid
    """
    for path in config_files:
        if name in _clouds_of(path):
            return _load(name, path)
    places = ' or '.join(map(_described, config_files)) or (
        'any file: config_files in [clouds] is empty'
    )
    raise exception.CloudMisconfigured(
        f"The cloud '{name}' has no entry in {places}."
    )


def invalid_entries(options):
    """Return a sentence for each enabled cloud whose entry cannot be used.

    No request is sent to any cloud.

    :param options: the [clouds] options
    """
    sentences = []
    for name in options.enabled:
        try:
            find_entry(name, options.config_files)
        except exception.CloudMisconfigured as exc:
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
        region = _Config(
            config_files=[path],
            secure_files=secure_files,
            vendor_files=[],
            session_constructor=Session,
            load_envvars=False,
            app_name=version.PROJECT,
            app_version=version.installed(),
        ).get_one(cloud=name)
        region.get_session()
    except Exception as exc:
        raise exception.CloudMisconfigured(
            f"The entry of the cloud '{name}' in {path} is invalid: "
            f'{_reason(exc)}.'
        ) from exc
    return Entry(region, path)


def _reason(exc):
    # The messages of the libraries name options; those of other exceptions
    # may have their values.
    if isinstance(exc, sdk_exc.SDKException | ksa_exc.ClientException):
        return str(exc).rstrip('.')
    return f'it is malformed ({type(exc).__name__})'


def _clouds_of(path):
    """Return the clouds of a file; none if the file does not exist.

    openstacksdk would skip a file that is not YAML, and log the line that is
    wrong, which may have a password.
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
    raise exception.CloudMisconfigured(f'{path} cannot be read: {reason}.')
