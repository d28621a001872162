# SPDX-License-Identifier: Apache-2.0
"""Clouds with room for some instances, and an engine that plans for them."""

import dataclasses
import datetime
import fractions
import random

from heat_spreader import states
from heat_spreader.planning import capacity
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.planning import specification

START = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
NO_ROOM = 'Resource CREATE failed: Forbidden: resources[{}]: Quota exceeded '
NO_ROOM += 'for instances: Requested 1, but already used {} of {} instances'
NAMES = ('athens', 'berlin', 'cairo', 'delft')


@dataclasses.dataclass
class Place:
    """A stack in one cloud as it really is; ``there`` has the numbers of its
    instances.

    ``ways``: what happens where there is no room: the update ends as
    UPDATE_FAILED, is rolled back, or is rejected by Heat. ``scattered``: the
    instances are created in any order, not by their numbers.
    """

    name: str
    weight: fractions.Fraction
    room: int
    limits: tuple = (0, None)
    way: str = 'fails'
    scattered: bool = False
    count: int = 0
    there: set = dataclasses.field(default_factory=set)
    before: int = 0
    status: str = 'UPDATE_COMPLETE'
    reason: str = ''
    rejection: str | None = None
    sent_count: int | None = None
    failures: int = 0
    retry_at: datetime.datetime | None = None
    cap: facts.Cap | None = None
    full: facts.Full | None = None
    updates: int = 0
    chance: random.Random = dataclasses.field(
        default_factory=lambda: random.Random(0), repr=False
    )

    @property
    def ready(self):
        return len(self.there)

    @property
    def safe(self):
        """How many stay there, even if Heat rolls the update back."""
        if self.in_progress and self.way == 'rolls back':
            return min(self.ready, self.before)
        return self.ready

    @property
    def in_progress(self):
        return self.status == 'UPDATE_IN_PROGRESS'

    def receive(self, update):
        self.updates += 1
        if self.way == 'rejects' and update.new > max(self.room, self.count):
            self.rejection = 'Heat in rejected the request: Request limit '
            self.rejection += 'exceeded: Maximum resources per stack exceeded.'
            return
        self.before, self.count = self.count, update.new
        self.sent_count = update.new
        self.rejection, self.retry_at = None, None
        self.status = 'UPDATE_IN_PROGRESS'

    def work(self):
        """Heat makes one more, or takes one away, or is done."""
        if not self.in_progress:
            return
        missing = [n for n in range(self.count) if n not in self.there]
        extra = [n for n in self.there if n >= self.count]
        if missing and self.ready < self.room:
            number = self.chance.choice(missing) if self.scattered else 0
            self.there.add(number or missing[0])
        elif extra:
            self.there.remove(max(extra))
        elif missing:
            self.fail(missing[0])
        else:
            self.status, self.reason = 'UPDATE_COMPLETE', ''

    def fail(self, number):
        self.reason = NO_ROOM.format(number, self.ready, self.room)
        self.status = 'UPDATE_FAILED'
        if self.way == 'rolls back':
            self.status, self.count = 'ROLLBACK_COMPLETE', self.before
            self.there = set(range(self.before))


class World:
    """Clouds, and an engine that reads them as surveys would."""

    def __init__(self, count, places):
        self.count = count
        self.now = START
        self.places = {place.name: place for place in places}
        self.planned = None
        self.is_quiet = False

    @property
    def ready(self):
        return sum(place.safe for place in self.places.values())

    @property
    def updates(self):
        return sum(place.updates for place in self.places.values())

    def stack(self):
        members = tuple(map(self.member, self.places.values()))
        return facts.Stack(
            id='id',
            specification=specification.Specification(
                name='web',
                stack_name='web',
                count_parameter='size',
                count=self.count,
                parts=tuple(member.part for member in members),
            ),
            members=members,
        )

    def member(self, p):
        ready = p.ready
        if p.in_progress:
            ready = min(p.ready, p.before, p.count)
        elif p.status.endswith('FAILED'):
            ready = min(p.ready, p.count)
        return facts.Member(
            stack_id='id',
            stack_name='web',
            count_parameter='size',
            cloud=facts.Cloud(
                p.name, states.CloudState.UP, START, full=p.full
            ),
            part=specification.Part(p.name, p.weight, *p.limits),
            heat=facts.HeatStack(
                id=p.name,
                status=p.status,
                status_reason=p.reason,
                count=p.count,
                ready=ready,
            ),
            sent_count=p.sent_count,
            rejection=p.rejection,
            failures=p.failures,
            retry_at=p.retry_at,
            cap=p.cap,
        )

    def step(self):
        """Plan and act once, then let Heat work a little everywhere."""
        self.now += SECOND
        busy = any(place.in_progress for place in self.places.values())
        planned = self.planned = plan.make(self.stack(), self.now)
        for name, full in planned.full.items():
            self.places[name].full = full
        for member in planned.members:
            self.note(self.places[member.cloud], member)
        for update in planned.updates:
            place = self.places[update.cloud]
            if update.tries and place.full:
                tries = place.full.tries
                place.full = dataclasses.replace(
                    place.full,
                    until=capacity.next_try(self.now, tries + 1),
                    tries=tries + 1,
                )
            place.receive(update)
        for place in self.places.values():
            place.work()
        # Whether nothing happens before some time has passed.
        self.is_quiet = not busy and not planned.updates
        return planned

    @staticmethod
    def note(place, member):
        """What the engine writes after a plan."""
        place.failures = member.back_off.failures
        place.retry_at = member.back_off.retry_at
        place.cap = member.cap
        is_there = (member.target, True) == (
            place.count,
            place.status.endswith('_COMPLETE'),
        )
        if member.state in ('OK', 'FULL') and is_there:
            place.sent_count, place.rejection = member.target, None

    def skip(self, end):
        """Let the time pass in which nothing happens, at most until then."""
        due_at = self.planned.due_at or end
        self.now = max(self.now, min(end, due_at - SECOND))

    def __repr__(self):
        places = '\n'.join(map(str, self.places.values()))
        return f'{self.count} in\n{places}\nat {self.now}'
