# SPDX-License-Identifier: Apache-2.0
"""One Heat of the testbed: its configuration, database and process."""

import secrets

from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import accounts
from heat_spreader.tests.real.testbed import configuration


def url(port):
    """Give the URL of the Heat on a port, as the catalog has it."""
    return f'http://127.0.0.1:{port}/v1/%(tenant_id)s'


def configure(directory, environment, port, auth_url):
    """Write the configuration of a Heat."""
    credentials = {
        'auth_type': 'password',
        **accounts.HEAT.auth(auth_url),
    }
    groups = {
        'DEFAULT': {
            # The memory is the message bus: API and engine are one process.
            'transport_url': 'fake://',
            'num_engine_workers': 1,
            # Tests go beyond it, which must not take long.
            'max_resources_per_stack': 40,
            # With Heat's five, a server that fails takes 80 s longer.
            'action_retry_limit': 1,
            'deferred_auth_method': 'trusts',
            'auth_encryption_key': secrets.token_hex(16),
            'region_name_for_services': accounts.REGION,
            'heat_metadata_server_url': f'http://127.0.0.1:{port}',
            'environment_dir': environment.data('heat', 'environment.d'),
            'template_dir': environment.data('heat', 'templates'),
            # Servers for a cloud without compute.
            'plugin_dirs': environment.plugins,
            # A line for each of Heat's resource types buries the rest.
            'default_log_levels': 'heat.engine.environment=WARNING',
        },
        'database': configuration.sqlite(directory / 'heat.sqlite'),
        'keystone_authtoken': {
            'www_authenticate_uri': auth_url,
            **credentials,
        },
        'trustee': credentials,
        'clients_keystone': {'auth_uri': auth_url},
        'paste_deploy': {
            'api_paste_config': environment.data('heat', 'api-paste.ini')
        },
        'oslo_messaging_notifications': {'driver': 'noop'},
    }
    process.write_config(_file(directory), groups)


def create_database(machine, environment, directory):
    """Make the empty database of a Heat."""
    machine.run(
        'heat-manage',
        environment.command(
            'heat-manage', '--config-file', _file(directory), 'db_sync'
        ),
        directory / 'heat.log',
    )


def make_process(machine, environment, directory, port, name):
    """Describe the process of a Heat."""
    return machine.process(
        f'{name} heat',
        environment.script('serve_heat.py', _file(directory), str(port)),
        directory / 'heat.log',
        url=f'http://127.0.0.1:{port}/',
    )


def _file(directory):
    return directory / 'heat.conf'
