# SPDX-License-Identifier: Apache-2.0
"""heat-spreader.yaml: its path and its values."""

import dataclasses
import os

from oslo_utils import netutils

from heat_spreader import exception
from heat_spreader import yaml_file
from heat_spreader.standalone import schema

VARIABLE = 'HEAT_SPREADER_CONFIG_FILE'
DEFAULT_PATH = '~/.config/openstack/heat-spreader.yaml'
DEFAULT_DATABASE = '~/.local/share/heat-spreader/heat-spreader.sqlite'
LOOPBACK = '127.0.0.1'
PORT = 8784
# Addresses of a server that listens on all interfaces, and how to reach it.
_ANY = {'0.0.0.0': LOOPBACK, '::': '::1'}  # noqa: S104 # nosec B104


@dataclasses.dataclass(frozen=True)
class Settings:
    """The values of a file, completed with the defaults."""

    path: str
    backend: dict
    clouds: list
    address: str
    port: int

    @property
    def is_remote(self):
        """Whether this is the file of a client."""
        return self.backend['type'] == 'remote'

    @property
    def database(self):
        """The path of the SQLite file, relative to the folder of our file."""
        path = os.path.expanduser(
            self.backend.get('database', DEFAULT_DATABASE)
        )
        return os.path.abspath(os.path.join(os.path.dirname(self.path), path))

    @property
    def url(self):
        """The URL of the server, for its clients."""
        if self.is_remote:
            host = self.backend['host']
            port = self.backend.get('port', PORT)
        else:
            host, port = _ANY.get(self.address, self.address), self.port
        return f'http://{netutils.escape_ipv6(host)}:{port}'


def path(environ):
    """The path of the file that the environment names, or the default."""
    named = environ.get(VARIABLE) or DEFAULT_PATH
    return os.path.abspath(os.path.expanduser(named))


def load(file):
    """Read and validate a file.

    :raises ConfigurationInvalid: with the path and the key
    """
    content = _read(file)
    problem = schema.problem(content)
    if problem:
        raise exception.ConfigurationInvalid(f'{file}: {problem}')
    server = content.get('server', {})
    return Settings(
        path=file,
        backend=content.get('backend', {'type': 'sqlite'}),
        clouds=content.get('clouds', []),
        address=server.get('address', LOOPBACK),
        port=server.get('port', PORT),
    )


def check_server(settings):
    """Refuse the file of a client, and one without clouds.

    :raises ConfigurationInvalid: with the path and the key
    """
    if settings.is_remote:
        raise exception.ConfigurationInvalid(
            f'{settings.path}: backend.type is remote, so this is the file of '
            'a client. A server needs the type sqlite or database.'
        )
    if not settings.clouds:
        raise exception.ConfigurationInvalid(
            f'{settings.path}: clouds is missing; it must be '
            f'{schema.FILE["properties"]["clouds"]["description"]}.'
        )


def _read(file):
    """The content of a YAML file; an empty file is an empty mapping."""
    try:
        content = yaml_file.load(file)
    except FileNotFoundError:
        problem = 'does not exist. Create it'
    except ValueError as exc:
        problem = f'cannot be read: {exc}. Correct it'
    else:
        return {} if content is None else content
    raise exception.ConfigurationInvalid(
        f'{file} {problem}, or name another file in {VARIABLE}.'
    ) from None
