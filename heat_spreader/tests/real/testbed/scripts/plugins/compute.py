# SPDX-License-Identifier: Apache-2.0
"""Servers without a Nova: a plugin that the Heat of the testbed loads.

A server is a file in the directory ``servers`` beside heat.conf. A file
``limit`` has the number of servers that there may be and the way in which one
more fails: ``quota``, ``host`` or ``image``.
"""

import pathlib
import threading

from heat.common import exception
from heat.engine import constraints
from heat.engine import properties
from heat.engine import resource
from novaclient import exceptions as nova_exc
from oslo_config import cfg

TEXT = properties.Schema(properties.Schema.STRING)
LIST = properties.Schema(properties.Schema.LIST)


LOCK = threading.Lock()
# As the quota driver and the conductor of Nova write them.
QUOTA = (
    'Quota exceeded for instances: Requested 1, but already used {0} of {0} '
    'instances'
)
NO_HOST = 'No valid host was found. There are not enough hosts available.'


class Server(resource.Resource):
    """A server of Nova."""

    properties_schema = {
        'name': TEXT,
        'image': TEXT,
        'flavor': TEXT,
        'networks': LIST,
    }

    def handle_create(self):
        """Create the server if there is room.

        :returns: why it has the status ERROR, None if it has not
        """
        limit, way = _limit()
        with LOCK:
            _directory().mkdir(exist_ok=True)
            if len(list(_directory().iterdir())) < limit:
                self.resource_id_set(self.physical_resource_name())
                (_directory() / self.resource_id).touch()
                return None
        if way == 'quota':
            raise nova_exc.Forbidden(403, QUOTA.format(limit))
        # Nova has a row for it, but there is none on any host.
        self.resource_id_set(self.physical_resource_name())
        return NO_HOST if way == 'host' else 'The image is damaged.'

    def check_create_complete(self, fault):
        """Fail as Heat does for a server with the status ERROR."""
        if fault:
            raise exception.ResourceInError(
                resource_status='ERROR',
                status_reason=f'Message: {fault}, Code: 500',
            )
        return True

    def handle_delete(self):
        """Delete the server if it was created."""
        if self.resource_id:
            (_directory() / self.resource_id).unlink(missing_ok=True)


class Instance(Server):
    """The same as CloudFormation names it."""

    properties_schema = {'ImageId': TEXT, 'InstanceType': TEXT, 'Tags': LIST}


class Anything(constraints.BaseCustomConstraint):
    """No one can say which images and flavors there are."""

    def validate_with_client(self, client, value):
        """Accept it."""


def resource_mapping():
    """The types of resources, by name."""
    return {'OS::Nova::Server': Server, 'AWS::EC2::Instance': Instance}


def constraint_mapping():
    """The constraints on properties, by name."""
    return {'glance.image': Anything, 'nova.flavor': Anything}


def _limit():
    file = _directory().with_name('limit')
    if not file.exists():
        return float('inf'), ''
    limit, way = file.read_text().split()
    return int(limit), way


def _directory():
    return pathlib.Path(cfg.CONF.config_file[0]).with_name('servers')
