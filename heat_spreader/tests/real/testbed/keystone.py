# SPDX-License-Identifier: Apache-2.0
"""One Keystone of the testbed: its configuration, database and process."""

import base64
import os
import sqlite3

from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import configuration

SET_ENDPOINT = """
    UPDATE endpoint SET url = ?
    WHERE service_id IN (SELECT id FROM service WHERE type = ?)
"""


def url(port):
    """Give the URL of the Keystone on a port."""
    return f'http://127.0.0.1:{port}/v3'


def configure(directory):
    """Write the configuration and fresh keys of a Keystone."""
    # Fresh, or a token of one cloud would be good in all the others.
    for name in ('fernet', 'credential'):
        _write_keys(directory / name)
    tokens = {'key_repository': directory / 'fernet'}
    groups = {
        'DEFAULT': {'transport_url': 'fake://'},
        'database': configuration.sqlite(_database(directory)),
        'fernet_tokens': tokens,
        'fernet_receipts': tokens,
        'credential': {'key_repository': directory / 'credential'},
        # Every login is hashed on two cores; four rounds are the least.
        'identity': {'password_hash_rounds': 4},
    }
    process.write_config(_file(directory), groups)


def bootstrap(machine, environment, directory, port):
    """Make the database with the administrator and the catalog's start."""
    log = directory / 'keystone.log'

    def manage(*arguments):
        command = environment.command(
            'keystone-manage', '--config-file', _file(directory), *arguments
        )
        machine.run('keystone-manage', command, log)

    manage('db_sync')
    manage(
        'bootstrap',
        *('--bootstrap-password', accounts.ADMIN.password),
        *('--bootstrap-region-id', accounts.REGION),
        *('--bootstrap-public-url', url(port)),
        *('--bootstrap-internal-url', url(port)),
        *('--bootstrap-admin-url', url(port)),
    )


def move_endpoints(directory, urls):
    """Set the URLs of a Keystone's catalog while it does not run."""
    with sqlite3.connect(_database(directory)) as database:
        for service_type, place in urls.items():
            database.execute(SET_ENDPOINT, (place, service_type))
    database.close()


def make_process(machine, environment, directory, port, name):
    """Describe the process of a Keystone."""
    return machine.process(
        f'{name} keystone',
        environment.script('serve_keystone.py', str(port)),
        directory / 'keystone.log',
        url=url(port),
        environ={
            'OS_KEYSTONE_CONFIG_DIR': str(directory),
            'OS_KEYSTONE_CONFIG_FILES': _file(directory).name,
        },
    )


def _file(directory):
    return directory / 'keystone.conf'


def _database(directory):
    return directory / 'keystone.sqlite'


def _write_keys(repository):
    repository.mkdir(mode=0o700, exist_ok=True)
    for name in ('0', '1'):
        key = base64.urlsafe_b64encode(os.urandom(32))
        repository.joinpath(name).write_bytes(key)
