# SPDX-License-Identifier: Apache-2.0
"""Tables that are not wider than the terminal."""

import os
import sys

from cliff import columns
from cliff.formatters import table

from heat_spreader.osc import fitting

NARROW = 80
# What a value has at least, however narrow the terminal is.
_LEAST = 16


def width(stdout):
    """The columns of the terminal; COLUMNS sets them, None for no terminal."""
    if number := os.environ.get('COLUMNS', ''):
        return int(number) if number.isdecimal() else None
    if stdout is not sys.stdout or not stdout.isatty():
        return None
    return os.get_terminal_size(stdout.fileno()).columns or None


class Table(table.TableFormatter):
    """The tables of cliff, in which long cells are wrapped.

    cliff itself keeps every column at 8 characters or more, breaks names
    before it wraps sentences, and then writes lines that are too long.
    """

    def emit_list(self, column_names, data, stdout, parsed_args):
        """Write a list; a table for each row if all columns have no room."""
        rows = [list(row) for row in data]
        texts = [[_text(cell) for cell in row] for row in rows]
        sizes = fitting.widths(
            column_names, texts, _room(parsed_args, len(column_names))
        )
        if sizes is None:
            for number, row in enumerate(rows):
                stdout.write('\n' if number else '')
                self.emit_one(column_names, row, stdout, parsed_args)
            return
        fitted = [
            [_fit(*cell) for cell in zip(row, text, sizes, strict=True)]
            for row, text in zip(rows, texts, strict=True)
        ]
        super().emit_list(column_names, fitted, stdout, parsed_args)

    def emit_one(self, column_names, data, stdout, parsed_args):
        """Write the fields of one thing."""
        names = max(map(len, column_names), default=0)
        size = max(_LEAST, _room(parsed_args, 2) - names)
        fitted = [_fit(cell, _text(cell), size, '  ') for cell in data]
        super().emit_one(column_names, fitted, stdout, parsed_args)


class Fitted:
    """A command whose tables fit the terminal."""

    def produce_output(self, parsed_args, column_names, data):
        """Print what the command shows."""
        if parsed_args.formatter == 'table':
            parsed_args.max_width = parsed_args.max_width or (
                width(self.app.stdout) or 0
            )
            if parsed_args.max_width > 0:
                self.formatter = Table()
        return super().produce_output(parsed_args, column_names, data)


def _room(parsed_args, number):
    """The characters for the cells of that many columns."""
    return parsed_args.max_width - 3 * number - 1


def _text(cell):
    if isinstance(cell, columns.FormattableColumn):
        return cell.human_readable()
    return str(cell)


def _fit(cell, text, size, indent=''):
    """The cell, wrapped if it is too wide; its type aligns the column."""
    if fitting.longest(text) <= size:
        return cell
    return '\n'.join(fitting.lines(text, size, indent))
