# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud cloud list, set, show and unset."""

from osc_lib import exceptions
from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import orders

LISTED = (
    'name',
    'state',
    'admin_state',
    'admin_until',
    'declared',
    'declared_since',
    'declared_until',
    'declared_by',
    'stacks',
    'since',
    'checked_at',
    'reason',
)
SHOWN = (
    'name',
    'state',
    'reason',
    'since',
    'checked_at',
    'failures',
    'successes',
    'stacks',
    'admin_state',
    'admin_since',
    'admin_until',
    'admin_reason',
    'admin_by',
    'drill',
    'planned',
    'declared',
    'declared_since',
    'declared_until',
    'declared_reason',
    'declared_by',
    'full_since',
    'full_until',
    'full_reason',
)
_FORMATS = {'planned': columns.Use}


def _row(cloud, fields):
    return columns.known(
        utils.get_item_properties(cloud, fields, formatters=_FORMATS)
    )


def _add_cloud(parser):
    parser.add_argument('cloud', metavar='<cloud>', help='Name of the cloud')


class ListCloud(command.Lister):
    """List the clouds that can be given a weight, and their health"""

    def take_action(self, parsed_args):
        return columns.titles(LISTED), (
            _row(cloud, LISTED) for cloud in self.client.clouds()
        )


class ShowCloud(command.ShowOne):
    """Show a cloud, its health, and what is ordered for it"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_cloud(parser)
        return parser

    def take_action(self, parsed_args):
        cloud = self.client.find_cloud(parsed_args.cloud)
        return SHOWN, _row(cloud, SHOWN)


class SetCloud(command.Waiting, command.Command):
    """Order how a cloud is used, or declare its state (administrators only)

    An order replaces the one before. It ends by itself at --until or after
    --for; with --from it begins later, and "cloud unset --planned" cancels it
    until then.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_cloud(parser)
        change = parser.add_mutually_exclusive_group(required=True)
        orders.add_states(change, 'The cloud')
        change.add_argument(
            '--declare',
            choices=['up', 'down'],
            help='The cloud is up or down, whatever the surveys find: down '
            'spreads its weight over the others now, up holds what it has '
            'through an outage',
        )
        orders.add_times(
            parser, 'When it begins (default: now; not for --declare)'
        )
        parser.add_argument(
            '--drill',
            action='store_true',
            default=None,
            help='With --drain: the drain is an exercise, and must have an '
            'end',
        )
        orders.add_force(parser)
        self.add_wait_options(
            parser,
            'With --drain: show what is still there, and wait until the '
            'cloud is drained; fail if the drain is ended before',
        )
        return parser

    def take_action(self, parsed_args):
        if parsed_args.wait and (
            parsed_args.admin_state != 'DRAINING'
            or orders.is_planned(parsed_args)
        ):
            raise exceptions.CommandError(
                '--wait is only for a --drain that begins now.'
            )
        declared = parsed_args.declare
        cloud = self.client.update_cloud(
            parsed_args.cloud,
            **orders.body(
                parsed_args,
                admin_state=parsed_args.admin_state,
                declared=declared and declared.upper(),
                drill=parsed_args.drill,
                force=parsed_args.force,
            ),
        )
        if parsed_args.wait:
            self.wait_for_drain(cloud, parsed_args)


class UnsetCloud(command.Command):
    """End what is declared or planned for a cloud (administrators only)"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        _add_cloud(parser)
        change = parser.add_mutually_exclusive_group(required=True)
        for option, field, text in (
            ('declare', 'declared', 'The cloud is again what surveys find'),
            ('planned', 'planned', 'Cancel what is planned for later'),
        ):
            change.add_argument(
                f'--{option}',
                dest='field',
                action='store_const',
                const=field,
                help=text,
            )
        return parser

    def take_action(self, parsed_args):
        self.client.update_cloud(
            parsed_args.cloud, **{parsed_args.field: None}
        )
