# SPDX-License-Identifier: Apache-2.0
"""The stacks of an emulated cloud, kept as the JSON that Heat shows of them.

An update is accepted at once and done a while later, and times are in whole
seconds, as in real Heat. Nothing here waits or has a lock: one thread has it.
"""

import collections
import dataclasses
import datetime
import json
import time
import uuid

PARAMETER = 'count'
FAULTS = ('refuse', 'hang', 'hang-patch', 'hang-reads', 'hang-auth', 'drip')
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
    _row: dict | None = None
    _json: bytes = b''

    def is_busy(self, now):
        """Whether an update is under way."""
        return now < self.done_at

    def update(self, count, done_at):
        """Begin an update."""
        self.count, self.done_at = count, done_at
        when = datetime.datetime.now(datetime.UTC)
        self.updated_at = when.strftime('%Y-%m-%dT%H:%M:%SZ')

    def row(self, now):
        """The stack in a list, as a dict and as JSON."""
        if self.is_busy(now):
            status = 'UPDATE_IN_PROGRESS'
        elif self.updated_at:
            status = 'UPDATE_COMPLETE'
        else:
            status = 'CREATE_COMPLETE'
        row = {
            'id': self.id,
            'stack_name': self.name,
            'stack_status': status,
            'stack_status_reason': '',
            'updated_time': self.updated_at,
        }
        if row != self._row:
            self._row, self._json = row, json.dumps(row).encode()
        return self._row, self._json


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
        self._position = {}

    def fill(self, names, count):
        """Replace all stacks by new ones."""
        self.stacks = {name: Stack(name, count) for name in names}
        ids = [stack.id for stack in self.stacks.values()]
        self._position = {key: index for index, key in enumerate(ids)}

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
            found = [*self.stacks.values()][begin:end]
        else:
            found = [self.stacks[n] for n in names if n in self.stacks]
        rows = b','.join(stack.row(now)[1] for stack in found)
        return b'{"stacks":[' + rows + b']}'

    def show(self, name, stack_id):
        """The JSON of one stack, None if there is none."""
        stack = self._find(name, stack_id)
        if stack is None:
            return None
        row, _ = stack.row(time.monotonic())
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
