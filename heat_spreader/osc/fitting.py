# SPDX-License-Identifier: Apache-2.0
"""Texts and columns that fit a number of characters. Pure."""

import textwrap

# A column is not made narrower than its title, nor than that. Words of up to
# _WORD characters stay whole if there is room.
LEAST = 10
_WORD = 24


def longest(text):
    """The length of the longest line."""
    return max(map(len, text.splitlines()), default=0)


def widths(titles, rows, room):
    """The widths of the columns; None if they cannot fit.

    The widest column is made narrower first, so that names stay whole and
    long reasons are wrapped.

    :param rows: the texts of each row, which may have several lines
    :param room: the characters for all columns together
    """
    columns = list(zip(titles, *rows, strict=True))
    sizes = [max(map(longest, column)) for column in columns]
    for most in range(_WORD, LEAST - 1, -1):
        floors = [
            max(len(title), min(most, _longest_word(column)))
            for title, *column in columns
        ]
        if sum(floors) <= room:
            return _narrowed(sizes, floors, room)
    return None


def _longest_word(texts):
    return max((len(w) for text in texts for w in text.split()), default=0)


def _narrowed(sizes, floors, room):
    """The widths, of which the largest are made smaller."""
    while sum(sizes) > room:
        wider = [i for i, floor in enumerate(floors) if sizes[i] > floor]
        sizes[max(wider, key=sizes.__getitem__)] -= 1
    return sizes


def lines(text, width, indent=''):
    """The lines of a text, the long ones wrapped.

    :param indent: of what follows on the next line
    """
    return [
        part
        for line in text.splitlines() or ['']
        for part in textwrap.wrap(
            line, width, subsequent_indent=indent, break_on_hyphens=False
        )
        or ['']
    ]
