# SPDX-License-Identifier: Apache-2.0
"""openstack multicloud witness list."""

from osc_lib import utils
from osc_lib.cli import format_columns

from heat_spreader.osc import columns
from heat_spreader.osc import tables

LISTED = ('name', 'url', 'near', 'answered_at', 'latency', 'answers')
_FORMATS = {
    'near': format_columns.ListColumn,
    'latency': columns.Seconds,
    'answers': columns.Answers,
}


class ListWitness(tables.Lister):
    """List the witnesses and what they said last (administrators only)

    A witness is asked about a cloud only if the engine cannot reach it. To ask
    all of them now, run heat-spreader-manage witness check.
    """

    def take_action(self, parsed_args):
        return columns.titles(LISTED), (
            columns.known(
                utils.get_item_properties(witness, LISTED, formatters=_FORMATS)
            )
            for witness in self.client.witnesses()
        )
