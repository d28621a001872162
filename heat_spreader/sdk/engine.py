# SPDX-License-Identifier: Apache-2.0
"""An engine process of the service."""

from openstack import resource


class Engine(resource.Resource):
    resources_key = 'engines'
    base_path = '/engines'
    _max_microversion = '1.0'

    allow_list = True

    #: The host that it runs on.
    host = resource.Body('host')
    #: The version of Heat Spreader that it runs.
    version = resource.Body('version')
    #: When it started.
    started_at = resource.Body('started_at')
    #: When it wrote its last heartbeat.
    heartbeat_at = resource.Body('heartbeat_at')
    #: Whether that was recent enough.
    alive = resource.Body('alive', type=bool)
    #: How many clouds it surveys now.
    clouds = resource.Body('clouds', type=int)
    #: How many stacks it is updating now.
    stacks = resource.Body('stacks', type=int)
