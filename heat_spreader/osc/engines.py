# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud engine list."""

from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command

LISTED = (
    'id',
    'host',
    'version',
    'started_at',
    'heartbeat_at',
    'alive',
    'clouds',
    'stacks',
)


class ListEngine(command.Lister):
    """List the engines and what they hold now (administrators only)

    An engine without a recent heartbeat is not alive: the other engines take
    over its clouds and stacks.
    """

    def take_action(self, parsed_args):
        return columns.titles(LISTED), (
            columns.known(utils.get_item_properties(engine, LISTED))
            for engine in self.client.engines()
        )
