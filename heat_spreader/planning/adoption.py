# SPDX-License-Identifier: Apache-2.0
"""What a stack must ask for so that what runs stays exactly as it is.

Pure. The total is the sum of the counts, and the weights are their
proportions, rounded to six decimal places so that they add up to 1: down, and
up where most was lost. No weight is then wrong by as much as one step. Up to
the total LARGEST no quota is wrong by half an instance, and then the spread,
which gives each cloud what is nearest to its quota, gives the counts again.
"""

import collections.abc
import dataclasses
import fractions

from heat_spreader import states
from heat_spreader.planning import text

_STEPS = int(1 / states.WEIGHT_STEP)
# The largest total of which weights of six decimal places give each count.
LARGEST = _STEPS // 2

# In these states of a member its count is not known now, or not its own.
_UNREADABLE = frozenset(
    {
        states.MemberState.UNKNOWN,
        states.MemberState.UNREACHABLE,
        states.MemberState.UNAUTHORIZED,
        states.MemberState.MISCONFIGURED,
        states.MemberState.UNSEEN,
        states.MemberState.MISSING,
        states.MemberState.PARAMETER_MISSING,
        states.MemberState.CONFLICT,
    }
)


class CannotAdopt(ValueError):
    """What runs cannot be adopted; the message is for the user."""


@dataclasses.dataclass(frozen=True)
class Running:
    """What runs in a cloud, as it was last read.

    ``state`` and ``reason`` are those of the member.
    """

    cloud: str
    count: int | None
    state: states.MemberState = states.MemberState.OK
    reason: str = ''


@dataclasses.dataclass(frozen=True)
class Adoption:
    """What to ask for: a total, and the weight of each cloud."""

    count: int
    weights: dict[str, fractions.Fraction]


def adopt(running: collections.abc.Iterable[Running]) -> Adoption:
    """What to ask for, so that nothing changes in any of the clouds.

    :raises CannotAdopt: if a count is not known, or no weights give them all
    """
    found = list(running)
    if unread := [each for each in found if _is_unread(each)]:
        reasons = ' '.join(
            each.reason or f'The stack in {each.cloud} has not been read yet.'
            for each in unread
        )
        raise CannotAdopt(
            f'Not every count is known. {reasons} Adopt the stack without '
            f'{text.join([each.cloud for each in unread])}, or try again when '
            'all can be read.'
        )
    counts = {each.cloud: each.count or 0 for each in found}
    total = sum(counts.values())
    if not total:
        raise CannotAdopt(
            'Every count is 0, so there are no proportions. Create the stack '
            'with weights of your own.'
        )
    if total > LARGEST:
        raise CannotAdopt(
            f'The counts add up to {total}. Weights have six decimal places, '
            f'which give each count exactly only up to {LARGEST}.'
        )
    return Adoption(total, _proportions(counts, total))


def _is_unread(running: Running) -> bool:
    return running.count is None or running.state in _UNREADABLE


def _proportions(
    counts: dict[str, int], total: int
) -> dict[str, fractions.Fraction]:
    """Weights of whole steps that add up to 1."""
    steps, lost = {}, {}
    for cloud, count in counts.items():
        steps[cloud], lost[cloud] = divmod(count * _STEPS, total)
    missing = _STEPS - sum(steps.values())
    # Names only make the order the same every time.
    for cloud in sorted(counts, key=lambda c: (-lost[c], c))[:missing]:
        steps[cloud] += 1
    return {
        cloud: fractions.Fraction(number, _STEPS)
        for cloud, number in steps.items()
    }
