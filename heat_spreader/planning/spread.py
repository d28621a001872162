# SPDX-License-Identifier: Apache-2.0
"""How a total is shared among clouds: exactly, and the same every time.

Pure: one function of the specification, the clouds that cannot serve and the
counts that are held. Seats are given one by one to the cloud with the highest
w / (2a + 1), a being what it has: Webster's method, also named after
Sainte-Lague, with every cloud kept between the floor and the ceiling of its
quota.
"""

import dataclasses
import fractions
import hashlib
import heapq
import math

from heat_spreader import states


@dataclasses.dataclass(frozen=True)
class Part:
    """What a user wants of one cloud; ``max_count`` None is no limit."""

    cloud: str
    weight: fractions.Fraction
    min_count: int = 0
    max_count: int | None = None

    @property
    def limit(self):
        return math.inf if self.max_count is None else self.max_count


@dataclasses.dataclass(frozen=True)
class Specification:
    """What a user wants of a stack."""

    stack_id: str
    count: int
    failover: str
    parts: tuple[Part, ...]


@dataclasses.dataclass(frozen=True)
class Spread:
    """Targets and effective weights by cloud, and what fits nowhere."""

    targets: dict[str, int]
    effective_weights: dict[str, fractions.Fraction]
    unplaced: int


def total(specification):
    """How many there shall be in all.

    The count times the sum of the weights, rounded up, or the sum of the
    minima where that is more; never more than the count.
    """
    parts = specification.parts
    quota = specification.count * sum(part.weight for part in parts)
    minimum = sum(part.min_count for part in parts)
    return min(specification.count, max(math.ceil(quota), minimum))


def spread(specification, cannot_serve=frozenset(), held=None):
    """Share the total among the clouds.

    :param cannot_serve: clouds whose weight the failover gives to others
    :param held: the count of each cloud that can be neither used nor given
        up, None where it is not known: its share is then kept free
    """
    held = held or {}
    number = total(specification)
    shares = _shares(specification, number)
    lost = shares.keys() & cannot_serve
    kept = {
        cloud: shares[cloud] if held[cloud] is None else held[cloud]
        for cloud in (shares.keys() & held.keys()) - lost
    }
    left = dict.fromkeys(lost, 0)
    if specification.failover == states.Failover.NONE:
        left = {cloud: shares[cloud] for cloud in lost}
    serving = [
        part
        for part in specification.parts
        if part.cloud not in lost and part.cloud not in kept
    ]
    weights = _effective_weights(specification, lost, serving)
    counts = {part.cloud: shares[part.cloud] for part in serving}
    room = max(0, number - sum(kept.values()) - sum(left.values()))
    missing = room - sum(counts.values())
    seats = _Seats(specification, weights, counts)
    limits = {part.cloud: part.limit for part in serving}
    seats.give(missing, limits)
    # A held cloud that has more than its share leaves less for the others;
    # even their minima give way, for the total is what was asked for.
    excess = seats.take(
        -missing, {part.cloud: part.min_count for part in serving}
    )
    seats.take(excess, dict.fromkeys(counts, 0))
    targets = {**kept, **left, **counts}
    unplaced = max(0, number - sum(targets.values()))
    return Spread(targets, weights, unplaced)


def _shares(specification, number):
    """What each cloud has while every cloud serves, by cloud."""
    parts = specification.parts
    quotas = {p.cloud: specification.count * p.weight for p in parts}
    counts = {
        p.cloud: min(max(math.floor(quotas[p.cloud]), p.min_count), p.limit)
        for p in parts
    }
    seats = _Seats(specification, {p.cloud: p.weight for p in parts}, counts)
    missing = number - sum(counts.values())
    ceilings = {
        p.cloud: min(math.ceil(quotas[p.cloud]), p.limit) for p in parts
    }
    missing -= seats.give(missing, ceilings)
    missing -= seats.give(missing, {p.cloud: p.limit for p in parts})
    seats.take(-missing, {p.cloud: p.min_count for p in parts})
    return counts


def _effective_weights(specification, lost, serving):
    """The weights with those of lost clouds given to the serving ones."""
    weights = {part.cloud: part.weight for part in specification.parts}
    if specification.failover == states.Failover.NONE or not lost:
        return weights
    spare = sum(weights[cloud] for cloud in lost)
    whole = sum(part.weight for part in serving)
    weights.update(dict.fromkeys(lost, fractions.Fraction(0)))
    for part in serving:
        # Standbys alone have no proportion to go by: they share evenly.
        if specification.failover == states.Failover.PROPORTIONAL and whole:
            weights[part.cloud] += spare * part.weight / whole
        else:
            weights[part.cloud] += spare / len(serving)
    return weights


class _Seats:
    """Gives seats to clouds, and takes them back, in Webster's order."""

    def __init__(self, specification, weights, counts):
        self.weights = weights
        self.counts = counts
        # The first cloud of the alphabet must not win every tie.
        self.order = {
            cloud: hashlib.sha256(
                f'{specification.stack_id}\0{cloud}'.encode()
            ).digest()
            for cloud in counts
        }

    def give(self, number, limits):
        """Give so many, none beyond its limit; return how many were given."""
        given = 0
        if number <= 0:
            return given
        queue = [
            self._claim(cloud)
            for cloud in self.counts
            if self.weights[cloud] and self.counts[cloud] < limits[cloud]
        ]
        heapq.heapify(queue)
        while given < number and queue:
            cloud = heapq.heappop(queue)[-1]
            self.counts[cloud] += 1
            given += 1
            if self.counts[cloud] < limits[cloud]:
                heapq.heappush(queue, self._claim(cloud))
        return given

    def take(self, number, floors):
        """Take so many, none below its floor; return how many are left."""
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

    def _claim(self, cloud, count=None):
        """What sorts first has the best claim to the seat after ``count``."""
        count = self.counts[cloud] if count is None else count
        weight = self.weights[cloud]
        price = (2 * count + 1) / weight if weight else math.inf
        return price, count, self.order[cloud], cloud
