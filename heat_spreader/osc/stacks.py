# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack create, delete, list, set and show."""

import itertools

from osc_lib import exceptions
from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options
from heat_spreader.osc import specification

SHOWN = (
    'id',
    'name',
    'status',
    'status_reason',
    'count',
    'placed',
    'unplaced',
    'weights',
    'members',
    'count_parameter',
    'stack_name',
    'failover',
    'failback',
    'paused',
    'generation',
    'observed_generation',
    'project_id',
    'user_id',
    'created_at',
    'updated_at',
)
LISTED = ('id', 'name', 'status', 'count', 'placed', 'weights')
LISTED_LONG = (
    *LISTED,
    'status_reason',
    'stack_name',
    'count_parameter',
    'failover',
    'failback',
    'paused',
    'project_id',
    'created_at',
    'updated_at',
)
FORMATTERS = {'weights': columns.Weights, 'members': columns.Members}


def _row(stack, fields):
    return columns.known(
        utils.get_item_properties(stack, fields, formatters=FORMATTERS)
    )


class CreateStack(command.Waiting, command.ShowOne):
    """Create a stack: manage Heat stacks in several clouds as one"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'name', metavar='<name>', help='Name of the new stack'
        )
        specification.add_options(
            parser,
            required=True,
            weight_help='The part of the total for a cloud, from 0 to 1; the '
            'sum is at most 1. 0 makes the cloud a standby',
        )
        parser.add_argument(
            '--pause',
            dest='paused',
            action='store_true',
            default=None,
            help='Create the stack paused: nothing is changed in the clouds '
            'until it is resumed',
        )
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.create_stack(
            **specification.attributes(parsed_args)
        )
        stack = self.wait(stack, parsed_args)
        return SHOWN, _row(stack, SHOWN)


class DeleteStack(command.Command):
    """Delete stacks; the Heat stacks in the clouds stay as they are"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stacks',
            metavar='<stack>',
            nargs='+',
            help='Stacks to delete (name or ID)',
        )
        return parser

    def take_action(self, parsed_args):
        failed = sum(not self._delete(stack) for stack in parsed_args.stacks)
        if failed:
            raise exceptions.CommandError(
                f'{failed} of {len(parsed_args.stacks)} stacks failed to '
                'delete.'
            )

    def _delete(self, name_or_id):
        try:
            stack = self.client.find_stack(name_or_id)
            self.client.delete_stack(stack, ignore_missing=False)
        except Exception as exc:
            self.log.error(
                "Failed to delete the stack '%s': %s",
                name_or_id,
                command.sentence(exc),
            )
            return False
        return True


class ListStack(command.Lister):
    """List stacks"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            '--long', action='store_true', help='List additional fields'
        )
        parser.add_argument(
            '--all-projects',
            action='store_true',
            default=None,
            help='List the stacks of all projects (administrators only)',
        )
        parser.add_argument(
            '--name', metavar='<name>', help='List only stacks with this name'
        )
        parser.add_argument(
            '--status',
            metavar='<status>',
            type=str.upper,
            help='List only stacks with this status, such as DEGRADED',
        )
        parser.add_argument(
            '--cloud',
            metavar='<cloud>',
            help='List only stacks with a weight for this cloud',
        )
        parser.add_argument(
            '--sort',
            metavar='<key>[:<direction>]',
            type=options.sort,
            help='Sort by created_at (the default), updated_at, name, status '
            'or count, asc (the default) or desc',
        )
        parser.add_argument(
            '--limit',
            metavar='<count>',
            type=options.positive,
            help='The maximum number of stacks to list (default: all)',
        )
        parser.add_argument(
            '--marker',
            metavar='<id>',
            help='List the stacks after the one with this ID',
        )
        return parser

    def take_action(self, parsed_args):
        sort_key, sort_dir = parsed_args.sort or (None, None)
        query = {
            'all_projects': parsed_args.all_projects,
            'name': parsed_args.name,
            'status': parsed_args.status,
            'cloud': parsed_args.cloud,
            'sort_key': sort_key,
            'sort_dir': sort_dir,
            'limit': parsed_args.limit,
            'marker': parsed_args.marker,
        }
        stacks = itertools.islice(
            self.client.stacks(
                **{
                    key: value
                    for key, value in query.items()
                    if value is not None
                }
            ),
            parsed_args.limit,
        )
        fields = LISTED_LONG if parsed_args.long else LISTED
        return columns.titles(fields), (
            _row(stack, fields) for stack in stacks
        )


class SetStack(command.Waiting, command.Command):
    """Update a stack; only the given options are changed"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to update (name or ID)'
        )
        parser.add_argument(
            '--name', metavar='<name>', help='New name of the stack'
        )
        specification.add_options(
            parser,
            required=False,
            weight_help='The part of the total for a cloud, from 0 to 1. The '
            'given weights replace ALL weights: clouds that are not named are '
            'removed from the stack. Use "weight set" to change the weight of '
            'one cloud and keep the others',
        )
        pausing = parser.add_mutually_exclusive_group()
        pausing.add_argument(
            '--pause',
            dest='paused',
            action='store_true',
            default=None,
            help='Pause the stack: nothing is changed in the clouds until it '
            'is resumed',
        )
        pausing.add_argument(
            '--resume',
            dest='paused',
            action='store_false',
            default=None,
            help='Resume a paused stack',
        )
        parser.add_argument(
            '--failback-now',
            action='store_true',
            default=None,
            help='Give the clouds that wait for failback their weights back',
        )
        parser.add_argument(
            '--retry-capacity',
            action='store_true',
            default=None,
            help='Try now whether the clouds that are full have room again, '
            'for example after a quota was raised',
        )
        self.add_wait_options(parser)
        return parser

    def take_action(self, parsed_args):
        attributes = specification.attributes(parsed_args)
        if parsed_args.failback_now:
            attributes['failback_now'] = True
        if parsed_args.retry_capacity:
            attributes['retry_capacity'] = True
        if not attributes:
            raise exceptions.CommandError(
                'Nothing to update: at least one option is required.'
            )
        found = self.client.find_stack(parsed_args.stack)
        # By its id: the SDK sends only the values that differ from those of
        # a resource, and what is read here may be old.
        stack = self.client.update_stack(found.id, **attributes)
        self.wait(stack, parsed_args)


class ShowStack(command.ShowOne):
    """Show a stack with its members"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to show (name or ID)'
        )
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        return SHOWN, _row(stack, SHOWN)
