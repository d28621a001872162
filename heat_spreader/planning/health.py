# SPDX-License-Identifier: Apache-2.0
"""When a cloud is down and when it is back.

Pure: a cloud, the outcome of a survey, the thresholds and the time give the
cloud after it. Thresholds count surveys in a row, in both directions. A cloud
that goes down again soon after it came back must answer for longer each time.
"""

import collections.abc
import dataclasses
import datetime
import enum

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import text

UP = states.CloudState.UP
DOWN = states.CloudState.DOWN
SUSPECT = states.CloudState.SUSPECT
UNKNOWN = states.CloudState.UNKNOWN
RECOVERING = states.CloudState.RECOVERING
UNAUTHORIZED = states.CloudState.UNAUTHORIZED
MISCONFIGURED = states.CloudState.MISCONFIGURED
UNSEEN = states.CloudState.UNSEEN

# How often the threshold of a cloud that flaps is doubled at most.
MOST_DOUBLINGS = 4
# Clouds that were down together and answer again within this time come back
# together: some surveys, each of which may last as long as its interval.
TOGETHER = datetime.timedelta(minutes=2)


class SurveyOutcome(enum.Enum):
    """What a survey found out about a cloud."""

    GOOD = 'the cloud answered'
    SLOW = 'the cloud answers, but its stacks could not be read in time'
    FAILED = 'the cloud could not be reached, or its answer was invalid'
    UNAUTHORIZED = "the cloud rejected the engine's credentials"
    MISCONFIGURED = "the engine's configuration for the cloud is wrong"
    THROTTLED = 'the cloud asked for fewer requests'


