# SPDX-License-Identifier: Apache-2.0
"""The multicloud service, to be added to an openstacksdk connection.

::

    connection = openstack.connect(cloud='home')
    client = multicloud.connect(connection)
    for stack in client.stacks():
        print(stack.name, stack.status)
"""

from keystoneauth1 import plugin
from openstack import exceptions
from openstack import service_description

from heat_spreader.sdk import _proxy

SERVICE_TYPE = 'multicloud'


class Multicloud(service_description.ServiceDescription):
    """The service, and the versions that this package supports."""

    supported_versions = {'1': _proxy.Proxy}


def connect(connection):
    """Add the ``multicloud`` attribute to a connection, and return it.

    :raises ConfigException: if the endpoint of the service is not known
    """
    _use_fixed_endpoint(connection.session.auth, connection.config)
    connection.add_service(Multicloud(SERVICE_TYPE))
    return connection.multicloud


def _use_fixed_endpoint(auth, config):
    # Without a catalog the only endpoint must be that of this service. The SDK
    # assumes that for auth_type none only, and would send the requests of
    # http_basic to an endpoint whose version it has not discovered.
    if not isinstance(auth, plugin.FixedEndpointPlugin):
        return
    endpoint = config.get_endpoint(SERVICE_TYPE) or auth.endpoint
    if not endpoint:
        raise exceptions.ConfigException(
            'The endpoint of the multicloud service is not known. Set it with '
            '--os-endpoint, OS_ENDPOINT, or auth.endpoint in clouds.yaml.'
        )
    config.set_service_value('endpoint_override', SERVICE_TYPE, endpoint)
