# SPDX-License-Identifier: Apache-2.0
"""Read the stacks of a cloud that its list shows to have changed.

What was read is written only where the row is still as it was loaded before:
it may be older than what another client has written. A read that cannot be
written has cost a request for nothing, so none begins while an engine works on
the stack; and where only a lock is in the way, what was read is kept.
"""

import concurrent.futures
import time

from heat_spreader import context
from heat_spreader import snapshot
from heat_spreader.db import members as members_db
from heat_spreader.engine import read

# The largest number of rows that are locked at the same time.
LOCK_CHUNK = 100
# How often a survey tries to write what is locked, and the seconds between.
_ATTEMPTS = 5
_PAUSE = 0.05


class StackReads:
    """The reads of the stacks of one cloud, for its surveys.

    :param lane: lane.Lane, that of the cloud
    :param heartbeat: heartbeat.Heartbeat
    """

    def __init__(self, conf, cloud, lane, heartbeat):
        self.conf = conf
        self.cloud = cloud
        self.lane = lane
        self.heartbeat = heartbeat
        # By stack: when its row was last found right, the reads under way,
        # and what was read and is still to be written.
        self._read_at, self._reads, self._unsaved = {}, {}, {}
        # The stacks that the next survey reads, and those that have been read
        # since the cloud failed.
        self._postponed, self._answered = set(), set()

    def distrust(self):
        """Have every stack read again: its row may be outdated."""
        self._read_at.clear()
        self._answered.clear()
        self._unsaved.clear()

    def forget_others(self, rows):
        """Keep what is remembered of members only, not of what is gone."""
        known = {row.stack_id for row in rows}
        for remembered in (self._read_at, self._unsaved):
            for stack_id in remembered.keys() - known:
                del remembered[stack_id]
        self._answered &= known
        self._postponed &= known

    @property
    def unread(self):
        """The stacks to read of which nothing is written since the failure."""
        wanted = self._reads.keys() | self._unsaved.keys() | self._postponed
        return wanted - self._answered

    def are_unsettled(self, rows, found):
        """Whether the next survey will probably find something to read.

        :param rows: of all members in the cloud, as they were loaded
        :param found: the stacks in the list of the cloud, by name
        """
        return bool(self._reads or self._unsaved or self._postponed) or any(
            self._is_unsettled(row, found.get(row.stack_name)) for row in rows
        )

    def _is_unsettled(self, row, stack):
        return stack is not None and (
            (row.stack_id not in self._read_at and not row.read_error)
            or stack.status.endswith('_IN_PROGRESS')
        )

    def begin(self, ctx, cloud, rows, found, may_postpone):
        """Begin to read all that changed and is not being read already.

        :param cloud: facts.Cloud
        :param rows: of all members there, from members.list_in(), as they were
            before the cloud was listed
        :param found: the stacks in its list, by name
        :param may_postpone: whether a later survey may read what gets an
            update now
        """
        gone, wanted = self._compare(rows, found)
        self._postponed = set()
        if not gone and not wanted:
            self._save(ctx, [])
            return
        members = snapshot.members_in(
            ctx, self.conf, cloud, [*gone, *wanted], idle=may_postpone
        )
        versions = {row.stack_id: row.known_at for row in rows}
        current = {i for i, m in members.items() if m.version == versions[i]}
        # The list may be older than what another client has just written, and
        # that is newer than what would be read.
        ready = current if may_postpone else members.keys()
        self._postponed = wanted.keys() - ready
        for stack_id, heat_id in wanted.items():
            if stack_id in ready:
                self._begin(members[stack_id], heat_id)
        no_stack = [(members[i], read.no_stack()) for i in gone & current]
        self._save(ctx, no_stack)

    def _compare(self, rows, found):
        """Find what the list shows to have changed.

        :returns: the ids of stacks that are not in the cloud, and the Heat id
            of each that must be read, by the id of the stack
        """
        gone, wanted = set(), {}
        for row in rows:
            stack = found.get(row.stack_name)
            if row.stack_id in self._reads or row.stack_id in self._unsaved:
                continue
            if stack is None and row.heat_id is None:
                if row.read_at is None or row.read_error:
                    gone.add(row.stack_id)
            elif stack is None or self._must_read(row, stack):
                # That it is gone, Heat must say itself: a list may be short.
                heat_id = stack.heat_id if stack else row.heat_id
                wanted[row.stack_id] = heat_id
        return gone, wanted

    def _begin(self, member, heat_id):
        """Begin to read a stack."""
        task = context.propagate(self._read, stack=member.stack_id)
        request = self.lane.begin(None, task, member, heat_id)
        if request.cancelled:
            # The cloud does not answer the requests under way.
            self._postponed.add(member.stack_id)
        else:
            self._reads[member.stack_id] = request

    def _must_read(self, row, stack):
        last = self._read_at.get(row.stack_id)
        age = self.heartbeat.now() - row.known_at
        if read.is_under_way(row, stack) and (
            # One that takes long: something else may have replaced it.
            abs(age.total_seconds()) < self.conf.engine.survey_interval
        ):
            return False
        return (
            row.read_at is None
            or last is None
            or row.duplicate_of is not None
            or time.monotonic() - last > self.conf.engine.resync_interval
            or (row.heat_id, row.heat_status or '', row.heat_updated_at)
            != (stack.heat_id, stack.status, stack.updated_at)
        )

    def _read(self, member, heat_id):
        """A member and new values, None if it could not be read this time."""
        now = self.heartbeat.now()
        return member, read.of_member(self.cloud, member, heat_id, now)

    def collect(self, ctx, ends):
        """Save what is read; wait for more while answers keep coming.

        A stack that takes longer is saved by a later survey, so that it keeps
        no one from noticing what becomes of the cloud.

        :param ends: when to wait no longer (time.monotonic)
        """
        patience = self.conf.engine.settle_interval
        done, left = True, True
        while self._reads and done and left:
            left = max(0.0, ends - time.monotonic())
            done, _ = concurrent.futures.wait(
                [each.future for each in self._reads.values()],
                min(left, patience),
            )
            self._save(ctx, self._take())
        # The survey of another cloud may have locked their stacks just then.
        for _ in range(_ATTEMPTS):
            if not self._unsaved:
                break
            time.sleep(_PAUSE)
            self._save(ctx, [])

    def _take(self):
        """Pairs of a member and its new values, of reads that have ended."""
        changes = []
        ended = [key for key, each in self._reads.items() if each.ended]
        for stack_id in ended:
            ended_read = self._reads.pop(stack_id)
            if ended_read.cancelled:
                # The engine stops.
                continue
            member, values = ended_read.result()
            if values is not None and self._confirm(member, values):
                changes.append((member, values))
            else:
                self._answered.add(stack_id)
        return changes

    def _confirm(self, member, values):
        """Whether what was read must be written.

        What was read is believed when a second read confirms it: Heat gives
        times in whole seconds, and the row may be written by another engine
        before it is saved.
        """
        self._read_at.pop(member.stack_id, None)
        if 'heat_id' not in values:
            return members_db.differs(member, values)
        if member.heat is None or (
            not member.duplicate_of and members_db.differs(member, values)
        ):
            if read.is_conclusive(member, values):
                self._read_at[member.stack_id] = time.monotonic()
            return True
        self._read_at[member.stack_id] = time.monotonic()
        # Whether it still is a duplicate is found out when it is saved.
        return member.duplicate_of is not None

    def _save(self, ctx, changes):
        """Save changes, and what could not be saved before."""
        changes = [*self._unsaved.values(), *changes]
        self._unsaved = {member.stack_id: (member, v) for member, v in changes}
        for start in range(0, len(changes), LOCK_CHUNK):
            chunk = changes[start : start + LOCK_CHUNK]
            locked, changed = members_db.save(ctx, self.cloud.name, chunk)
            for member, _ in chunk:
                if member.stack_id not in locked:
                    del self._unsaved[member.stack_id]
                    self._answered.add(member.stack_id)
            for stack_id in changed:
                self._read_at.pop(stack_id, None)
                self._answered.discard(stack_id)
                self._postponed.add(stack_id)
