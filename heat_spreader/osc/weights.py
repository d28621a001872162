# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack weight list, set and unset."""

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options

FIELDS = (
    'cloud',
    'weight',
    'effective_weight',
    'target',
    'count',
    'ready',
    'state',
)


def _add_stack(parser):
    parser.add_argument('stack', metavar='<stack>', help='Stack (name or ID)')


def _add_cloud(parser):
    parser.add_argument('cloud', metavar='<cloud>', help='Name of the cloud')


class ListWeight(command.Lister):
    """List the weight of each cloud in a stack, and what came of it"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        return columns.titles(FIELDS), [_row(m) for m in stack.members]


def _row(member):
    return columns.known(
        columns.Weight(member[field]) if 'weight' in field else member[field]
        for field in FIELDS
    )


class SetWeight(command.Waiting, command.Command):
    """Set the weight of one cloud; the other weights stay as they are"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        _add_cloud(parser)
        parser.add_argument(
            '--weight',
            metavar='<weight>',
            type=options.weight,
            required=True,
            help='The part of the total that the cloud gets, 0 to 1; 0 is a '
            'standby, which gets its part of the weight of a cloud that '
            'cannot serve',
        )
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.set_weight(
            self.client.find_stack(parsed_args.stack),
            parsed_args.cloud,
            parsed_args.weight,
        )
        self.wait(stack, parsed_args)


class UnsetWeight(command.Command):
    """Take a cloud out of a stack; the stack in that cloud stays as it is"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        _add_cloud(parser)
        return parser

    def take_action(self, parsed_args):
        self.client.unset_weight(
            self.client.find_stack(parsed_args.stack), parsed_args.cloud
        )
