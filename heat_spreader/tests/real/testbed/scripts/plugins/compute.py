# SPDX-License-Identifier: Apache-2.0
"""Servers without a Nova: a plugin that the Heat of the testbed loads.

A server is a file in the directory ``servers`` beside heat.conf. While there
is a file ``full``, no server can be created.
"""

import pathlib

from heat.engine import constraints
from heat.engine import properties
from heat.engine import resource
from oslo_config import cfg

TEXT = properties.Schema(properties.Schema.STRING)
LIST = properties.Schema(properties.Schema.LIST)


class NoValidHost(Exception):
    """There is no room for a server."""


class Server(resource.Resource):
    """A server of Nova."""

    properties_schema = {
        'name': TEXT,
        'image': TEXT,
        'flavor': TEXT,
        'networks': LIST,
    }

    def handle_create(self):
        """Create the server if there is room."""
        if _directory().with_name('full').exists():
            raise NoValidHost('No valid host was found.')
        self.resource_id_set(self.physical_resource_name())
        _directory().mkdir(exist_ok=True)
        (_directory() / self.resource_id).touch()

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


def _directory():
    return pathlib.Path(cfg.CONF.config_file[0]).with_name('servers')
