# SPDX-License-Identifier: Apache-2.0
"""Lists that are short for people, and complete for programs."""

from osc_lib import utils

from heat_spreader.osc import columns
from heat_spreader.osc import command


class Lister(command.Lister):
    """A list: a few columns in a table, all of them elsewhere.

    Elsewhere is with --long, in every format for programs, and where a column
    is asked for that the few do not have.
    """

    def add_long(self, parser, text='List all fields, and times in full'):
        """Add --long."""
        parser.add_argument('--long', action='store_true', help=text)

    def is_short(self, parsed_args, titles):
        """Whether the few columns are enough."""
        wanted = {name.lower() for name in parsed_args.columns}
        return (
            parsed_args.formatter == 'table'
            and not parsed_args.long
            and wanted <= {title.lower() for title in titles}
        )

    def show(self, parsed_args, rows, short, fields, formatters=None):
        """The columns and the rows.

        :param short: the few columns: pairs of a title and what makes a cell
            of a row
        :param fields: the names of all fields
        """
        titles = [title for title, _ in short]
        if self.is_short(parsed_args, titles):
            return titles, [
                columns.known(make(row) for _, make in short) for row in rows
            ]
        return columns.titles(fields), [
            columns.known(
                utils.get_item_properties(
                    row, fields, formatters=formatters or {}
                )
            )
            for row in rows
        ]
