# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud stack event list."""

import itertools

from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command
from heat_spreader.osc import options

LISTED = ('id', 'created_at', 'kind', 'cloud', 'message')
LISTED_LONG = (*LISTED, 'request_id')


class ListEvent(command.Lister):
    """List the events of a stack and of its clouds, oldest first"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'stack', metavar='<stack>', help='Stack (name or ID)'
        )
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
        return parser

    def take_action(self, parsed_args):
        query = {'limit': parsed_args.limit, 'marker': parsed_args.marker}
        events = itertools.islice(
            self.client.events(
                self.client.find_stack(parsed_args.stack),
                **{key: value for key, value in query.items() if value},
            ),
            parsed_args.limit,
        )
        fields = LISTED_LONG if parsed_args.long else LISTED
        return columns.titles(fields), (
            columns.known(utils.get_item_properties(event, fields))
            for event in events
        )
