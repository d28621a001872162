# SPDX-License-Identifier: Apache-2.0
"""Whether an outage that the engine sees is confirmed by other observers.

Pure: what each observer found in one round gives the verdict. The observers
are the engine and the witnesses, less those near the suspect: whatever cuts
the suspect off may cut them off too. The majority is of all of them, so that
silence never helps to confirm an outage.

With an even number half of them is not enough: 3 of 4 must confirm. That is
accepted, because 4 is the smallest number with which one observer that is
wrong can neither cause a failover nor prevent one.
"""

import collections.abc
import dataclasses
import enum

from heat_spreader import states

Vote = states.Vote

ENGINE = 'engine'
# What one observer does with such a vote, and what several do.
_PHRASES = {
    Vote.REACHES: ('reaches it', 'reach it'),
    Vote.CANNOT_REACH: ('cannot reach it', 'cannot reach it'),
    Vote.CUT_OFF: (
        'reaches nothing else either',
        'reach nothing else either',
    ),
    Vote.SILENT: ('gives no answer', 'give no answer'),
}


class Result(enum.Enum):
    """What the votes say about an outage."""

    CONFIRMED = 'a majority cannot reach the cloud'
    DENIED = 'a majority reaches the cloud'
    NO_QUORUM = 'there is no majority for either'


@dataclasses.dataclass(frozen=True)
class Observer:
    """What an observer found in one round.

    ``reached``: whether it reached each cloud, by name; None, or no entry, for
    one about which it says nothing. ``reference``: the same for another
    address that shows whether its own network works. ``near``: the clouds
    about which it has no vote, and that show nothing about its network.
    """

    name: str
    reached: collections.abc.Mapping[str, bool | None]
    reference: bool | None = None
    near: collections.abc.Collection[str] = ()

    def vote(self, suspect: str) -> Vote:
        """Its vote; what cannot be reached counts only beside what can be."""
        reached = self.reached.get(suspect)
        if reached is None:
            return Vote.SILENT
        if reached:
            return Vote.REACHES
        elsewhere = (
            found
            for cloud, found in self.reached.items()
            if cloud != suspect and cloud not in self.near
        )
        if self.reference or any(elsewhere):
            return Vote.CANNOT_REACH
        return Vote.CUT_OFF


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What the observers say together; ``votes`` by the observers' names."""

    result: Result
    reason: str
    votes: collections.abc.Mapping[str, Vote]


def decide(
    suspect: str, observers: collections.abc.Iterable[Observer]
) -> Verdict:
    """Whether the observers confirm that the suspect cannot be reached.

    :param observers: the engine and every configured witness, silent or not
    """
    votes = {
        observer.name: observer.vote(suspect)
        for observer in observers
        if suspect not in observer.near
    }
    counted = list(votes.values())
    majority = len(votes) // 2 + 1
    if counted.count(Vote.CANNOT_REACH) >= majority:
        result = Result.CONFIRMED
    elif counted.count(Vote.REACHES) >= majority:
        result = Result.DENIED
    else:
        result = Result.NO_QUORUM
    return Verdict(result, _reason(result, votes, majority), votes)


def _reason(
    result: Result,
    votes: collections.abc.Mapping[str, Vote],
    majority: int,
) -> str:
    if result is Result.CONFIRMED:
        return f'{_share(Vote.CANNOT_REACH, votes)}.'
    if result is Result.DENIED:
        return f'{_share(Vote.REACHES, votes)}.'
    found = '; '.join(
        _share(vote, votes) for vote in Vote if vote in votes.values()
    )
    return (
        f'The observers do not agree, or too few have a vote: {found}. '
        f'{majority} of {len(votes)} would have to confirm the outage.'
    )


def _share(vote: Vote, votes: collections.abc.Mapping[str, Vote]) -> str:
    """How many observers have a vote, and which: 2 of 3 observers ..."""
    names = [name for name, each in votes.items() if each is vote]
    words = _PHRASES[vote][len(names) > 1]
    total = f'{len(names)} of {len(votes)} observers'
    if len(votes) == 1:
        total = 'The only observer'
    return f'{total} {words}: {", ".join(names)}'
