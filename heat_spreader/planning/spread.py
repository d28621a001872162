# SPDX-License-Identifier: Apache-2.0
"""How a total is shared among clouds: exactly, and the same every time.

Pure: one function of the specification, the clouds that cannot serve and the
counts that are held. Seats are given one by one to the cloud with the highest
w / (2a + 1), a being what it has: Webster's method, also named after
Sainte-Lague, with every cloud kept between the floor and the ceiling of its
quota.
"""

import collections.abc
import dataclasses
import fractions
import functools
import hashlib
import heapq
import math

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import rules
from heat_spreader.planning import specification

# What others get wherever ``failover`` is none, too.
_ORDERED = (
    rules.Share.DRAINED,
    rules.Share.WAITING,
    rules.Share.REPLACED,
)
# What may become less and not more.
_NO_MORE = (rules.Share.CAPPED, rules.Share.DRAINED)
# What sorts first has the best claim to a seat.
_Claim = tuple[float, int, bytes, str]


@dataclasses.dataclass(frozen=True)
class Spread:
    """Targets and effective weights by cloud, and what fits nowhere."""

    targets: dict[str, int]
    effective_weights: dict[str, fractions.Fraction]
    unplaced: int


@dataclasses.dataclass(frozen=True)
class Restrictions:
    """What keeps clouds from having their shares.

    ``cannot_serve``: clouds whose weight the failover gives to others.
    ``drained``: those whose weight others get even where there is no failover;
    one that can serve gets its ``min_count``, and what others cannot take.
    ``held``: the count of each cloud that can be neither used nor given up,
    None where it is not known: its share is then kept free. ``keeps``: what
    each cloud that gets nothing more has at most, None likewise. ``rooms``:
    how many each cloud has room for, where it is full.
    """

    cannot_serve: collections.abc.Set[str] = frozenset()
    drained: collections.abc.Set[str] = frozenset()
    held: collections.abc.Mapping[str, int | None] = dataclasses.field(
        default_factory=dict
    )
    keeps: collections.abc.Mapping[str, int | None] = dataclasses.field(
        default_factory=dict
    )
    rooms: collections.abc.Mapping[str, int] = dataclasses.field(
        default_factory=dict
    )

    def limit(self, part: specification.Part) -> float:
        """How many a cloud may have at most."""
        keeps = self.keeps.get(part.cloud)
        limit = part.limit if keeps is None else min(part.limit, keeps)
        return min(limit, self.rooms.get(part.cloud, limit))


UNRESTRICTED = Restrictions()


def spread(
    stack_id: str,
    wanted: specification.Specification,
    restrictions: Restrictions = UNRESTRICTED,
) -> Spread:
    """Share the total among the clouds.

    :param stack_id: breaks ties, so that they do not all go to one cloud
    """
    number = wanted.total
    shares = _shares(stack_id, wanted, number)
    if restrictions is UNRESTRICTED and sum(shares.values()) <= number:
        # Nearly every plan is made while nothing is wrong.
        weights = {part.cloud: part.weight for part in wanted.parts}
        return Spread(shares, weights, number - sum(shares.values()))
    lost = shares.keys() & restrictions.cannot_serve
    kept = _kept(shares, lost, restrictions.held)
    left = dict.fromkeys(lost, 0)
    if wanted.failover == states.Failover.NONE:
        left |= {cloud: shares[cloud] for cloud in lost - restrictions.drained}
    serving = [
        part
        for part in wanted.parts
        if part.cloud not in lost and part.cloud not in kept
    ]
    weights = _effective_weights(wanted, lost, serving, restrictions)
    limits = {part.cloud: restrictions.limit(part) for part in serving}
    counts = {
        part.cloud: int(min(limits[part.cloud], shares[part.cloud]))
        for part in serving
    }
    minima = {p.cloud: min(p.min_count, counts[p.cloud]) for p in serving}
    drained = [p for p in serving if p.cloud in restrictions.drained]
    counts |= {part.cloud: minima[part.cloud] for part in drained}
    room = max(0, number - sum(kept.values()) - sum(left.values()))
    missing = room - sum(counts.values())
    seats = _Seats(stack_id, weights, counts)
    missing -= seats.give(missing, limits)
    if restrictions.rooms:
        standbys = [
            part
            for part in serving
            if not part.weight and part.cloud not in restrictions.drained
        ]
        missing -= _give_evenly(stack_id, missing, standbys, limits, counts)
    _leave(missing, drained, shares, limits, restrictions, counts)
    # A held cloud that has more than its share leaves less for the others;
    # even their minima give way, for the total is what was asked for.
    excess = seats.take(-missing, minima)
    seats.take(excess, dict.fromkeys(counts, 0))
    targets = {**kept, **left, **counts}
    unplaced = max(0, number - sum(targets.values()))
    return Spread(targets, weights, unplaced)


