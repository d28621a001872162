# SPDX-License-Identifier: Apache-2.0
"""The limits in an answer of Nova. Pure."""

from heat_spreader.planning import room


def parse(body):
    """Return each room.Limit of the body of GET /limits, by name.

    :raises ValueError: if the body has not all of them
    """
    try:
        absolute = body['limits']['absolute']
        found = {
            name: (absolute[maximum], absolute[used])
            for name, (maximum, used) in room.NAMES.items()
        }
    except (KeyError, TypeError):
        raise ValueError('it has not all limits') from None
    if not all(type(n) is int for pair in found.values() for n in pair):
        raise ValueError('a limit is not a whole number')
    return {
        # -1 is no limit.
        name: room.Limit(used, None if maximum < 0 else maximum)
        for name, (maximum, used) in found.items()
    }
