# SPDX-License-Identifier: Apache-2.0
"""What a user asks for, and the rules that it must keep.

Pure: a request changes one value into another, with no row and no
transaction.
"""

import collections.abc
import dataclasses
import datetime
import decimal
import fractions
import functools
import math
import typing

from heat_spreader import states
from heat_spreader import suggest
from heat_spreader.planning import text

# What a user sets on the stack itself, as the API and the columns name it.
FIELDS = (
    'name',
    'stack_name',
    'count_parameter',
    'count',
    'failover',
    'failback',
    'paused',
)

# What the owner of a stack orders for its member in one cloud.
ORDER = ('admin_state', 'admin_from', 'admin_until', 'admin_reason')

_ENABLED = states.AdminState.ENABLED
_STEP = fractions.Fraction(states.WEIGHT_STEP)

# What a request sets, by field: those of FIELDS, ``weights`` by cloud and
# ``members``, which has the limits and the order by cloud.
Values = collections.abc.Mapping[str, typing.Any]


class InvalidSpecification(ValueError):
    """The values do not fit together; the message is for the user."""


@dataclasses.dataclass(frozen=True)
class Part:
    """What a user asks for in one cloud; ``max_count`` None is no limit.

    ``admin_state`` is ordered for the time from ``admin_from`` to
    ``admin_until``, each None for no limit.
    """

    cloud: str
    weight: fractions.Fraction
    min_count: int = 0
    max_count: int | None = None
    admin_state: states.AdminState = states.AdminState.ENABLED
    admin_from: datetime.datetime | None = None
    admin_until: datetime.datetime | None = None
    admin_reason: str = ''

    def admin_state_at(self, now: datetime.datetime) -> states.AdminState:
        """What the owner orders for this time."""
        begun = self.admin_from is None or self.admin_from <= now
        over = self.admin_until is not None and self.admin_until <= now
        return self.admin_state if begun and not over else _ENABLED

    @property
    def limit(self) -> float:
        """The maximum as a number to compare with."""
        return math.inf if self.max_count is None else self.max_count


@dataclasses.dataclass(frozen=True, kw_only=True)
class Specification:
    """What a user asks for; ``parts`` are in the order of their clouds."""

    name: str
    stack_name: str
    count_parameter: str
    count: int
    failover: str = states.Failover.EVEN
    failback: str = states.Failback.AUTO
    paused: bool = False
    parts: tuple[Part, ...] = ()

    @functools.cached_property
    def weight(self) -> fractions.Fraction:
        """The sum of the weights, 0 to 1."""
        return sum((part.weight for part in self.parts), fractions.Fraction())

    @functools.cached_property
    def complete(self) -> bool:
        """Whether the weights add up to 1, but for what rounding may take."""
        return 1 - self.weight < len(self.parts) * _STEP

    @functools.cached_property
    def total(self) -> int:
        """How many instances there must be over all clouds.

        The count times the sum of the weights, rounded up, or the sum of the
        minima where that is more; never more than the count.
        """
        minimum = sum(part.min_count for part in self.parts)
        return total(self.count, self.weight, minimum)


def total(
    count: int, weight: fractions.Fraction | decimal.Decimal, minimum: int
) -> int:
    """The total of a specification, from the sums of weights and minima."""
    return min(count, max(math.ceil(count * weight), minimum))


def create(values: Values) -> Specification:
    """The specification of a new stack.

    :raises InvalidSpecification: if the values do not fit together
    """
    fields = {field: values[field] for field in FIELDS if field in values}
    return change(Specification(**fields), values)


def change(specification: Specification, values: Values) -> Specification:
    """A specification with the values of a request in the place of its own.

    ``weights`` replaces all weights; a cloud that keeps one keeps its limits
    and its order. An order replaces the one before as a whole.

    :raises InvalidSpecification: if the result does not fit together
    """
    fields = {field: values[field] for field in FIELDS if field in values}
    parts = {part.cloud: part for part in specification.parts}
    if 'weights' in values:
        parts = _replace_weights(parts, values['weights'])
    parts = _set_members(parts, values.get('members', {}))
    changed = dataclasses.replace(
        specification,
        **fields,
        parts=tuple(parts[cloud] for cloud in sorted(parts)),
    )
    check(changed)
    return changed


