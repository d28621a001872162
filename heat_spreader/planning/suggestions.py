# SPDX-License-Identifier: Apache-2.0
"""What would find a place for instances that have none.

Pure. Each change is tried alone with spread.py, and suggested only if it
places more.
"""

import collections.abc
import dataclasses
import datetime

from heat_spreader import states
from heat_spreader.planning import capacity
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import preview
from heat_spreader.planning import specification
from heat_spreader.planning import spread

_ONE = 'one more has a place'


@dataclasses.dataclass(frozen=True)
class Suggestion:
    """One change, and how many more of the total it would place.

    ``change``: the field of the stack, or what is to be done with the cloud.
    ``cloud``: None for a change of the stack as a whole. ``value``: of the
    field, None where there is none.
    """

    change: str
    cloud: str | None
    value: int | str | None
    places: int
    sentence: str


def of_plan(planned: plan.Plan, now: datetime.datetime) -> list[Suggestion]:
    """What would place more of the total than a plan does."""
    found = _of_weights(planned.basis.stack)
    if planned.unplaced:
        attempts = _Attempts(planned, now)
        found += attempts.of_stack()
        for member in planned.basis.stack.members:
            found += attempts.of_member(member)
    return found


def _of_weights(stack: facts.Stack) -> list[Suggestion]:
    wanted = stack.specification
    missing = wanted.count - wanted.total
    if not missing or not wanted.parts:
        return []
    weight = specification.format_weight(wanted.weight)
    return [
        Suggestion(
            'weights',
            None,
            None,
            missing,
            f'Raise the weights, which add up to {weight}, to 1: '
            f'{_places(missing)}.',
        )
    ]


def _places(number: int) -> str:
    return _ONE if number == 1 else f'{number} more have a place'


class _Attempts:
    """Spreads a stack again, with one change each time."""

    def __init__(self, planned: plan.Plan, now: datetime.datetime) -> None:
        self.basis = planned.basis
        self.unplaced = planned.unplaced
        self.now = now

    def of_stack(self) -> list[Suggestion]:
        """Changes of the stack as a whole."""
        wanted = self.basis.stack.specification
        if wanted.failover != states.Failover.NONE:
            return []
        even = dataclasses.replace(wanted, failover=states.Failover.EVEN)
        places = self._places(
            dataclasses.replace(self.basis.stack, specification=even)
        )
        return [
            Suggestion(
                'failover',
                None,
                str(states.Failover.EVEN),
                places,
                f'Set failover to even: {_places(places)}.',
            )
        ][: places > 0]

    def of_member(
        self, member: facts.Member
    ) -> collections.abc.Iterator[Suggestion]:
        """Changes for one cloud that place more."""
        yield from self._limits(member)
        yield from self._room(member)
        yield from self._orders(member)

    def _limits(
        self, member: facts.Member
    ) -> collections.abc.Iterator[Suggestion]:
        cloud, part = member.cloud.name, member.part
        if part.max_count is not None:
            places = self._places(
                self._with(member, dataclasses.replace(part, max_count=None))
            )
            value = self.basis.spread.targets[cloud] + places
            if places:
                yield Suggestion(
                    'max_count',
                    cloud,
                    value,
                    places,
                    f'Raise the max_count of {cloud} from {part.max_count} to '
                    f'{value}: {_places(places)}.',
                )
        if part.min_count:
            places = self._places(
                self._with(member, dataclasses.replace(part, min_count=0))
            )
            if places:
                yield Suggestion(
                    'min_count',
                    cloud,
                    0,
                    places,
                    f'Lower the min_count of {cloud} from {part.min_count} to '
                    f'0: {_places(places)}.',
                )

    def _room(
        self, member: facts.Member
    ) -> collections.abc.Iterator[Suggestion]:
        cloud = member.cloud.name
        if member.room is None:
            return
        places = self._places(capacity.without_caps(self.basis.stack, [cloud]))
        if places:
            yield Suggestion(
                'retry_capacity',
                cloud,
                None,
                places,
                f'Make room in {cloud}, then try it with --retry-capacity of '
                f'"stack set": {_places(places)}.',
            )

    def _orders(
        self, member: facts.Member
    ) -> collections.abc.Iterator[Suggestion]:
        cloud = member.cloud
        if cloud.use.state != states.AdminState.ENABLED:
            word = 'drain' if cloud.draining else 'cordon'
            used = dataclasses.replace(cloud, use=facts.Use())
            places = self._places(self._in_cloud(member, used))
            if places:
                yield Suggestion(
                    f'end_{word}',
                    cloud.name,
                    None,
                    places,
                    f'End the {word} of {cloud.name}: {_places(places)}.',
                )
        if not cloud.rule.changeable:
            used = preview.in_service(cloud, self.now)
            used = dataclasses.replace(used, use=cloud.use)
            places = self._places(self._in_cloud(member, used))
            if places:
                yield Suggestion(
                    'return',
                    cloud.name,
                    None,
                    places,
                    f'When {cloud.name} is back: {_places(places)}.',
                )

    def _places(self, stack: facts.Stack) -> int:
        """How many more have a place in a changed stack."""
        shares = self.basis.shares | {
            new.cloud.name: new.share
            for old, new in zip(
                self.basis.stack.members, stack.members, strict=True
            )
            if old is not new
        }
        result = spread.of_stack(stack, shares)
        return max(0, self.unplaced - result.unplaced)

    def _with(
        self, member: facts.Member, part: specification.Part
    ) -> facts.Stack:
        """The stack with other limits in one cloud."""
        wanted = self.basis.stack.specification
        parts = tuple(
            part if p.cloud == part.cloud else p for p in wanted.parts
        )
        return dataclasses.replace(
            self._replaced(dataclasses.replace(member, part=part)),
            specification=dataclasses.replace(wanted, parts=parts),
        )

    def _in_cloud(
        self, member: facts.Member, cloud: facts.Cloud
    ) -> facts.Stack:
        return self._replaced(dataclasses.replace(member, cloud=cloud))

    def _replaced(self, member: facts.Member) -> facts.Stack:
        members = tuple(
            member if m.cloud.name == member.cloud.name else m
            for m in self.basis.stack.members
        )
        return dataclasses.replace(self.basis.stack, members=members)
