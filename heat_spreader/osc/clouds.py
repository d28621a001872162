# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud cloud list, set, show and unset."""

import re
import textwrap

from osc_lib import exceptions
from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import orders
from heat_spreader.osc import readiness
from heat_spreader.osc import tables
from heat_spreader.osc import watch
from heat_spreader.osc import when

SHOWN = (
    'name',
    'state',
    'reason',
    'since',
    'checked_at',
    'answered_at',
    'failures',
    'failures_needed',
    'successes',
    'successes_needed',
    'engine_reported_at',
    'engine_silent',
    'stacks',
    'limits',
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
    'answered_at',
    'reason',
)
_FORMATS = {'planned': columns.Use, 'limits': readiness.Limits}
_ADDRESS = re.compile(r'https?://\S+ ')
# So much of a reason is in a list; "cloud show" has all of it.
_MOST = 60


def _orders(cloud):
    orders = []
    if cloud.admin_state != 'ENABLED':
        orders.append(cloud.admin_state)
    if cloud.declared:
        orders.append(f'declared {cloud.declared}')
    if cloud.planned:
        begin = when.until(cloud.planned['from'])
        orders.append(f'{cloud.planned["admin_state"]} in {begin or "0s"}')
    return ', '.join(orders)


def _checked(cloud):
    return f'{when.age(cloud.checked_at)} ago' if cloud.checked_at else 'never'


def _reason(cloud):
    if cloud.state == 'SUSPECT':
        return f'no answer ({cloud.failures} of {cloud.failures_needed})'
    # The name and the state are in the columns before, the address in "show".
    text = cloud.reason.removeprefix(f"The cloud '{cloud.name}' ")
    text = _ADDRESS.sub('', text)
    return textwrap.shorten(text, _MOST, placeholder=' ...')


_SHORT = (
    ('Name', lambda cloud: cloud.name),
    ('State', lambda cloud: cloud.state),
    ('For', lambda cloud: cloud.since and when.age(cloud.since)),
    ('Orders', _orders),
    ('Stacks', lambda cloud: cloud.stacks),
    ('Checked', _checked),
    ('Reason', _reason),
)


def _row(cloud, fields):
    return columns.known(
        utils.get_item_properties(cloud, fields, formatters=_FORMATS)
    )


def _add_cloud(parser):
    parser.add_argument('cloud', metavar='<cloud>', help='Name of the cloud')


class ListCloud(watch.Watching, command.Silence, tables.Lister):
    """List the clouds that can be given a weight, and their health"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        self.add_long(parser)
        self.add_watch_option(parser)
        return parser

    def take_action(self, parsed_args):
        """The columns and the rows."""
        clouds = list(self.client.clouds())
        self.warn_of_silence(clouds)
        return self.show(parsed_args, clouds, _SHORT, LISTED, _FORMATS)

    def lines(self, parsed_args):
        """The state of each cloud, by its name."""
        clouds = list(self.client.clouds())
        found = {
            cloud.name: ', '.join(
                filter(None, [cloud.state, _orders(cloud), _reason(cloud)])
            )
            for cloud in clouds
        }
        return {**found, **command.silence_line(clouds)}


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
