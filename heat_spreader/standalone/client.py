# SPDX-License-Identifier: Apache-2.0
"""From heat-spreader.yaml to a client of the server that it is about."""

import functools
import os
import urllib.parse

import openstack
from keystoneauth1 import exceptions as ksa_exceptions

from heat_spreader import address
from heat_spreader import exception
from heat_spreader.sdk import multicloud
from heat_spreader.standalone import file

# Seconds without a word from the server after which a command gives up.
TIMEOUT = 60


class ClientManager:
    """What the commands find at ``app.client_manager``; asks when asked."""

    @functools.cached_property
    def multicloud(self):
        """The proxy of the service.

        :raises ConfigurationInvalid: if the file or the server is not right
        """
        settings = file.load(file.path(os.environ))
        try:
            return multicloud.connect(_connection(settings))
        except ksa_exceptions.DiscoveryFailure:
            raise exception.ConfigurationInvalid(
                f'No heat-spreader server answers at {settings.url}, which '
                f'is what {settings.path} says; "heat-spreader run" starts '
                'one.'
            ) from None


def _connection(settings):
    """A connection to the one service, by its URL."""
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
        # Clouds that this machine's user may know are not asked.
        load_yaml_config=False,
        load_envvars=False,
    )
    if address.is_loopback(urllib.parse.urlsplit(settings.url).hostname):
        # No proxy leads there, whatever the environment says.
        connection.session.session.trust_env = False
    return connection
