# SPDX-License-Identifier: Apache-2.0
"""Short ways to make stacks to plan for, and to read a plan."""

import dataclasses
import datetime
import fractions

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import specification

NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


# As an administrator gave it.
ORDER = facts.Order(NOW - 2 * MINUTE, NOW + 58 * MINUTE, 'kernel update', 'u')

HEAT_FIELDS = {field.name for field in dataclasses.fields(facts.HeatStack)}


def member(
    cloud,
    weight,
    count,
    cloud_state='UP',
    limits=(0, None),
    read=True,
    admin_state='ENABLED',
    declared=None,
    order=None,
    **known,
):
    """A member that was read and is settled, unless given otherwise.

    :param order: what the owner of the stack orders, as fields of the part
    """
    heat = {
        'id': f'id-{cloud}',
        'status': 'UPDATE_COMPLETE',
        'count': count,
        'ready': count or 0,
        **{name: known.pop(name) for name in HEAT_FIELDS & known.keys()},
    }
    return facts.Member(
        stack_id='id',
        stack_name='web',
        count_parameter='size',
        cloud=facts.Cloud(
            cloud,
            states.CloudState(cloud_state),
            NOW - MINUTE,
            'It does not answer.',
            use=facts.Use(states.AdminState(admin_state), ORDER),
            declared=declared and states.Declared(declared),
            declaration=declared and ORDER,
        ),
        part=specification.Part(
            cloud, fractions.Fraction(weight), *limits, **order or {}
        ),
        heat=facts.HeatStack(**heat) if read else None,
        **known,
    )


def stack(*members, count=10, **wanted):
    return facts.Stack(
        id='id',
        specification=specification.Specification(
            name='web',
            stack_name='web',
            count_parameter='size',
            count=count,
            parts=tuple(member.part for member in members),
            **wanted,
        ),
        members=members,
    )


def updates(planned):
    return {
        update.cloud: (update.old, update.new) for update in planned.updates
    }


def targets(planned):
    return {member.cloud: member.target for member in planned.members}


def member_states(planned):
    return {member.cloud: str(member.state) for member in planned.members}