def _give_evenly(
    stack_id: str,
    number: int,
    standbys: list[specification.Part],
    limits: dict[str, float],
    counts: dict[str, int],
) -> int:
    """Give that many to the standbys; return how many it gave.

    What full clouds cannot take goes there when it fits nowhere else. It
    changes ``counts``.
    """
    theirs = {part.cloud: counts[part.cloud] for part in standbys}
    weights = dict.fromkeys(theirs, fractions.Fraction(1))
    given = _Seats(stack_id, weights, theirs).give(number, limits)
    counts.update(theirs)
    return given


def _leave(
    number: int,
    drained: list[specification.Part],
    shares: dict[str, int],
    limits: dict[str, float],
    restrictions: Restrictions,
    counts: dict[str, int],
) -> None:
    """Leave that many in the drained clouds, as far as they may have them.

    It changes ``counts``.
    """
    for part in sorted(drained, key=lambda part: part.cloud):
        cloud = part.cloud
        # Of a cloud that was not read yet only the share is known.
        unknown = restrictions.keeps.get(cloud, limits[cloud]) is None
        limit = shares[cloud] if unknown else limits[cloud]
        left = int(min(max(0, number), limit - counts[cloud]))
        counts[cloud] += left
        number -= left


def gets_no_more(member: facts.Member, share: rules.Share) -> bool:
    """Whether a member keeps at most what it has."""
    waits = share is rules.Share.WAITING
    return share in _NO_MORE or (waits and not member.cloud.rule.grow)


def of_stack(stack: facts.Stack, shares: facts.Shares) -> Spread:
    """Share the total of a stack, with what becomes of each share."""
    return spread(stack.id, stack.specification, restrictions(stack, shares))


def restrictions(stack: facts.Stack, shares: facts.Shares) -> Restrictions:
    """What becomes of each share, as restrictions of a spread."""
    rooms = _rooms(stack, shares)
    if not rooms and all(s is rules.Share.OWN for s in shares.values()):
        return UNRESTRICTED
    return Restrictions(
        {cloud for cloud, share in shares.items() if share.lost},
        {c for c, share in shares.items() if share in _ORDERED},
        {
            m.cloud.name: m.stack.count
            for m in stack.members
            if shares[m.cloud.name] is rules.Share.HELD
        },
        {
            m.cloud.name: m.keeps
            for m in stack.members
            if gets_no_more(m, shares[m.cloud.name])
        },
        rooms,
    )


def _rooms(stack: facts.Stack, shares: facts.Shares) -> dict[str, int]:
    """How many each cloud has room for that is full."""
    full = [m for m in stack.members if m.cap or m.cloud.full]
    if not full:
        # Nearly every plan is made while there is room.
        return {}
    return {
        m.cloud.name: m.room
        for m in full
        if m.room is not None and shares[m.cloud.name].settable
    }


def _kept(
    shares: dict[str, int],
    lost: collections.abc.Set[str],
    held: collections.abc.Mapping[str, int | None],
) -> dict[str, int]:
    """What the held clouds keep; a count that is not known is the share."""
    kept = {}
    for cloud in (shares.keys() & held.keys()) - lost:
        count = held[cloud]
        kept[cloud] = shares[cloud] if count is None else count
    return kept


def _shares(
    stack_id: str, wanted: specification.Specification, number: int
) -> dict[str, int]:
    """What each cloud has while every cloud serves, by cloud."""
    parts = wanted.parts
    counts = {p.cloud: _floor(p, wanted.count) for p in parts}
    missing = number - sum(counts.values())
    if not missing:
        return counts
    seats = _Seats(stack_id, {p.cloud: p.weight for p in parts}, counts)
    ceilings = {p.cloud: _ceiling(p, wanted.count) for p in parts}
    missing -= seats.give(missing, ceilings)
    missing -= seats.give(missing, {p.cloud: p.limit for p in parts})
    seats.take(-missing, {p.cloud: p.min_count for p in parts})
    return counts


