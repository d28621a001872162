# SPDX-License-Identifier: Apache-2.0
"""The flavors of the groups of stacks, as the engines have read them last."""

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import room


@session.reader
def get_all(ctx):
    """Each room.Flavor that is known, by the id of the stack and the cloud."""
    member = models.Member
    query = sa.select(
        member.stack_id, member.cloud, member.flavor_cores, member.flavor_ram
    ).where(member.flavor_cores.is_not(None))
    return {
        (stack_id, cloud): room.Flavor(*sizes)
        for stack_id, cloud, *sizes in ctx.session.execute(query)
    }


@session.reader
def find_unread(ctx, cloud, before, limit):
    """The members in a cloud whose flavor must be read, or read again.

    Those that were never read come first, then those of long ago.

    :param before: what was read earlier than this is read again
    :returns: rows of stack_id, stack_name, heat_id and count_parameter
    """
    member = models.Member
    query = (
        sa.select(
            member.stack_id,
            member.stack_name,
            member.heat_id,
            models.Stack.count_parameter,
        )
        .join(models.Stack)
        .where(
            member.cloud == cloud,
            member.heat_id.is_not(None),
            sa.or_(
                member.flavor_read_at.is_(None),
                member.flavor_read_at < before,
                member.flavor_heat_id != member.heat_id,
            ),
        )
        # Databases sort NULL in different ways.
        .order_by(
            member.flavor_read_at.is_not(None),
            member.flavor_read_at,
            member.stack_id,
        )
        .limit(limit)
    )
    return ctx.session.execute(query).all()


@session.writer
def save(ctx, cloud, member, values):
    """Write what was read of a member, if it still has that Heat stack.

    :param member: a row of find_unread()
    :param values: of the columns flavor..., by their names
    """
    ctx.session.execute(
        sa.update(models.Member)
        .where(
            models.Member.stack_id == member.stack_id,
            models.Member.cloud == cloud,
            models.Member.heat_id == member.heat_id,
        )
        .values({**values, 'flavor_heat_id': member.heat_id})
        .execution_options(synchronize_session=False)
    )
