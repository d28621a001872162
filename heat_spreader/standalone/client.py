# SPDX-License-Identifier: Apache-2.0
"""From heat-spreader.yaml to a client of the server."""

import functools
import os
import urllib.parse

import openstack
from keystoneauth1 import exceptions as ksa_exceptions

from heat_spreader import address
from heat_spreader import exception
from heat_spreader.sdk import multicloud
from heat_spreader.standalone import file

# Seconds without a response from the server after which a command fails.
TIMEOUT = 60


class ClientManager:
    """The ``app.client_manager`` of the commands; connects at first use."""

    @functools.cached_property
    def multicloud(self):
        """The proxy of the service.

        :raises ConfigurationInvalid: if the file is invalid, or no server
            answers
        """
        settings = file.load(file.path(os.environ))
        try:
            return multicloud.connect(_connection(settings))
        except ksa_exceptions.DiscoveryFailure:
            raise exception.ConfigurationInvalid(
                f'No heat-spreader server answers at {settings.url}, the '
                f'address in {settings.path}. Start one with "heat-spreader '
                'run".'
            ) from None


def _connection(settings):
    """Make a connection to the service at the URL of the file."""
    auth, auth_type = {'endpoint': settings.url}, 'none'
    if 'username' in settings.backend:
        auth_type = 'http_basic'
        auth |= {
            'username': settings.backend['username'],
            'password': settings.backend['password'],
        }
    connection = openstack.connect(
        auth_type=auth_type,
        auth=auth,
        api_timeout=TIMEOUT,
        # The clouds of the user's own clouds.yaml are not used.
        load_yaml_config=False,
        load_envvars=False,
    )
    if address.is_loopback(urllib.parse.urlsplit(settings.url).hostname):
        # No proxy can reach it, whatever the environment has.
        connection.session.session.trust_env = False
    return connection
