# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack event list and cloud event list."""

import itertools

from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options

LISTED = ('id', 'created_at', 'kind', 'cloud', 'message')
LISTED_LONG = (*LISTED, 'request_id')


class _ListEvent(command.Lister):
    def add_options(self, parser):
        """Add the options of every list of events."""
        parser.add_argument(
            '--long',
            action='store_true',
            help='List also the ID of the request that caused each event, '
            'which the logs have too',
        )
        parser.add_argument(
            '--limit',
            metavar='<count>',
            type=options.positive,
            help='The maximum number of events to list (default: all)',
        )
        parser.add_argument(
            '--marker',
            metavar='<id>',
            help='List the events after the one with this ID',
        )

    def show(self, events, of, parsed_args):
        """The columns and rows of events.

        :param events: lists those of a stack or a cloud
        """
        query = {'limit': parsed_args.limit, 'marker': parsed_args.marker}
        given = {key: value for key, value in query.items() if value}
        found = itertools.islice(events(of, **given), parsed_args.limit)
        fields = LISTED_LONG if parsed_args.long else LISTED
        return columns.titles(fields), (
            columns.known(utils.get_item_properties(event, fields))
            for event in found
        )


class ListEvent(_ListEvent):
    """List the events of a stack and of its clouds, oldest first"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack (name or ID)'
        )
        self.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        stack = self.client.find_stack(parsed_args.stack)
        return self.show(self.client.events, stack, parsed_args)


class ListCloudEvent(_ListEvent):
    """List the events of a cloud, oldest first (administrators only)

    After a drill they are its report.
    """

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'cloud', metavar='<cloud>', help='Name of the cloud'
        )
        self.add_options(parser)
        return parser

    def take_action(self, parsed_args):
        return self.show(
            self.client.cloud_events, parsed_args.cloud, parsed_args
        )
