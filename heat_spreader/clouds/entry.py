# SPDX-License-Identifier: Apache-2.0
"""Find the entries of clouds.yaml, and load them as openstacksdk does."""

import dataclasses
import os
import os.path

import requests
from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import loading
from keystoneauth1 import session as ksa_session
from openstack import config
from openstack import exceptions as sdk_exc
from openstack.config import cloud_region
from openstack.config import loader

from heat_spreader import exception
from heat_spreader import version
from heat_spreader import yaml_file
from heat_spreader.clouds import failure

_SUFFIXES = loader.YAML_SUFFIXES + loader.JSON_SUFFIXES
# Variables of openstacksdk.
_CLOUDS_FILE, _SECURE_FILE = 'OS_CLIENT_CONFIG_FILE', 'OS_CLIENT_SECURE_FILE'
# The secrets without which Keystone is not asked.
_SECRETS = ('password', 'token', 'application_credential_secret')


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of clouds.yaml and the file that it is in."""

    region: cloud_region.CloudRegion
    source: str


@dataclasses.dataclass(frozen=True)
class _Files:
    """A clouds.yaml, and where the files that complete its entries may be."""

    clouds: str
    secure: list
    vendors: list


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
        if config.get('profile') and not config['auth'].get('auth_url'):
            text = 'its profile is unknown, or has no auth_url'
            raise sdk_exc.ConfigException(text)
        return config


def find(name, config_files, make_session=ksa_session.Session):
    """Return the Entry of the first file that has one for the cloud.

    :param config_files: the paths of clouds.yaml; if there is none, the file
        is searched where openstacksdk searches it
    :param make_session: the class of its session
    :raises CloudMisconfigured: if there is none, or if it is invalid
    :raises CloudUnreachable: if its profile is at a URL that does not answer
    """
    files = _files_of(name, config_files)
    if files is None:
        raise exception.CloudMisconfigured(
            f"The cloud '{name}' has no entry in {places(config_files)}."
        )
    secure, secrets = _first(files.secure, 'clouds')
    vendors, _ = _first(files.vendors, 'public-clouds')
    source = files.clouds
    if name in secrets:
        source = f'{source} and {secure}'
    try:
        region = _Config(
            config_files=[files.clouds],
            secure_files=[secure] if secure else [],
            vendor_files=[vendors] if vendors else [],
            session_constructor=make_session,
            # Variables such as OS_AUTH_URL would make a cloud of their own.
            load_envvars=False,
            app_name=version.PROJECT,
            app_version=version.installed(),
        ).get_one(cloud=name)
        region.get_session()
    except (requests.ConnectionError, requests.Timeout) as exc:
        raise exception.CloudUnreachable(
            f"The profile of the cloud '{name}' in {source} cannot be "
            f'fetched ({type(exc).__name__}).'
        ) from exc
    except Exception as exc:
        raise exception.CloudMisconfigured(
            f"The entry of the cloud '{name}' in {source} is invalid: "
            f'{_reason(exc)}.'
        ) from exc
    return Entry(region, source)


def paths(config_files):
    """Return the paths of the clouds.yaml files, not all of which may exist.

    Those of the usual places exist.
    """
    return [files.clouds for files in _search(config_files)]


def secret_paths(config_files):
    """Return the paths of all files that may have passwords of clouds."""
    return [
        path
        for files in _search(config_files)
        for path in (files.clouds, *files.secure)
    ]


def path_of(name, config_files):
    """Return the path of the file with the entry of a cloud, or None.

    :raises CloudMisconfigured: if a file cannot be read
    """
    files = _files_of(name, config_files)
    return files and files.clouds


def names(config_files):
    """Return the names of all entries.

    :raises CloudMisconfigured: if a file cannot be read
    """
    return set().union(
        *(_mapping(path, 'clouds') for path in paths(config_files))
    )


def places(config_files):
    """Return which files may have an entry, for people."""
    found = paths(config_files)
    if not found:
        folders = dict.fromkeys(loader.CONFIG_SEARCH_PATH)
        return f'any file: there is no clouds.yaml in {" or ".join(folders)}'
    return ' or '.join(
        f'{path}{_variable(path)}'
        + ('' if os.path.exists(path) else ', which does not exist')
        for path in found
    )


def _files_of(name, config_files):
    for files in _search(config_files):
        if name in _mapping(files.clouds, 'clouds'):
            return files
    return None


def _search(config_files):
    """Yield the _Files in the order in which they are searched."""
    if config_files:
        for path in config_files:
            yield _Files(
                path, _beside(path, 'secure'), _beside(path, 'clouds-public')
            )
        return
    secure = _named(_SECURE_FILE) + loader.SECURE_FILES
    usual = filter(os.path.exists, loader.CONFIG_FILES)
    for path in dict.fromkeys([*_named(_CLOUDS_FILE), *usual]):
        yield _Files(path, secure, loader.VENDOR_FILES)


def _beside(path, stem):
    folder = os.path.dirname(path)
    return [os.path.join(folder, stem + suffix) for suffix in _SUFFIXES]


def _named(variable):
    return list(filter(None, [os.environ.get(variable)]))


def _variable(path):
    """Which variable names a file, for people, '' where none does."""
    for variable in (_SECURE_FILE, _CLOUDS_FILE):
        if path in _named(variable):
            return f' (from {variable})'
    return ''


def _first(paths, key):
    """Return the first file that exists, and its mapping with the name."""
    for path in filter(os.path.exists, paths):
        return path, _mapping(path, key)
    return None, {}


def _reason(exc):
    # The messages of the libraries name options; those of other exceptions
    # may have their values.
    if isinstance(exc, sdk_exc.SDKException | ksa_exc.ClientException):
        return failure.clean(str(exc)).rstrip('.')
    return f'it is malformed ({type(exc).__name__})'


def _mapping(path, key):
    """Return a mapping of a file.

    openstacksdk would skip a file that cannot be read, and log the line that
    is wrong, which may have a password.

    :raises CloudMisconfigured: if the file cannot be read or has no mapping
    """
    try:
        content = yaml_file.load(path)
    except FileNotFoundError:
        return {}
    except ValueError as exc:
        reason = str(exc)
    else:
        mapping = content.get(key) if isinstance(content, dict) else None
        if isinstance(mapping, dict):
            return mapping
        reason = f'it has no mapping named "{key}"'
    raise exception.CloudMisconfigured(
        f'{path}{_variable(path)} cannot be read: {reason}.'
    )
