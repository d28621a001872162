# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud engine list."""

from heat_spreader.osc import tables
from heat_spreader.osc import when

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


_SHORT = (
    ('Host', lambda engine: engine.host),
    ('Version', lambda engine: engine.version),
    ('Alive', lambda engine: engine.alive),
    ('Heartbeat', lambda engine: f'{when.age(engine.heartbeat_at)} ago'),
    ('Clouds', lambda engine: engine.clouds),
    ('Stacks', lambda engine: engine.stacks),
    ('Age', lambda engine: when.age(engine.started_at)),
)


class ListEngine(tables.Lister):
    """List the engines and what they hold now (administrators only)

    An engine without a recent heartbeat is not alive: the other engines take
    over its clouds and stacks.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        self.add_long(parser)
        return parser

    def take_action(self, parsed_args):
        return self.show(parsed_args, self.client.engines(), _SHORT, LISTED)
