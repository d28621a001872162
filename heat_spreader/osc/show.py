# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack show and list."""

import itertools

from openstack import exceptions as sdk_exceptions
from osc_lib import utils

from heat_spreader.osc import brief
from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options
from heat_spreader.osc import page
from heat_spreader.osc import readiness
from heat_spreader.osc import summary
from heat_spreader.osc import tables
from heat_spreader.osc import terminal
from heat_spreader.osc import watch
from heat_spreader.osc import when

# The number of happenings on the page of a stack, and of the events read.
_HAPPENINGS = 5
_EVENTS = 50
SHOWN = (
    'id',
    'name',
    'status',
    'status_reason',
    'count',
    'placed',
    'unplaced',
    'readiness',
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
LISTED = (
    'id',
    'name',
    'status',
    'count',
    'placed',
    'weights',
    'status_reason',
    'readiness',
    'stack_name',
    'count_parameter',
    'failover',
    'failback',
    'paused',
    'project_id',
    'created_at',
    'updated_at',
)
FORMATTERS = {
    'weights': columns.Weights,
    'members': columns.Members,
    'readiness': readiness.Readiness,
}


def read_clouds(client):
    """The clouds that the caller may see, by name."""
    try:
        return {cloud.name: cloud for cloud in client.clouds()}
    except sdk_exceptions.ForbiddenException:
        # What is said of the stack is worth showing without them.
        return {}


class StackPage(command.Silence, command.ShowOne):
    """Shows a stack: on a page for people, as data for programs."""

    # What the page is made of, None where something else is shown.
    _parts = None

    def show(self, stack, parsed_args, with_events=False):
        """The columns and the values; a page is printed instead of them.

        :param with_events: whether the page has the last events
        """
        clouds, happened = read_clouds(self.client), []
        if not getattr(parsed_args, 'wait', False):
            # Who waits has read it before.
            self.warn_of_silence(clouds.values())
        if with_events and self._is_page(parsed_args):
            found = self.client.events(stack, limit=_EVENTS)
            events = list(itertools.islice(found, _EVENTS))[::-1]
            happened = summary.summarize(events)[-_HAPPENINGS:]
        self._parts = stack, clouds, happened
        values = utils.get_item_properties(stack, SHOWN, formatters=FORMATTERS)
        return SHOWN, columns.known(values)

    def produce_output(self, parsed_args, column_names, data):
        """Print the page, or what the framework prints."""
        if self._parts is None or not self._is_page(parsed_args):
            return super().produce_output(parsed_args, column_names, data)
        width = (
            parsed_args.max_width
            or terminal.width(self.app.stdout)
            or terminal.NARROW
        )
        for line in page.render(*self._parts, width):
            self.app.stdout.write(f'{line}\n')
        return 0

    @staticmethod
    def _is_page(parsed_args):
        return parsed_args.formatter == 'table' and not parsed_args.columns


class ShowStack(watch.Watching, StackPage):
    """Show a stack: what is wrong, what is done, and what comes next"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack to show (name or ID)'
        )
        self.add_watch_option(parser)
        return parser

    def take_action(self, parsed_args):
        """The columns and the values."""
        stack = self.client.find_stack(parsed_args.stack)
        return self.show(stack, parsed_args, with_events=True)

    def lines(self, parsed_args):
        """The status of the stack and of each member."""
        stack = self.client.find_stack(parsed_args.stack)
        clouds = read_clouds(self.client)
        members = {
            f'{stack.name} in {m["cloud"]}': columns.progress(m)
            + f', {m["state"]}'
            + _after_comma(brief.of_member(m, clouds.get(m['cloud'])))
            for m in stack.members
        }
        status = f'{stack.status}, {brief.ready(stack)} ready'
        return {
            stack.name: status,
            **members,
            **command.silence_line(clouds.values()),
        }


class ListStack(watch.Watching, command.Silence, tables.Lister):
    """List stacks"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        self.add_long(parser)
        self.add_watch_option(parser)
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
            '--survives',
            choices=['yes', 'no'],
            help='List only stacks that survive the loss of any one cloud, or '
            'only those that do not',
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
        """The columns and the rows."""
        clouds = read_clouds(self.client)
        self.warn_of_silence(clouds.values())
        stacks = self._read(parsed_args)
        project = [('Project', lambda stack: f'{stack.project_id[:8]}..')]
        short = [
            *(project if parsed_args.all_projects else []),
            ('Name', lambda stack: stack.name),
            ('Status', lambda stack: stack.status),
            ('Ready', brief.ready),
            ('Reason', lambda stack: brief.of_stack(stack, clouds)),
            ('Age', lambda stack: when.age(stack.created_at)),
        ]
        return self.show(parsed_args, stacks, short, LISTED, FORMATTERS)

    def lines(self, parsed_args):
        """The status of each stack, by its name."""
        clouds = read_clouds(self.client)
        found = {
            stack.name: f'{stack.status}, {brief.ready(stack)} ready'
            + _after_comma(brief.of_stack(stack, clouds))
            for stack in self._read(parsed_args)
        }
        return {**found, **command.silence_line(clouds.values())}

    def _read(self, parsed_args):
        sort_key, sort_dir = parsed_args.sort or (None, None)
        query = {
            'all_projects': parsed_args.all_projects,
            'name': parsed_args.name,
            'status': parsed_args.status,
            'survives': {'yes': True, 'no': False}.get(parsed_args.survives),
            'cloud': parsed_args.cloud,
            'sort_key': sort_key,
            'sort_dir': sort_dir,
            'limit': parsed_args.limit,
            'marker': parsed_args.marker,
        }
        given = {k: v for k, v in query.items() if v is not None}
        found = self.client.stacks(**given)
        return list(itertools.islice(found, parsed_args.limit))


def _after_comma(text):
    return f', {text}' if text else ''
