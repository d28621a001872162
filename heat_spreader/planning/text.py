# SPDX-License-Identifier: Apache-2.0
"""Parts of the sentences that explain a state to people."""

import datetime
import re

# How a message of a cloud begins, where the sentence before says the same.
_BEGINNING = re.compile(
    r"(The cloud '[^']*' (cannot be reached|rejected the engine's "
    r"credentials)|Heat in '[^']*' rejected the request): "
)


def time(moment: datetime.datetime | None) -> str:
    """A time in UTC to the second: 2026-01-31 12:00:00 UTC."""
    if moment is None:
        return 'an unknown time'
    # It is written into the reason of each member: strftime takes ten times
    # as long.
    utc = moment.astimezone(datetime.UTC).replace(tzinfo=None)
    return f'{utc.isoformat(" ", "seconds")} UTC'


def join(words: list[str]) -> str:
    """The words as a list in a sentence."""
    *rest, last = words
    return f'{", ".join(rest)} and {last}' if rest else last


def cause(reason: str) -> str:
    """The reason without what a sentence that ends with it has said.

    "cairo has been unreachable since ...: cannot be reached: timeout" says
    one thing twice.
    """
    found = _BEGINNING.match(reason)
    return reason[found.end() :] if found else reason
