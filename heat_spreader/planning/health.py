# SPDX-License-Identifier: Apache-2.0
"""When a cloud is down and when it is back.

Pure: a state, what a survey saw, the thresholds and the time give the next
state. Thresholds count surveys in a row, in both directions.
"""

import dataclasses
import datetime
import enum

from heat_spreader import states

UP = states.CloudState.UP
DOWN = states.CloudState.DOWN
SUSPECT = states.CloudState.SUSPECT
UNKNOWN = states.CloudState.UNKNOWN
RECOVERING = states.CloudState.RECOVERING
UNAUTHORIZED = states.CloudState.UNAUTHORIZED
# One that recovers is not trusted yet: it gets nothing and counts for nothing.
GONE = (DOWN, RECOVERING)


class Sight(enum.Enum):
    """What a survey saw of a cloud."""

    GOOD = 'it answered'
    FAILED = 'it could not be reached, or made no sense'
    UNAUTHORIZED = 'it did not let the engine in'
    THROTTLED = 'it asked the engine to wait'


# (state, sight): the next state, and the one that a threshold leads to.
TRANSITIONS = {
    (UNKNOWN, Sight.GOOD): (UP, None),
    (UNKNOWN, Sight.FAILED): (UNKNOWN, DOWN),
    (UP, Sight.GOOD): (UP, None),
    (UP, Sight.FAILED): (SUSPECT, DOWN),
    (SUSPECT, Sight.GOOD): (UP, None),
    (SUSPECT, Sight.FAILED): (SUSPECT, DOWN),
    (DOWN, Sight.GOOD): (RECOVERING, UP),
    (DOWN, Sight.FAILED): (DOWN, None),
    (RECOVERING, Sight.GOOD): (RECOVERING, UP),
    (RECOVERING, Sight.FAILED): (DOWN, None),
    # Locked out, a cloud answers all the same: it is neither up nor down.
    (UNKNOWN, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UP, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (SUSPECT, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (DOWN, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (RECOVERING, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UNAUTHORIZED, Sight.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UNAUTHORIZED, Sight.GOOD): (UP, None),
    (UNAUTHORIZED, Sight.FAILED): (UNAUTHORIZED, DOWN),
}


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """How many surveys in a row, and how long, until a state is believed."""

    failure_threshold: int = 3
    success_threshold: int = 2
    failover_delay: datetime.timedelta = datetime.timedelta()
    failback_delay: datetime.timedelta = datetime.timedelta()


@dataclasses.dataclass(frozen=True)
class Health:
    """The state of a cloud, since when, and the surveys in a row."""

    state: states.CloudState
    since: datetime.datetime
    failures: int = 0
    successes: int = 0
    reason: str = ''


def observe(health, sight, reason, thresholds, now):
    """The health of a cloud after one more survey.

    The counters stop at their thresholds, so that a cloud which stays as it
    is gives the same value again and nothing has to be written.
    """
    if sight is Sight.THROTTLED:
        return health
    failures = successes = 0
    if sight is Sight.FAILED:
        failures = min(health.failures + 1, thresholds.failure_threshold)
    if sight is Sight.GOOD:
        successes = min(health.successes + 1, thresholds.success_threshold)
    state, beyond = TRANSITIONS[health.state, sight]
    since = health.since if state == health.state else now
    if (
        beyond is DOWN
        and failures >= thresholds.failure_threshold
        and now - since >= thresholds.failover_delay
    ) or (
        beyond is UP
        and successes >= thresholds.success_threshold
        and now - since >= thresholds.failback_delay
    ):
        state, since = beyond, now
    return Health(state, since, failures, successes, reason)


def forget(health, now):
    """The health of a cloud that was not surveyed for a while.

    What was up may no longer be, so it must be seen first; an outage is not
    forgotten before the cloud was seen to answer.
    """
    if health.state in (UP, SUSPECT):
        return Health(
            UNKNOWN, now, reason='The engine has not looked since its start.'
        )
    return health


def frozen(clouds, max_down_clouds):
    """Why nothing may be changed anywhere, or None.

    :param clouds: the facts of every enabled cloud
    """
    down = [cloud.name for cloud in clouds if cloud.state == DOWN]
    if clouds and all(cloud.state in GONE for cloud in clouds):
        return 'No cloud is reachable, so nothing is changed anywhere.'
    if max_down_clouds and len(down) > max_down_clouds:
        return (
            f'{len(down)} clouds are down at once ({", ".join(down)}), more '
            f'than max_down_clouds = {max_down_clouds}: the network of this '
            'engine may be the culprit, so nothing is changed anywhere.'
        )
    if _come_back_together(clouds):
        return (
            'The clouds are coming back from an outage of them all, so '
            'nothing is changed until it is known which of them are back.'
        )
    return None


def _come_back_together(clouds):
    """Whether no cloud was there before the first of others came back.

    After an outage of them all, which is one of the engine's own network
    more likely than not, one is up first. It must not be given everything
    only because the others need a moment more.
    """
    recovering = [c.since for c in clouds if c.state == RECOVERING]
    there = [c.since for c in clouds if c.state not in GONE]
    return bool(recovering) and min(there) > min(recovering)


def counters(health):
    """What must be written when it changes; the reason alone need not be."""
    return health.state, health.failures, health.successes


def from_row(row, now):
    """The health that a row of clouds holds, or of a cloud without one."""
    if row is None:
        return Health(UNKNOWN, now)
    return Health(
        states.CloudState(row.state),
        row.since,
        row.failures,
        row.successes,
        row.reason,
    )


def thresholds(options):
    """The thresholds that the [health] options set."""
    return Thresholds(
        options.failure_threshold,
        options.success_threshold,
        datetime.timedelta(seconds=options.failover_delay),
        datetime.timedelta(seconds=options.failback_delay),
    )
