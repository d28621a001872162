# SPDX-License-Identifier: Apache-2.0
"""The stacks of an emulated cloud, kept as the JSON that Heat shows of them.

An update is accepted at once and done a while later, and times are in whole
seconds, as in real Heat. Nothing here waits or has a lock: one thread has it.
"""

import collections
import contextlib
import dataclasses
import datetime
import json
import time
import uuid

PARAMETER = 'count'
FAULTS = (
    *('refuse', 'hang', 'hang-patch', 'hang-reads', 'hang-auth', 'drip'),
    *('throttle', 'limit'),
)
# Requests for single stacks.
SINGLE = ('find', 'read', 'patch')
# How many of them a cloud answers in a second with the fault throttle, and how
# many at the same time with the fault limit.
RATE, PARALLEL = 50, 4
# The requests that a fault hits, by the kinds that Cloud.requests counts.
HIT = {
    'hang': ('auth', 'list', 'find', 'read', 'patch'),
    'hang-patch': ('patch',),
    'hang-reads': ('read',),
    'hang-auth': ('auth',),
    'drip': ('auth', 'list', 'find', 'read', 'patch'),
}


@dataclasses.dataclass(eq=False)
class Stack:
    """A Heat stack; it is being updated until ``done_at``."""

    name: str
    count: int
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    done_at: float = 0.0
    updated_at: str | None = None
    # The stack in a list, and the status and time that it shows.
    _json: bytes = b''
    _shows: tuple | None = None

    def is_busy(self, now):
        """Whether an update is under way."""
        return now < self.done_at

    def update(self, count, done_at):
        """Begin an update."""
        self.count, self.done_at = count, done_at
        when = datetime.datetime.now(datetime.UTC)
        self.updated_at = when.strftime('%Y-%m-%dT%H:%M:%SZ')

    def status(self, now):
        """The status that Heat shows."""
        if self.is_busy(now):
            return 'UPDATE_IN_PROGRESS'
        return 'UPDATE_COMPLETE' if self.updated_at else 'CREATE_COMPLETE'

    def row(self, now):
        """The stack in a list."""
        return {
            'id': self.id,
            'stack_name': self.name,
            'stack_status': self.status(now),
            'stack_status_reason': '',
            'updated_time': self.updated_at,
        }

    def listed(self, now):
        """The same as JSON, which is made once for each change."""
        shows = self.status(now), self.updated_at
        if shows != self._shows:
            self._json = json.dumps(self.row(now)).encode()
            self._shows = shows
        return self._json


class Cloud:
    """The stacks, what was requested, and the fault if there is one.

    :param settle: the seconds that an update takes
    """

    def __init__(self, name, settle):
        self.name = name
        self.settle = settle
        self.stacks = {}
        self.fault = None
        self.requests = collections.Counter()
        # When each PATCH arrived (CLOCK_MONOTONIC), and its stack.
        self.patches = []
        # Updates of a stack that was busy: no engine may send them.
        self.violations = 0
        # Requests for single stacks: how many are under way, and how many
        # have been at the most; and those that got 429.
        self.parallel = self.highest = self.throttled = 0
        self._allowed = collections.deque(maxlen=RATE)
        self._position, self._order = {}, []

    def fill(self, names, count):
        """Replace all stacks by new ones."""
        self.stacks = {name: Stack(name, count) for name in names}
        self._order = [*self.stacks.values()]
        self._position = {
            stack.id: index for index, stack in enumerate(self._order)
        }

    @contextlib.contextmanager
    def counted(self, kind):
        """Count a request as under way."""
        single = kind in SINGLE
        self.parallel += single
        self.highest = max(self.highest, self.parallel)
        try:
            yield
        finally:
            self.parallel -= single

    def is_too_fast(self):
        """Whether one more request is more than RATE in a second."""
        now = time.monotonic()
        full = len(self._allowed) == RATE
        if full and now - self._allowed[0] < 1:
            self.throttled += 1
            return True
        self._allowed.append(now)
        return False

    def is_hit(self, kind):
        """Whether the fault hits a kind of request."""
        return kind in HIT.get(self.fault, ())

    def list(self, names, limit, marker):
        """The JSON of a list of stacks.

        :param names: of the stacks to list, None for all
        """
        now = time.monotonic()
        if names is None:
            begin = self._position[marker] + 1 if marker else 0
            end = begin + limit if limit else None
            found = self._order[begin:end]
        else:
            found = [self.stacks[n] for n in names if n in self.stacks]
        rows = b','.join([stack.listed(now) for stack in found])
        return b'{"stacks":[' + rows + b']}'

    def show(self, name, stack_id):
        """The JSON of one stack, None if there is none."""
        stack = self._find(name, stack_id)
        if stack is None:
            return None
        row = stack.row(time.monotonic())
        parameters = {PARAMETER: str(stack.count)}
        return json.dumps({'stack': {**row, 'parameters': parameters}})

    def patch(self, name, stack_id, parameters):
        """Begin an update; return whether there is such a stack."""
        stack = self._find(name, stack_id)
        if stack is None:
            return False
        now = time.monotonic()
        self.violations += stack.is_busy(now)
        stack.update(int(parameters[PARAMETER]), now + self.settle)
        return True

    def _find(self, name, stack_id):
        stack = self.stacks.get(name)
        return stack if stack and stack.id == stack_id else None
