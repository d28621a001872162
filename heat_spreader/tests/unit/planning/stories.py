# SPDX-License-Identifier: Apache-2.0
"""Stacks to plan for, in few words, and what a plan says of them."""

import datetime
import fractions

from heat_spreader import states
from heat_spreader.planning import facts

NOW = datetime.datetime(2026, 1, 1, 12, tzinfo=datetime.UTC)
MINUTE = datetime.timedelta(minutes=1)


def member(cloud, weight, count, **known):
    """A member that was read and is settled, unless told otherwise."""
    state = states.CloudState(known.pop('cloud_state', 'UP'))
    known = {
        'read': True,
        'heat_id': f'id-{cloud}',
        'heat_status': 'UPDATE_COMPLETE',
        'ready': count or 0,
        **known,
    }
    return facts.Member(
        facts.Cloud(cloud, state, NOW - MINUTE, 'It does not answer.'),
        fractions.Fraction(weight),
        count=count,
        **known,
    )


def stack(*members, **wanted):
    wanted = {'count': 10, 'failover': 'even', 'paused': False, **wanted}
    return facts.Stack(
        id='id',
        stack_name='web',
        count_parameter='size',
        members=members,
        **wanted,
    )


def updates(made):
    return {update.cloud: (update.old, update.new) for update in made.updates}


def targets(made):
    return {member.cloud: member.target for member in made.members}


def member_states(made):
    return {member.cloud: str(member.state) for member in made.members}