# In whole numbers, which are several times as fast as fractions.
def _floor(part: specification.Part, count: int) -> int:
    quota = count * part.weight.numerator // part.weight.denominator
    floor = max(quota, part.min_count)
    return floor if part.max_count is None else min(floor, part.max_count)


def _ceiling(part: specification.Part, count: int) -> float:
    quota = -(-count * part.weight.numerator // part.weight.denominator)
    return min(quota, part.limit)


def _effective_weights(
    wanted: specification.Specification,
    lost: collections.abc.Set[str],
    serving: list[specification.Part],
    restrictions: Restrictions,
) -> dict[str, fractions.Fraction]:
    """The weights with those of some given to the others that serve."""
    weights = {part.cloud: part.weight for part in wanted.parts}
    given = restrictions.drained & {*lost, *(part.cloud for part in serving)}
    if wanted.failover != states.Failover.NONE:
        given |= lost
    if not given:
        return weights
    takers = [part for part in serving if part.cloud not in given]
    spare = sum((weights[cloud] for cloud in given), fractions.Fraction(0))
    whole = sum((part.weight for part in takers), fractions.Fraction(0))
    weights.update(dict.fromkeys(given, fractions.Fraction(0)))
    for part in takers:
        # Standbys have no proportion to go by: they share evenly.
        if wanted.failover == states.Failover.PROPORTIONAL and whole:
            weights[part.cloud] += spare * part.weight / whole
        else:
            weights[part.cloud] += spare / len(takers)
    return weights


@functools.lru_cache(maxsize=1024)
def _lot(stack_id: str, cloud: str) -> bytes:
    return hashlib.sha256(f'{stack_id}\0{cloud}'.encode()).digest()


class _Seats:
    """Gives seats to clouds, and takes them back, in Webster's order."""

    def __init__(
        self,
        stack_id: str,
        weights: dict[str, fractions.Fraction],
        counts: dict[str, int],
    ) -> None:
        self.stack_id = stack_id
        self.weights = weights
        self.counts = counts

    @functools.cached_property
    def order(self) -> dict[str, bytes]:
        """The order of equal claims.

        The first cloud of the alphabet must not win every tie.
        """
        return {cloud: _lot(self.stack_id, cloud) for cloud in self.counts}

    @functools.cached_property
    def prices(self) -> dict[str, float]:
        """The reciprocal of each weight, all times the same whole number."""
        multiple = math.lcm(*(w.numerator for w in self.weights.values() if w))
        return {
            cloud: multiple // w.numerator * w.denominator if w else math.inf
            for cloud, w in self.weights.items()
        }

    def give(
        self, number: int, limits: collections.abc.Mapping[str, float]
    ) -> int:
        """Give that many, none beyond its limit; return how many it gave."""
        given = 0
        if number <= 0:
            return given
        queue = [
            self._claim(cloud, self.counts[cloud])
            for cloud in self.counts
            if self.weights[cloud] and self.counts[cloud] < limits[cloud]
        ]
        heapq.heapify(queue)
        while given < number and queue:
            cloud = heapq.heappop(queue)[-1]
            self.counts[cloud] += 1
            given += 1
            if self.counts[cloud] < limits[cloud]:
                heapq.heappush(queue, self._claim(cloud, self.counts[cloud]))
        return given

    def take(
        self, number: int, floors: collections.abc.Mapping[str, int]
    ) -> int:
        """Take that many, none below its floor; return how many are left."""
        while number > 0:
            claims = [
                self._claim(cloud, self.counts[cloud] - 1)
                for cloud in self.counts
                if self.counts[cloud] > floors[cloud]
            ]
            if not claims:
                break
            self.counts[max(claims)[-1]] -= 1
            number -= 1
        return max(0, number)

    def _claim(self, cloud: str, count: int) -> _Claim:
        """The claim of a cloud to the seat after ``count``."""
        price = (2 * count + 1) * self.prices[cloud]
        return price, count, self.order[cloud], cloud
