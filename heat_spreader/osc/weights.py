# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack weight list, set and unset."""

from osc_lib import exceptions

from heat_spreader.osc import brief
from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options
from heat_spreader.osc import orders
from heat_spreader.osc import page
from heat_spreader.osc import preview
from heat_spreader.osc import show
from heat_spreader.osc import staying
from heat_spreader.osc import tables

FIELDS = (
    'cloud',
    'weight',
    'effective_weight',
    'target',
    'count',
    'ready',
    'state',
    'admin_state',
)


def _add_stack(parser):
    parser.add_argument('stack', metavar='<stack>', help='Stack (name or ID)')


def _add_cloud(parser):
    parser.add_argument('cloud', metavar='<cloud>', help='Name of the cloud')


class ListWeight(tables.Lister):
    """List the weights of a stack, and the resulting counts"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        self.add_long(parser, 'List all fields')
        return parser

    def take_action(self, parsed_args):
        members = self.client.find_stack(parsed_args.stack).members
        if not self.is_short(parsed_args, page.HEADS):
            return columns.titles(FIELDS), [_row(m) for m in members]
        clouds = show.read_clouds(self.client)
        return page.HEADS, [
            page.row(m, clouds.get(m['cloud'])) for m in members
        ]


def _row(member):
    kinds = {
        'weight': columns.Weight,
        'effective_weight': columns.Weight,
        'ready': columns.Ready,
    }
    if brief.is_unread(member):
        # As in "stack show": it is not about to be removed.
        kinds['target'] = columns.Unasked
        kinds['count'] = kinds['ready'] = columns.LastKnown
    return columns.known(
        kinds[field](member[field]) if field in kinds else member[field]
        for field in FIELDS
    )


class SetWeight(preview.DryRun, command.Waiting, command.ShowOne):
    """Set the weight of one cloud, or how the stack uses it

    The other weights are not changed. An order for the stack alone is the same
    as that of an administrator for the cloud; the stricter one counts.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        _add_cloud(parser)
        weight = parser.add_mutually_exclusive_group(required=True)
        weight.add_argument(
            'number',
            metavar='<weight>',
            type=options.weight,
            nargs='?',
            help='The part of the total for the cloud, from 0 to 1. 0 makes '
            'it a standby, which gets instances only when another cloud '
            'cannot serve',
        )
        weight.add_argument(
            '--weight',
            metavar='<weight>',
            type=options.weight,
            help='The same as an option',
        )
        orders.add_states(weight, 'The part of the stack in this cloud')
        orders.add_times(parser)
        orders.add_force(parser)
        self.add_dry_run(parser)
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        changes = self._changes(stack, parsed_args)
        if self.is_dry_run(parsed_args):
            return self.preview(stack, changes)
        if parsed_args.admin_state:
            # By its id, as in "stack set".
            stack = self.client.update_stack(stack.id, **changes)
        else:
            stack = self._set_weight(stack, parsed_args)
        self.wait(stack, parsed_args)
        return preview.NOTHING

    def _changes(self, stack, parsed_args):
        """The attributes of the stack that are changed."""
        cloud = parsed_args.cloud
        order = orders.body(parsed_args, admin_state=parsed_args.admin_state)
        if parsed_args.admin_state:
            force = {'force': True} if parsed_args.force else {}
            return {'members': {cloud: order}, **force}
        if order or parsed_args.force:
            raise exceptions.CommandError(
                '--from, --until, --for, --reason and --force belong to '
                '--cordon, --drain or --enable.'
            )
        return {'weights': stack.weights | {cloud: _weight(parsed_args)}}

    def _set_weight(self, stack, parsed_args):
        stack = self.client.set_weight(
            stack, parsed_args.cloud, _weight(parsed_args)
        )
        if stack.placed < stack.count:
            weight = columns.plain(sum(stack.weights.values()))
            self.app.stderr.write(
                f'{stack.placed} of {stack.count}: the weights add up to '
                f'{weight}.\n'
            )
        return stack


def _weight(parsed_args):
    """The weight, which is an argument or an option."""
    if parsed_args.weight is None:
        return parsed_args.number
    return parsed_args.weight


class UnsetWeight(command.Command):
    """Remove a cloud from a stack; the Heat stack there stays as it is"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_stack(parser)
        _add_cloud(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        self.client.unset_weight(stack, parsed_args.cloud)
        left = [m for m in stack.members if m['cloud'] == parsed_args.cloud]
        self.app.stdout.write(
            f'{parsed_args.cloud} left the stack; {staying.sentence(left)}.\n'
        )