def _replace_weights(
    parts: dict[str, Part],
    weights: collections.abc.Mapping[str, decimal.Decimal],
) -> dict[str, Part]:
    return {
        cloud: dataclasses.replace(
            parts.get(cloud) or Part(cloud, fractions.Fraction()),
            weight=fractions.Fraction(weight),
        )
        for cloud, weight in weights.items()
    }


def _set_members(
    parts: dict[str, Part],
    members: collections.abc.Mapping[str, dict[str, typing.Any]],
) -> dict[str, Part]:
    changed = dict(parts)
    for cloud, values in members.items():
        part = changed.get(cloud)
        if part is None:
            what = 'an order' if 'admin_state' in values else 'limits'
            raise InvalidSpecification(
                f"The cloud '{cloud}' has {what} but no weight in this stack. "
                'Give it a weight, 0 for a standby. '
                f'{suggest.did_you_mean(cloud, parts)}'.rstrip()
            )
        changed[cloud] = dataclasses.replace(
            part,
            min_count=values.get('min_count', part.min_count) or 0,
            max_count=values.get('max_count', part.max_count),
            **_order(values),
        )
    return changed


def _order(values: dict[str, typing.Any]) -> dict[str, typing.Any]:
    if 'admin_state' not in values:
        return {}
    nothing = {'admin_from': None, 'admin_until': None, 'admin_reason': ''}
    given = {name: values[name] for name in ORDER if name in values}
    return nothing | given


def check(specification: Specification) -> None:
    """Check the rules that the values must keep together.

    :raises InvalidSpecification: if they do not
    """
    if specification.weight > 1:
        raise InvalidSpecification(
            f'The weights add up to {format_weight(specification.weight)}, '
            'which is more than 1.'
        )
    for part in specification.parts:
        if part.min_count > part.limit:
            raise InvalidSpecification(
                f"In the cloud '{part.cloud}' the min_count {part.min_count} "
                f'is greater than the max_count {part.max_count}.'
            )
    minimum = sum(part.min_count for part in specification.parts)
    if minimum > specification.count:
        raise InvalidSpecification(
            f'The min_counts add up to {minimum}, which is more than the '
            f'count {specification.count}.'
        )


def differences(
    before: Specification | None, after: Specification
) -> dict[str, list[typing.Any]]:
    """Pairs of the old and the new value of what differs, by name.

    The names are those that a reader of events understands.
    """
    old = _named_values(before) if before else {}
    new = _named_values(after)
    return {
        name: [old.get(name), new.get(name)]
        for name in old | new
        if old.get(name) != new.get(name)
    }


def _named_values(specification: Specification) -> dict[str, typing.Any]:
    values = {field: getattr(specification, field) for field in FIELDS}
    for part in specification.parts:
        values[f'weight of {part.cloud}'] = format_weight(part.weight)
        values[f'min_count of {part.cloud}'] = part.min_count or None
        values[f'max_count of {part.cloud}'] = part.max_count
        values[f'admin_state of {part.cloud}'] = _describe_order(part)
    return values


def _describe_order(part: Part) -> str | None:
    """What the owner orders, for people: DRAINING until 2026-12-01 ..."""
    if part.admin_state == _ENABLED:
        return None
    words = [str(part.admin_state)]
    for word, moment in (
        ('from', part.admin_from),
        ('until', part.admin_until),
    ):
        words += [word, text.time(moment)] if moment else []
    reason = f' ({part.admin_reason})' if part.admin_reason else ''
    return ' '.join(words) + reason


@functools.lru_cache(maxsize=1024)
def format_weight(weight: fractions.Fraction) -> str:
    """A weight as people write it: 0.2, without an exponent."""
    exact = decimal.Decimal(weight.numerator) / weight.denominator
    return f'{exact.normalize():f}'
