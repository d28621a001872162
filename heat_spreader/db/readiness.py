# SPDX-License-Identifier: Apache-2.0
"""Which stacks would survive the loss of a cloud, as passes wrote it."""

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import session


@session.reader
def outdated(ctx, cloud, frozen, if_lost):
    """The ids of stacks in a cloud that are written as for another freeze.

    :param frozen: whether everything is frozen
    :param if_lost: whether everything would be if the cloud were lost
    """
    member = models.Member
    wrong = member.frozen_without.is_not(if_lost)
    if if_lost:
        # The loss of a cloud that has nothing of a stack does not matter.
        wrong = sa.and_(wrong, member.count > 0)
    if not frozen:
        wrong = sa.or_(wrong, models.Stack.status == states.StackStatus.FROZEN)
    query = (
        sa.select(models.Stack.id)
        .join(member)
        .where(
            member.cloud == cloud,
            models.Stack.survives.is_not(None),
            models.Stack.paused.is_(False),
            wrong,
        )
    )
    return set(ctx.session.scalars(query))


@session.reader
def find_ids(ctx, cloud=None):
    """The ids of all stacks, or of those with a member in a cloud."""
    query = sa.select(models.Stack.id)
    if cloud is not None:
        query = sa.select(models.Member.stack_id).where(
            models.Member.cloud == cloud
        )
    return ctx.session.scalars(query).all()
