# SPDX-License-Identifier: Apache-2.0
"""What the state of a cloud, and what is ordered for it, means for members.

One table, RULES, of which the documentation shows the rows.
"""

import dataclasses
import enum

from heat_spreader import states


class Share(enum.Enum):
    """What becomes of the share of a member."""

    OWN = 'its own'
    CAPPED = 'its own, at most the present count'
    HELD = 'held at the last count'
    DRAINED = (
        'spread over the others; ``min_count`` stays, and what the others '
        'cannot take'
    )
    WAITING = 'spread over the others until a failback is ordered, likewise'
    SPREAD = 'spread over the others, unless ``failover`` is ``none``'
    REPLACED = 'spread over the others'

    @property
    def lost(self) -> bool:
        """Whether nothing there can be counted on."""
        return self in _LOST

    @property
    def settable(self) -> bool:
        """Whether the count there may be set, if the cloud allows it."""
        return self in _SETTABLE


_LOST = (Share.SPREAD, Share.REPLACED)
_SETTABLE = (Share.OWN, Share.CAPPED, Share.DRAINED, Share.WAITING)


class Ready(enum.Enum):
    """Whether the ready instances of a member count."""

    COUNTS = 'yes'
    NOT_FOR_OTHERS = 'not for others to shrink'
    IGNORED = 'no'


@dataclasses.dataclass(frozen=True)
class Rule:
    """What the state of a cloud means for the members there.

    ``grow`` and ``shrink``: whether an update may make the count larger or
    smaller.
    """

    share: Share
    grow: bool
    shrink: bool
    ready: Ready

    @property
    def changeable(self) -> bool:
        """Whether any update may be sent."""
        return self.grow or self.shrink


_IN_SERVICE = Rule(Share.OWN, True, True, Ready.COUNTS)
_IN_DOUBT = Rule(Share.OWN, False, False, Ready.NOT_FOR_OTHERS)
_HELD = Rule(Share.HELD, False, False, Ready.COUNTS)
# A cloud that recovers is not trusted yet.
_GONE = Rule(Share.SPREAD, False, False, Ready.IGNORED)

OBSERVED = {
    states.CloudState.UP: _IN_SERVICE,
    states.CloudState.SUSPECT: _IN_DOUBT,
    states.CloudState.UNKNOWN: _IN_DOUBT,
    states.CloudState.UNAUTHORIZED: _HELD,
    states.CloudState.MISCONFIGURED: _HELD,
    states.CloudState.UNSEEN: _HELD,
    states.CloudState.DOWN: _GONE,
    states.CloudState.RECOVERING: _GONE,
}
# An outage that an administrator knows to be none is not spread, and nothing
# can be sent.
_DOUBTED = (_IN_DOUBT, _GONE)

_CORDONED = {Share.OWN: Share.CAPPED}
# A drain is ordered, not suffered: what was moved away stays where it is
# whatever becomes of the cloud, and also where ``failover`` is ``none``.
_DRAINED = {
    Share.OWN: Share.DRAINED,
    Share.HELD: Share.DRAINED,
    Share.SPREAD: Share.REPLACED,
}
_SHARES: dict[states.AdminState, dict[Share, Share]] = {
    states.AdminState.ENABLED: {},
    states.AdminState.CORDONED: _CORDONED,
    states.AdminState.DRAINING: _DRAINED,
    states.AdminState.DRAINED: _DRAINED,
}

# What is surveyed, declared (None: nothing) and ordered.
Condition = tuple[states.CloudState, states.Declared | None, states.AdminState]


def _declared(
    state: states.CloudState, declared: states.Declared | None
) -> Rule:
    """The rule of a state where an administrator declares another one."""
    rule = OBSERVED[state]
    if declared is states.Declared.DOWN:
        return _GONE
    if declared is states.Declared.UP and rule in _DOUBTED:
        return _HELD
    return rule


def _ordered(rule: Rule, order: states.AdminState) -> Rule:
    """The rule where an administrator orders how the cloud is used."""
    if order is states.AdminState.ENABLED:
        return rule
    share = _SHARES[order].get(rule.share, rule.share)
    return dataclasses.replace(rule, share=share, grow=False)


RULES: dict[Condition, Rule] = {
    (state, declared, order): _ordered(_declared(state, declared), order)
    for order in states.AdminState
    for declared in (None, *states.Declared)
    for state in OBSERVED
}
