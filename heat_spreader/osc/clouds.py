# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud cloud list and show."""

from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command

LISTED = ('name', 'state', 'stacks', 'since', 'checked_at', 'reason')
SHOWN = (*LISTED, 'failures', 'successes')


def _row(cloud, fields):
    return columns.known(utils.get_item_properties(cloud, fields))


class ListCloud(command.Lister):
    """List the clouds that can be given a weight, and their health"""

    def take_action(self, parsed_args):
        return columns.titles(LISTED), (
            _row(cloud, LISTED) for cloud in self.client.clouds()
        )


class ShowCloud(command.ShowOne):
    """Show a cloud and its health"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        parser.add_argument(
            'cloud', metavar='<cloud>', help='Name of the cloud'
        )
        return parser

    def take_action(self, parsed_args):
        cloud = self.client.find_cloud(parsed_args.cloud)
        return SHOWN, _row(cloud, SHOWN)
