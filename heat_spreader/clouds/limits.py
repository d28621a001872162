# SPDX-License-Identifier: Apache-2.0
"""The limits in an answer of Nova. Pure."""

from heat_spreader.planning import room

# More than this is no number in all JSON parsers.
_MAX = 2**53 - 1


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
    for number in (n for pair in found.values() for n in pair):
        if type(number) is not int:
            raise ValueError('a limit is not a whole number')
        if abs(number) > _MAX:
            raise ValueError('a limit is out of range')
    return {
        # -1 is no limit.
        name: room.Limit(used, None if maximum < 0 else maximum)
        for name, (maximum, used) in found.items()
    }
