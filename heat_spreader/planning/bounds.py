# SPDX-License-Identifier: Apache-2.0
"""What to do about a count that the template of a Heat stack does not allow.

Pure. Heat names the range of the parameter when it rejects an update.
"""

import datetime
import re

from heat_spreader.planning import text

_RANGE = re.compile(
    r'(\d{1,9})(?:\.0)? is out of range \(min: (\d{1,9}|None), '
    r'max: (\d{1,9}|None)\)'
)


def advice(
    cloud: str,
    count: int | None,
    rejection: str,
    retry_at: datetime.datetime | None,
) -> str:
    """Which limit keeps a member in the range, and when it is tried again.

    :param count: what the member has now
    :param rejection: why Heat rejected an update
    :returns: sentences, '' where Heat rejected it for another reason
    """
    found = _RANGE.search(rejection)
    if not found:
        return ''
    wanted = int(found[1])
    if found[3] != 'None' and wanted > int(found[3]):
        said = (
            f' Set --max {cloud}={found[3]}, and the other clouds get the '
            'rest, or correct the range in the template.'
        )
    elif found[2] != 'None' and wanted < int(found[2]):
        said = (
            f' Set --min {cloud}={found[2]}, or correct the range in the '
            'template.'
        )
    else:
        return ''
    # The engine does not try again to shrink it.
    if retry_at and wanted > (count or 0):
        said += f' The next attempt is at {text.time(retry_at)}.'
    return said
