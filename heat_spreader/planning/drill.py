# SPDX-License-Identifier: Apache-2.0
"""What a drill has shown: noted at each pass, read when it ends."""

import dataclasses
import datetime
import typing

from heat_spreader.planning import facts


@dataclasses.dataclass(frozen=True)
class Note:
    """The worst that the passes over a stack have seen during a drill.

    ``since``: when the drill began, as an ISO text. ``missing``: how many
    ready instances the stack lacked of its total. ``unplaced``: how many the
    other clouds could not take.
    """

    since: str
    missing: int = 0
    unplaced: int = 0

    @property
    def values(self) -> dict[str, typing.Any]:
        """The note as it is kept in JSON."""
        return dataclasses.asdict(self)


def of_member(
    member: facts.Member,
    before: dict[str, typing.Any] | None,
    missing: int,
    unplaced: int,
) -> Note | None:
    """The note after one more pass; None where there is no drill.

    :param before: the values of the last note, maybe of an earlier drill
    :param missing: how many the stack lacks now
    :param unplaced: how many fit in no other cloud now
    """
    use = member.cloud.use
    if not use.drill or not member.cloud.draining or use.order is None:
        return None
    since = begun(use.order.since)
    if before and before['since'] == since:
        missing = max(missing, before['missing'])
        unplaced = max(unplaced, before['unplaced'])
    return Note(since, missing, unplaced)


def begun(moment: datetime.datetime | None) -> str:
    """The beginning of a drill as a note has it."""
    return moment.isoformat() if moment else ''


@dataclasses.dataclass(frozen=True)
class Report:
    """What a drill has shown.

    ``seconds``: how long it took until the others carried all, None if they
    never did. ``unplaced`` and ``missing``: the worst numbers of the stacks
    that had any, by their ids.
    """

    seconds: int | None
    unplaced: dict[str, int]
    missing: dict[str, int]

    @property
    def sentence(self) -> str:
        """The report for people; it goes on from "The drill ended".

        It names no stack: people of several projects read it.
        """
        carried = 'the others never carried all of it'
        if self.seconds is not None:
            carried = f'the others carried it after {duration(self.seconds)}'
        unplaced = 'nothing was unplaced'
        if self.unplaced:
            unplaced = f'{_total(self.unplaced)} were unplaced'
        missing = 'ready capacity never went below the total'
        if self.missing:
            missing = (
                'ready capacity went below the total by '
                f'{_total(self.missing)}'
            )
        return f'{carried}, {unplaced}, and {missing}.'


def _total(numbers: dict[str, int]) -> str:
    stacks = len(numbers)
    of = '1 stack' if stacks == 1 else f'{stacks} stacks'
    return f'{sum(numbers.values())} of {of}'


def duration(seconds: int) -> str:
    """Seconds as people read them: 3 min 10 s."""
    minutes, rest = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, 'h'), (minutes, 'min'), (rest, 's')]
    return ' '.join(f'{n} {unit}' for n, unit in parts if n) or '0 s'
