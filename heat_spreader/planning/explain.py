# SPDX-License-Identifier: Apache-2.0
"""The arithmetic of a target, in sentences that a person can follow.

Pure. The numbers are those of spread.py: the sentences show how it comes from
one to the next, and decide nothing.
"""

import dataclasses
import fractions
import functools
import math

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import rules
from heat_spreader.planning import specification
from heat_spreader.planning import spread
from heat_spreader.planning import status
from heat_spreader.planning import text

# What is shown of a number; the comparisons themselves are exact.
_PLACES = 4
_SMALL = fractions.Fraction(1, 100)
_REPLACED = (rules.Share.DRAINED, rules.Share.WAITING)


class Explanation:
    """Explains the targets of a plan."""

    def __init__(self, planned: plan.Plan) -> None:
        self.plan = planned
        self.stack = planned.basis.stack
        self.wanted = self.stack.specification
        self.shares = planned.basis.shares
        self.spread = planned.basis.spread
        self.members = {m.cloud.name: m for m in self.stack.members}
        self.targets = {m.cloud: m.target for m in planned.members}

    @functools.cached_property
    def own(self) -> dict[str, int]:
        """The shares while every cloud serves, by cloud."""
        return spread.spread(self.stack.id, self.wanted).targets

    @functools.cached_property
    def floors(self) -> dict[str, int]:
        """The whole seats of each cloud, within its limits."""
        return {part.cloud: self._floor(part) for part in self.wanted.parts}

    def _floor(self, part: specification.Part) -> int:
        whole = max(math.floor(self._quota(part)), part.min_count)
        return int(min(whole, part.limit))

    def _quota(self, part: specification.Part) -> fractions.Fraction:
        return self.wanted.count * part.weight

    def target(self, cloud: str) -> list[str]:
        """Why a member has its target."""
        member = self.members[cloud]
        sentences = [
            *self._quota_sentences(member.part),
            *self._limit_sentences(member.part),
            *self._seat_sentences(member.part),
            *self._moved_weights(cloud),
            *self._kept_share(member),
        ]
        if self.targets[cloud] > self.spread.targets[cloud]:
            sentences.append(
                f'It keeps {self.targets[cloud]}: nothing shrinks until the '
                'weights have added up to 1.'
            )
        return [*sentences, f'Target: {self.targets[cloud]}.']

    def _quota_sentences(self, part: specification.Part) -> list[str]:
        quota = self._quota(part)
        whole = math.floor(quota)
        rest = quota - whole
        remainder = (
            f'a remainder of {_number(rest)}' if rest else ('no remainder')
        )
        return [
            f'{self.wanted.count} x {_number(part.weight)} = '
            f'{_number(quota, 1)}: {_seats(whole)}; {remainder}.'
        ]

    def _limit_sentences(self, part: specification.Part) -> list[str]:
        quota = self._quota(part)
        if quota < part.min_count:
            return [f'The minimum is {part.min_count}.']
        if quota > part.limit:
            return [f'The maximum is {part.max_count}.']
        return []

    def _seat_sentences(self, part: specification.Part) -> list[str]:
        """Who got the seats beyond the whole ones, while all serve."""
        free = self.wanted.total - sum(self.floors.values())
        got = self.own[part.cloud] - self.floors[part.cloud]
        if got < 0:
            return [
                f'{_seats(-got)} less, for the minimums of other clouds: '
                f'{self.own[part.cloud]}.'
            ]
        if free <= 0 or self.floors[part.cloud] >= self._ceiling(part):
            return self._beyond_quota(part, got)
        claim = self._claim(part)
        priority = (
            f'Its priority is {_number(part.weight)} / '
            f'(2 x {self.floors[part.cloud]} + 1) = {_rounded(claim)}'
        )
        if not got:
            return [
                f'{_remainders(free)} remained, and none came here. '
                f'{priority}{self._compared(part, claim)}.'
            ]
        sentences = [
            f'{_remainders(free)} remained, and 1 came here: '
            f'{self.floors[part.cloud]} + 1 = {self.floors[part.cloud] + 1}. '
            f'{priority}{self._compared(part, claim)}.'
        ]
        return sentences + self._beyond_quota(part, got - 1)

    def _beyond_quota(self, part: specification.Part, more: int) -> list[str]:
        if more <= 0:
            return []
        return [
            f'{more} more, which do not fit in clouds that are at their '
            f'maximum: {self.own[part.cloud]}.'
        ]

    def _ceiling(self, part: specification.Part) -> float:
        return min(math.ceil(self._quota(part)), part.limit)

    def _claim(self, part: specification.Part) -> fractions.Fraction:
        return part.weight / (2 * self.floors[part.cloud] + 1)

    def _compared(
        self, part: specification.Part, claim: fractions.Fraction
    ) -> str:
        """How a claim to a remainder compares with the one next to it.

        That is the lowest that got a seat, or the highest that got none.
        """
        got = self.own[part.cloud] > self.floors[part.cloud]
        others = [
            other
            for other in self.wanted.parts
            if other.cloud != part.cloud
            and self.floors[other.cloud] < self._ceiling(other)
            and (self.own[other.cloud] > self.floors[other.cloud]) != got
        ]
        if not others:
            return ''
        other = (max if got else min)(others, key=self._claim)
        theirs = self._claim(other)
        if theirs != claim:
            word = 'higher' if claim > theirs else 'lower'
            return f', {word} than {_rounded(theirs)} of {other.cloud}'
        mine, its = self.floors[part.cloud], self.floors[other.cloud]
        if mine != its:
            first = part.cloud if mine < its else other.cloud
            return f', equal to that of {other.cloud}; {first} has fewer seats'
        first = part.cloud if got else other.cloud
        return (
            f', equal to that of {other.cloud}, which has as many seats; a '
            f'hash of the stack and the cloud decides for {first}'
        )

    @functools.cached_property
    def tied(self) -> list[str]:
        """The clouds between which only the id of the stack decides."""
        wins: dict[tuple[fractions.Fraction, int], set[bool]] = {}
        waiting = {}
        for part in self.wanted.parts:
            floor = self.floors[part.cloud]
            if floor < self._ceiling(part):
                key = waiting[part.cloud] = (self._claim(part), floor)
                won = self.own[part.cloud] > floor
                wins.setdefault(key, set()).add(won)
        return [c for c, key in waiting.items() if len(wins[key]) == 2]

    def _moved_weights(self, cloud: str) -> list[str]:
        """What a member got of the weights of others, or lost of its own."""
        weight = self.members[cloud].part.weight
        now = self.spread.effective_weights[cloud]
        if now > weight:
            givers = [
                self._giver(m)
                for m in self.stack.members
                if m.part.weight and not self._effective(m)
            ]
            return [
                f'{_capital(self._division(givers, cloud))}: + '
                f'{_rounded(now - weight)}. Its weight is {_rounded(now)} '
                'now.'
            ]
        if now < weight:
            takers = self._takers()
            to = f'to {text.join(takers)}' if takers else 'to no other cloud'
            why = self._lost_state(self.members[cloud])
            return [f'{why}: its weight {_number(weight)} goes {to}.']
        return []

    def _effective(self, member: facts.Member) -> fractions.Fraction:
        return self.spread.effective_weights[member.cloud.name]

    def _takers(self) -> list[str]:
        return [
            m.cloud.name
            for m in self.stack.members
            if self._effective(m) > m.part.weight
        ]

    def _division(self, givers: list[str], cloud: str) -> str:
        takers = self._takers()
        verb = 'is' if len(givers) == 1 else 'are'
        how = 'equally'
        if self.wanted.failover == states.Failover.PROPORTIONAL and (
            self.members[cloud].part.weight
        ):
            how = 'by weight'
        if len(takers) == 1:
            return f'{text.join(givers)}, {verb} added'
        return (
            f'{text.join(givers)}, {verb} divided {how} among '
            f'{text.join(takers)}'
        )

    def _lost_state(self, member: facts.Member) -> str:
        """Why its weight goes to others: cairo is DOWN."""
        alone = dataclasses.replace(self.stack, members=(member,))
        return status.lost(alone, self.shares)

    def _giver(self, member: facts.Member) -> str:
        """A cloud of which others have the weight: cairo, which is DOWN."""
        cloud = member.cloud.name
        state = self._lost_state(member).removeprefix(cloud)
        return f'{_number(member.part.weight)} of {cloud}, which{state}'

    def _kept_share(self, member: facts.Member) -> list[str]:
        """From the share without trouble to the target."""
        cloud = member.cloud.name
        share, target = self.shares[cloud], self.spread.targets[cloud]
        if share is rules.Share.HELD:
            return [self._held(member)]
        if share.lost:
            return self._lost(member)
        if share in _REPLACED:
            return self._replaced(member)
        own = self.own[cloud]
        sentences: list[str] = []
        if spread.gets_no_more(member, share):
            own, sentences = self._capped(member)
        if member.room is not None and member.room < own:
            sentences.append(self._full(member, own))
            own = member.room
        if target > own:
            sentences.append(self._taken_over(cloud, own))
        elif target < own:
            sentences.append(
                f'{own} - {own - target} = {target}: {self._who_keeps_more()}.'
            )
        return sentences

    @functools.cached_property
    def _surplus(self) -> dict[str, int]:
        """How many more than its share each cloud has, or fewer."""
        targets = self.spread.targets
        return {cloud: targets[cloud] - self.own[cloud] for cloud in targets}

    def _who_keeps_more(self) -> str:
        more = {c: n for c, n in self._surplus.items() if n > 0}
        number = sum(more.values())
        if len(more) == 1:
            return (
                f'{text.join(list(more))} keeps {number} more than its share'
            )
        return f'{text.join(list(more))} keep {number} more than their shares'

    def _taken_over(self, cloud: str, base: int) -> str:
        """What a member gets of what others cannot take."""
        fewer = {c: -n for c, n in self._surplus.items() if n < 0}
        takers = [c for c, n in self._surplus.items() if n > 0]
        target = self.spread.targets[cloud]
        more, lost = target - base, sum(fewer.values())
        whose = 'that have no place elsewhere'
        if more <= lost:
            whose = f'of the {lost} that {text.join(list(fewer))} cannot take'
        sentence = f'{base} + {more} {whose} = {target}.'
        if len(takers) > 1:
            sentence += (
                ' Each goes to the cloud with the highest weight / '
                '(2 x seats + 1).'
            )
        if target == self.members[cloud].part.max_count:
            sentence += f' The maximum is {target}.'
        return sentence

    def _held(self, member: facts.Member) -> str:
        count = member.stack.count
        if count is None:
            return 'Its count is not known; its share is kept free.'
        return f'It is held at the last count, {count}.'

    def _full(self, member: facts.Member, own: int) -> str:
        why = f' ({member.cap.reason})' if member.cap else ''
        room = member.room or 0
        return (
            f'{member.cloud.name} has room for {room}{why}: {own} - '
            f'{own - room} = {room}.'
        )

    def _lost(self, member: facts.Member) -> list[str]:
        target = self.spread.targets[member.cloud.name]
        if not target:
            return self._nothing(member)
        return [
            f'Its share of {target} stays there, and nothing elsewhere '
            f'replaces it: failover is {self.wanted.failover}.'
        ]

    def _replaced(self, member: facts.Member) -> list[str]:
        target = self.spread.targets[member.cloud.name]
        minimum = min(target, member.part.min_count)
        stays = []
        if minimum:
            stays.append(f'{minimum} by the minimum')
        if target > minimum:
            stays.append(f'{target - minimum} that no other cloud can take')
        if not stays:
            return self._nothing(member)
        return [f'What stays: {text.join(stays)}.']

    def _nothing(self, member: facts.Member) -> list[str]:
        """That a member without a weight has nothing now."""
        if member.part.weight or not self.own[member.cloud.name]:
            return []
        return ['The cloud does not serve this stack now: 0.']

    def _capped(self, member: facts.Member) -> tuple[int, list[str]]:
        """The share of a member that gets nothing more."""
        own, keeps = self.own[member.cloud.name], member.keeps
        if keeps is None or own <= keeps:
            return own, []
        return keeps, [
            f'{member.cloud.name} gets nothing more: it keeps {keeps} of its '
            f'share of {own}.'
        ]


def _capital(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _seats(number: int) -> str:
    return '1 whole seat' if number == 1 else f'{number} whole seats'


def _remainders(number: int) -> str:
    return '1 seat' if number == 1 else f'{number} seats'


def _number(number: fractions.Fraction, digits: int = 0) -> str:
    """A decimal without zeros at its end, beyond a number of places."""
    plain = specification.format_weight(number)
    whole, _, rest = plain.partition('.')
    rest = rest.ljust(digits, '0')
    return f'{whole}.{rest}' if rest else whole


def _rounded(number: fractions.Fraction) -> str:
    """The same, with as many places as show a difference."""
    places = _PLACES if number > _SMALL else 2 * _PLACES
    return _number(round(number, places))
