# SPDX-License-Identifier: Apache-2.0
"""Find the entries of clouds.yaml, and load them as openstacksdk does."""

import dataclasses
import os.path

from keystoneauth1 import exceptions as ksa_exc
from keystoneauth1 import loading
from keystoneauth1 import session as ksa_session
from openstack import config
from openstack import exceptions as sdk_exc
from openstack.config import cloud_region

from heat_spreader import exception
from heat_spreader import version
from heat_spreader import yaml_file

_SECURE_FILES = ('secure.yaml', 'secure.yml', 'secure.json')
# The secrets without which Keystone is not asked.
_SECRETS = ('password', 'token', 'application_credential_secret')


@dataclasses.dataclass(frozen=True)
class Entry:
    """An entry of clouds.yaml and the file that it is in."""

    region: cloud_region.CloudRegion
    source: str


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


def find(name, config_files, make_session=ksa_session.Session):
    """Return the Entry of the first file that has one for the cloud.

    :param make_session: the class of its session
    :raises CloudMisconfigured: if there is none, or if it is invalid
    """
    for path in config_files:
        if name in _clouds_of(path):
            return _load(name, path, make_session)
    places = ' or '.join(map(_described, config_files)) or (
        'any file: config_files in [clouds] is empty'
    )
    raise exception.CloudMisconfigured(
        f"The cloud '{name}' has no entry in {places}."
    )


def invalid(options):
    """Return a sentence for each enabled cloud whose entry cannot be used.

    No request is sent to any cloud.

    :param options: the [clouds] options
    """
    sentences = []
    for name in options.enabled:
        try:
            find(name, options.config_files)
        except exception.CloudMisconfigured as exc:
            sentences.append(str(exc))
    return sentences


def _described(path):
    return path if os.path.exists(path) else f'{path}, which does not exist'


def _load(name, path, make_session):
    folder = os.path.dirname(path)
    secure_files = [os.path.join(folder, file) for file in _SECURE_FILES]
    for secure_file in secure_files:
        _clouds_of(secure_file)
    try:
        region = _Config(
            config_files=[path],
            secure_files=secure_files,
            vendor_files=[],
            session_constructor=make_session,
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
