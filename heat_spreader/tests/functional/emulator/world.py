# SPDX-License-Identifier: Apache-2.0
"""The stacks of an emulated cloud, which behaves as real Heat does."""

import dataclasses
import datetime
import threading
import uuid

from heat_spreader.tests.functional.emulator import layout

# What Heat says when Nova refuses an instance.
QUOTA = (
    'Resource CREATE failed: Forbidden: resources.group.resources[4]: Quota '
    'exceeded for instances: Requested 1, but already used {} of {} instances '
    '(HTTP 403)'
)


class Refused(Exception):
    """Heat refuses: an HTTP status, the type of the error, its message."""

    def __init__(self, status, error_type, message):
        super().__init__(message)
        self.status = status
        self.error_type = error_type
        self.message = message


@dataclasses.dataclass
class Update:
    """An update in progress from ``before`` to ``reach`` ready instances."""

    started: float
    seconds: float | None
    before: int
    reach: int
    failure: str | None

    def done(self, now):
        return self.seconds is not None and now >= self.started + self.seconds

    def ready(self, now):
        # New instances become ready one after the other; others end at once,
        # which is the worst case for the caller.
        if self.reach <= self.before or not self.seconds:
            return min(self.before, self.reach)
        share = min(1, (now - self.started) / self.seconds)
        return self.before + int((self.reach - self.before) * share)


@dataclasses.dataclass
class Stack:
    """A stack with one resource group; ``ready`` is the truth about it."""

    name: str
    parameter: str
    parameters: dict
    ready: int
    max_count: int | None = None
    id: str = dataclasses.field(default_factory=lambda: str(uuid.uuid4()))
    status: str = 'CREATE_COMPLETE'
    status_reason: str = 'Stack CREATE completed successfully'
    updated_at: str | None = None
    update: Update | None = None
    next_failure: tuple | None = None
    next_rollback: str | None = None
    where: layout.Layout = layout.Layout.DIRECT
    last_failure: str | None = None
    flavor: object = None

    @property
    def count(self):
        return int(self.parameters[self.parameter])

    @property
    def in_progress(self):
        return self.status.endswith('_IN_PROGRESS')

    def members(self):
        """Return the instances with their status, the oldest first."""
        there, missing = 'CREATE_COMPLETE', 'CREATE_FAILED'
        if self.status == 'SUSPEND_COMPLETE':
            there = self.status
        if self.in_progress:
            missing = 'CREATE_IN_PROGRESS'
        return [
            (str(index), there if index < self.ready else missing)
            for index in range(max(self.count, self.ready))
        ]