# (state, outcome): the next state, and the one that a threshold leads to.
TRANSITIONS: dict[
    tuple[states.CloudState, SurveyOutcome],
    tuple[states.CloudState, states.CloudState | None],
] = {
    (UNKNOWN, SurveyOutcome.GOOD): (UP, None),
    (UNKNOWN, SurveyOutcome.FAILED): (UNKNOWN, DOWN),
    # What is slow is not down. But what was not read since it was up is not
    # known, so it is not up again either.
    (UNKNOWN, SurveyOutcome.SLOW): (UNKNOWN, None),
    (UP, SurveyOutcome.SLOW): (UP, None),
    (SUSPECT, SurveyOutcome.SLOW): (UP, None),
    (DOWN, SurveyOutcome.SLOW): (DOWN, None),
    (RECOVERING, SurveyOutcome.SLOW): (RECOVERING, None),
    (UNAUTHORIZED, SurveyOutcome.SLOW): (UNKNOWN, None),
    (MISCONFIGURED, SurveyOutcome.SLOW): (UNKNOWN, None),
    (UP, SurveyOutcome.GOOD): (UP, None),
    (UP, SurveyOutcome.FAILED): (SUSPECT, DOWN),
    (SUSPECT, SurveyOutcome.GOOD): (UP, None),
    (SUSPECT, SurveyOutcome.FAILED): (SUSPECT, DOWN),
    (DOWN, SurveyOutcome.GOOD): (RECOVERING, UP),
    (DOWN, SurveyOutcome.FAILED): (DOWN, None),
    (RECOVERING, SurveyOutcome.GOOD): (RECOVERING, UP),
    (RECOVERING, SurveyOutcome.FAILED): (DOWN, None),
    # A cloud that rejects credentials does answer: it is neither up nor down.
    (UNKNOWN, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UP, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (SUSPECT, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (DOWN, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (RECOVERING, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UNAUTHORIZED, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UNAUTHORIZED, SurveyOutcome.GOOD): (UP, None),
    (UNAUTHORIZED, SurveyOutcome.FAILED): (UNAUTHORIZED, DOWN),
    (MISCONFIGURED, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    # Nor is one that only a wrong configuration keeps the engine from.
    (UNKNOWN, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (UP, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (SUSPECT, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (DOWN, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (RECOVERING, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (UNAUTHORIZED, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (MISCONFIGURED, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
    (MISCONFIGURED, SurveyOutcome.GOOD): (UP, None),
    (MISCONFIGURED, SurveyOutcome.FAILED): (MISCONFIGURED, DOWN),
    # Nothing was moved away from one that only the engine does not reach.
    (UNSEEN, SurveyOutcome.GOOD): (UP, None),
    (UNSEEN, SurveyOutcome.SLOW): (UNKNOWN, None),
    (UNSEEN, SurveyOutcome.FAILED): (UNSEEN, DOWN),
    (UNSEEN, SurveyOutcome.UNAUTHORIZED): (UNAUTHORIZED, None),
    (UNSEEN, SurveyOutcome.MISCONFIGURED): (MISCONFIGURED, None),
}


@dataclasses.dataclass(frozen=True)
class Thresholds:
    """How many surveys in a row, and how long, change the state of a cloud."""

    failure_threshold: int = 3
    success_threshold: int = 2
    failover_delay: datetime.timedelta = datetime.timedelta()
    failback_delay: datetime.timedelta = datetime.timedelta()
    flap_window: datetime.timedelta = datetime.timedelta(minutes=10)

    def successes_needed(self, cloud: facts.Cloud) -> int:
        """How many good surveys in a row bring a cloud back.

        Each outage that began within ``flap_window`` after another one
        doubles it.
        """
        returns = max(0, len(cloud.outages) - 1)
        return self.success_threshold << min(returns, MOST_DOUBLINGS)


def update(
    cloud: facts.Cloud,
    outcome: SurveyOutcome,
    reason: str,
    thresholds: Thresholds,
    now: datetime.datetime,
    confirmed: bool = True,
) -> facts.Cloud:
    """A cloud after one more survey.

    The counters stop at their thresholds, so that a cloud which stays as it
    is gives the same value again and nothing has to be written.

    :param confirmed: whether other observers confirm an outage
    """
    if outcome is SurveyOutcome.THROTTLED:
        return cloud
    failures = successes = 0
    if outcome is SurveyOutcome.FAILED:
        failures = min(cloud.failures + 1, thresholds.failure_threshold)
    needed = thresholds.successes_needed(cloud)
    if outcome is SurveyOutcome.GOOD:
        successes = min(cloud.successes + 1, needed)
    state, next_state = TRANSITIONS[cloud.state, outcome]
    since = now
    if state == cloud.state and cloud.since is not None:
        since = cloud.since
    # The delay was over before an UNSEEN cloud became that.
    delay = thresholds.failover_delay * (state is not UNSEEN)
    if (
        next_state is DOWN
        and failures >= thresholds.failure_threshold
        and now - since >= delay
    ):
        next_state = DOWN if confirmed else UNSEEN
        if next_state is not state:
            state, since = next_state, now
    elif (
        next_state is UP
        and successes >= needed
        and now - since >= thresholds.failback_delay
    ):
        state, since = next_state, now
    after = dataclasses.replace(
        cloud,
        state=state,
        since=since,
        reason=reason,
        failures=failures,
        successes=successes,
        outages=_outages(cloud, state, thresholds, now),
    )
    if state is not RECOVERING:
        return after
    words = filter(None, [reason, _what_is_missing(after, thresholds)])
    return dataclasses.replace(after, reason=' '.join(words))


def _outages(
    cloud: facts.Cloud,
    state: states.CloudState,
    thresholds: Thresholds,
    now: datetime.datetime,
) -> tuple[datetime.datetime, ...]:
    """The outages with the one that begins now, if one does.

    A cloud that fails while it recovers was not back yet.
    """
    if state is not DOWN or cloud.state in (DOWN, RECOVERING):
        return cloud.outages
    recent = [
        began
        for began in cloud.outages
        if abs(now - began) < thresholds.flap_window
    ]
    return (*recent[-MOST_DOUBLINGS:], now)


def _what_is_missing(cloud: facts.Cloud, thresholds: Thresholds) -> str:
    """What a cloud that recovers needs until it is up, for people."""
    needed = thresholds.successes_needed(cloud)
    left = needed - cloud.successes
    surveys = f'after {needed} successful surveys in a row'
    missing = f'It is UP {surveys}; still to come: {left}.'
    if len(cloud.outages) > 1:
        minutes = thresholds.flap_window / datetime.timedelta(minutes=1)
        missing = (
            f'It went down {len(cloud.outages)} times within {minutes:g} '
            f'minutes, so it is UP only {surveys}, instead of '
            f'{thresholds.success_threshold}; still to come: {left}.'
        )
    if thresholds.failback_delay and cloud.since:
        earliest = cloud.since + thresholds.failback_delay
        missing += f' failback_delay holds it until {text.time(earliest)}.'
    return missing


def depends_on_votes(
    cloud: facts.Cloud,
    outcome: SurveyOutcome,
    thresholds: Thresholds,
    now: datetime.datetime,
) -> bool:
    """Whether a survey makes the cloud DOWN only if others confirm that.

    One that was DOWN before needs no second confirmation.
    """
    after, unconfirmed = (
        update(cloud, outcome, '', thresholds, now, confirmed)
        for confirmed in (True, False)
    )
    return after.state != unconfirmed.state


def forget(cloud: facts.Cloud, now: datetime.datetime) -> facts.Cloud:
    """A cloud that was not surveyed for a while.

    What was up may no longer be, so it must be surveyed first; an outage is
    not forgotten before the cloud has answered. One that was never confirmed
    is: a single failed survey must not end in a failover.
    """
    if cloud.state not in (UP, SUSPECT, UNSEEN):
        return cloud
    return dataclasses.replace(
        cloud,
        state=UNKNOWN,
        since=now,
        reason='The engine has not surveyed the cloud since it started.',
        failures=0,
        successes=0,
    )


def has_changed(before: facts.Cloud, after: facts.Cloud) -> bool:
    """Whether a survey changed what must be written at once.

    Of the reason, only whether there is one: a slow cloud has one too. That
    of an UNSEEN cloud has the votes, which may change.
    """
    return _noted(before) != _noted(after)


def _noted(cloud: facts.Cloud) -> tuple[object, ...]:
    reason = cloud.reason if cloud.state == UNSEEN else bool(cloud.reason)
    return cloud.state, cloud.failures, cloud.successes, reason


def frozen(
    clouds: collections.abc.Collection[facts.Cloud],
    max_down_clouds: int | None = None,
) -> str | None:
    """Why nothing may be changed anywhere, or None.

    :param clouds: every enabled cloud
    :param max_down_clouds: 0 for no limit, None for fewer than half of them,
        and one in any case
    """
    # An order is not an observation.
    observed = [cloud for cloud in clouds if cloud.declared is None]
    down = [cloud for cloud in observed if cloud.state == DOWN]
    if max_down_clouds is None:
        max_down_clouds = max(1, (len(clouds) - 1) // 2)
    if clouds and all(map(_is_unreachable, clouds)):
        return 'No cloud is reachable, so nothing is changed anywhere.'
    if max_down_clouds and len(down) > max_down_clouds:
        named = [f'{c.name} since {text.time(c.since)}' for c in down]
        return (
            f'{len(down)} clouds are down at once ({", ".join(named)}), more '
            f"than max_down_clouds, which is {max_down_clouds}. The engine's "
            'own network may be the cause, so nothing is changed anywhere. To '
            'have the clouds replaced all the same, declare one that is '
            'really down, with openstack multicloud cloud set NAME --declare '
            'down, or raise max_down_clouds in [health] and restart the '
            'engines.'
        )
    if _are_coming_back_together(observed):
        return (
            'Clouds are coming back after all of them were down. Nothing is '
            'changed until it is known which ones are back.'
        )
    return None


def _is_unreachable(cloud: facts.Cloud) -> bool:
    if cloud.declared is not None:
        return cloud.declared is states.Declared.DOWN
    return cloud.state == UNSEEN or cloud.rule.share.lost


def _are_coming_back_together(
    clouds: collections.abc.Collection[facts.Cloud],
) -> bool:
    """Whether no cloud was there before the first of others came back.

    After an outage of all clouds, which is more likely one of the engine's
    own network, one cloud is up first. It must not be given everything only
    because the others need a moment more: those that answer already, and
    those that were not surveyed since.
    """
    never = datetime.datetime.max.replace(tzinfo=datetime.UTC)
    first = min(
        (c.since or never for c in clouds if not _is_unreachable(c)),
        default=never,
    )
    if first == never:
        return False
    return any(
        _went_down(c, never) < first
        and (_recovers_with(c, first) or _is_unchecked(c, first))
        for c in clouds
    )


def _went_down(
    cloud: facts.Cloud, never: datetime.datetime
) -> datetime.datetime:
    """When the last outage of a cloud began."""
    return cloud.outages[-1] if cloud.outages else cloud.since or never


def _recovers_with(cloud: facts.Cloud, first: datetime.datetime) -> bool:
    """Whether a cloud answers again since about then."""
    return (
        cloud.state == RECOVERING
        and cloud.since is not None
        and cloud.since - first < TOGETHER
    )


def _is_unchecked(cloud: facts.Cloud, since: datetime.datetime) -> bool:
    """Whether a cloud is down and may be back since then."""
    checked_at = cloud.checked_at
    return (
        cloud.state == DOWN and checked_at is not None and checked_at <= since
    )
