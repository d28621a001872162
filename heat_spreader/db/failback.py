# SPDX-License-Identifier: Apache-2.0
"""What users order about the clouds that wait for a failback."""

from heat_spreader import exception
from heat_spreader import states


def order(row):
    """Let the members that wait have their shares back, in the transaction.

    Those of clouds that are not back yet go on to be replaced, and wait then.

    :param row: the models.Stack
    :returns: the clouds that have waited
    :raises NothingWaits: if there are none
    """
    failed_over = [member for member in row.members if member.failed_over]
    waiting = [
        member
        for member in failed_over
        if member.state != states.MemberState.UNREACHABLE
    ]
    if not waiting:
        away = [member.cloud for member in failed_over]
        raise exception.NothingWaits(
            stack=row.name, away=', '.join(away) or 'none'
        )
    for member in waiting:
        member.failed_over = False
    return [member.cloud for member in waiting]


def end_needless(row):
    """Let nothing wait in a stack that no longer has manual failback.

    Without a failover there is nothing to get back either.
    """
    manual = row.failback == states.Failback.MANUAL
    if not manual or row.failover == states.Failover.NONE:
        for member in row.members:
            member.failed_over = False