class World:
    """Every stack of one cloud; each method is atomic.

    ``room``: how many instances there may be in all stacks together, and
    ``limit`` in each, which Heat itself enforces; None for no limit.

    :param clock: seconds since 1970; tests may turn it by hand
    :param update_seconds: how long an update takes; None: until finish()
    """

    def __init__(self, clock, update_seconds):
        self.clock = clock
        self.update_seconds = update_seconds
        self.violations = []
        self.room = self.limit = None
        self._stacks = {}
        self._deleted = {}
        self._lock = threading.RLock()

    def add_stack(
        self, name, count, parameter='count', max_count=None, **parameters
    ):
        """Create a stack, or create it again with another id."""
        values = {**parameters, parameter: str(count)}
        stack = Stack(name, parameter, values, count, max_count)
        with self._lock:
            self._stacks.pop(name, None)
            self._stacks[name] = stack
        return dataclasses.replace(stack)

    def stack(self, name):
        """Return a copy of the stack as it is now."""
        with self._lock:
            return dataclasses.replace(self._find(name))

    def stacks(self):
        """Return copies of all stacks, the newest first."""
        with self._lock:
            return [self.stack(name) for name in reversed(self._stacks)]

    def really_ready(self, name):
        """Return how many instances are ready now; 0 without a stack."""
        with self._lock:
            return self._find(name).ready if name in self._stacks else 0

    def move_group(self, name, where):
        """Have the group of the stack somewhere else: a layout.Layout."""
        with self._lock:
            self._find(name).where = where

    def set_flavor(self, name, flavor):
        """Have a template with a group of servers of a flavor."""
        with self._lock:
            self._find(name).flavor = flavor

    def finish(self, name):
        """End the update that is on its way, if there is one."""
        with self._lock:
            self._finish(self._find(name))

    def fail_next(self, name, ready, reason='The image is damaged'):
        """Let the next update fail with that many ready instances."""
        with self._lock:
            self._find(name).next_failure = (ready, reason)

    def roll_back_next(self, name, reason):
        """Let the next update fail and be rolled back."""
        with self._lock:
            self._find(name).next_rollback = reason

    def cancel(self, name, rollback):
        """Cancel the update that is on its way, as a user would."""
        with self._lock:
            stack = self._find(name)
            update = stack.update
            update.failure = 'Stack UPDATE cancelled'
            update.reach = update.before
            if rollback:
                stack.next_rollback = update.failure
                self._set_count(stack, update.before)
            self._finish(stack)

    def suspend(self, name):
        """Suspend the stack; its instances exist, but not for Heat."""
        self._settle_as(name, 'SUSPEND_COMPLETE')

    def resume(self, name):
        """Resume the stack."""
        self._settle_as(name, 'RESUME_COMPLETE')

    def delete(self, name):
        """Delete the stack at once; Heat still shows it by its id."""
        self._settle_as(name, 'DELETE_COMPLETE')
        with self._lock:
            stack = self._stacks.pop(name)
            stack.ready = 0
            self._deleted[name, stack.id] = stack

    def update(self, name, count):
        """Change the count as another user of the cloud would.

        Heat dates updates in whole seconds. This one is in a later second than
        the one before it.
        """
        with self._lock:
            stack, now = self._find(name), self.clock()
            before = stack.updated_at
            self.patch(name, stack.id, {stack.parameter: count})
            if stack.updated_at == before:
                stack.updated_at = _whole_seconds(now + 1)

    def patch(self, name, stack_id, parameters):
        """Do what Heat does on a PATCH.

        :raises Refused: as Heat refuses it
        """
        with self._lock:
            stack = self.get(name, stack_id)
            if stack.status.startswith('SUSPEND_'):
                text = 'Updating a stack when it is suspended'
                raise Refused(400, 'NotSupported', f'{text} is not supported')
            # A parameter that the template lacks starts an update as well,
            # of nothing.
            value = parameters.get(stack.parameter, stack.count)
            self._start(stack, value)

    def get(self, name, stack_id, show_deleted=False):
        """Return the stack itself.

        :raises Refused: there is none
        """
        with self._lock:
            if show_deleted and (name, stack_id) in self._deleted:
                return self._deleted[name, stack_id]
            if name not in self._stacks or self._find(name).id != stack_id:
                text = f'The Stack ({name}) could not be found.'
                raise Refused(404, 'EntityNotFound', text)
            return self._find(name)

    def _find(self, name):
        stack, now = self._stacks[name], self.clock()
        if stack.update and stack.update.done(now):
            self._finish(stack)
        elif stack.update:
            stack.ready = stack.update.ready(now)
        return stack

    def _start(self, stack, value):
        count = _valid(value, stack.max_count)
        if self.limit is not None and count > max(self.limit, stack.count):
            text = 'Request limit exceeded: Maximum resources per stack '
            raise Refused(400, 'RequestLimitExceeded', f'{text}exceeded.')
        if stack.in_progress:
            # The update in real Heat may never end after this.
            self.violations.append(f'PATCH of {stack.name} while in progress')
            if stack.update:
                stack.update.seconds = None
            return
        now, (reach, failure) = self.clock(), (count, None)
        if stack.next_failure:
            (reach, failure), stack.next_failure = stack.next_failure, None
        elif (most := self._most(stack)) < count:
            reach, failure = most, QUOTA.format(self.room, self.room)
        if stack.next_rollback:
            reach, failure = stack.ready, stack.next_rollback
        else:
            self._set_count(stack, count)
        stack.update = Update(
            now, self.update_seconds, stack.ready, reach, failure
        )
        stack.ready = stack.update.ready(now)
        stack.status = 'UPDATE_IN_PROGRESS'
        stack.status_reason = 'Stack UPDATE started'
        stack.updated_at = _whole_seconds(now)

    def _most(self, stack):
        """How many instances there can be of a stack."""
        if self.room is None:
            return float('inf')
        others = sum(
            max(each.ready, each.update.reach if each.update else 0)
            for each in self._stacks.values()
            if each is not stack
        )
        return max(stack.ready, self.room - others)

    @staticmethod
    def _set_count(stack, count):
        stack.parameters = {**stack.parameters, stack.parameter: str(count)}

    def _finish(self, stack):
        if not stack.update:
            return
        failure, stack.ready = stack.update.failure, stack.update.reach
        stack.update = None
        stack.status = 'UPDATE_FAILED' if failure else 'UPDATE_COMPLETE'
        stack.status_reason = failure or 'Stack UPDATE completed successfully'
        stack.last_failure = failure or stack.last_failure
        if stack.next_rollback:
            stack.status, stack.next_rollback = 'ROLLBACK_COMPLETE', None
            stack.status_reason = 'Stack ROLLBACK completed successfully'

    def _settle_as(self, name, status):
        with self._lock:
            stack = self._find(name)
            self._finish(stack)
            stack.status = status
            stack.status_reason = f'Stack {status}'
            stack.updated_at = _whole_seconds(self.clock())


def _valid(value, max_count):
    try:
        count = int(value)
    except (TypeError, ValueError):
        text = f"Parameter 'count' is invalid: could not convert '{value}'"
        raise Refused(400, 'StackValidationFailed', text) from None
    if count < 0:
        text = f'Property error: count: {count} is out of range (min: 0)'
        raise Refused(400, 'StackValidationFailed', text)
    if max_count is not None and count > max_count:
        text = f'{count} is out of range (min: 0, max: {max_count})'
        text = f"Parameter 'count' is invalid: {text}"
        raise Refused(400, 'StackValidationFailed', text)
    return count


def _whole_seconds(now):
    when = datetime.datetime.fromtimestamp(now, datetime.UTC)
    return when.strftime('%Y-%m-%dT%H:%M:%SZ')
