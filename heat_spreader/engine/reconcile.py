# SPDX-License-Identifier: Apache-2.0
"""Bring the stacks that are due closer to what the user asked for.

One pass over a stack is: load (the facts in hand), plan, act, record. It is
level-triggered and each pass stands alone; a stack on which one fails costs
the others nothing. No thread waits for a cloud. A pass ends without the
updates that a cloud does not answer: such a member is left alone until they
have ended, and the others go on.
"""

import collections
import concurrent.futures
import datetime
import functools
import threading

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.engine import act
from heat_spreader.engine import adoption
from heat_spreader.engine import capacity
from heat_spreader.engine import lane
from heat_spreader.engine import metrics
from heat_spreader.engine import pace
from heat_spreader.engine import record
from heat_spreader.engine import writer
from heat_spreader.planning import plan

LOG = logging.getLogger(__name__)

# How many stacks that are due are known at a time; a longer queue is in the
# database, where each query lets the projects take turns anew.
KNOWN = 1000
# Passes at the same time, most of which wait for clouds.
IN_PROGRESS = 500
# How many are loaded in one transaction.
LOADED_AT_ONCE = 50
# Passes that do not wait for clouds, but for a thread or have one. A stack
# whose turn it is waits for them, and there must be work for each thread.
AT_WORK = 2 * LOADED_AT_ONCE
AFTER_FAILURE = datetime.timedelta(minutes=1)


class _Conflict(Exception):
    """Another engine was faster, or the stack has changed meanwhile."""


class Reconciler:
    """The passes over stacks, several at the same time.

    :param lanes: the lane.Lane of each cloud, by name; stop() stops them
    :param emit: is given the notify.Change of each change of a state
    """

    def __init__(self, conf, remotes, lanes, heartbeat, emit):
        self.conf = conf
        self.remotes = remotes
        self.heartbeat = heartbeat
        self.emit = emit
        self.actor = act.Actor(remotes, lanes)
        self.pace = pace.Pace(conf.engine, heartbeat, remotes)
        self.pool = concurrent.futures.ThreadPoolExecutor(
            conf.engine.threads, thread_name_prefix='reconcile'
        )
        self.writer = writer.Writer(self.pool)
        self.lock = threading.Lock()
        self.in_progress = set()
        self._ended = threading.Condition(self.lock)
        self._stopping = False
        # What passes wait for, by stack; and updates that were answered after
        # the pass had ended.
        self._rounds, self._late = {}, {}
        # The stacks that are due, in the order of their turns.
        self._due = collections.deque()
        self._due_before = frozenset()

    def run(self):
        """Find the stacks that are due, and start as many passes as may be."""
        self.check()
        owner = self.heartbeat.id
        due = []
        if self.heartbeat.may_act(owner):
            with context.for_engine() as ctx:
                due = leases.due(ctx, self.heartbeat.now(), owner, KNOWN)
        mine, others = [], []
        for stack_id in due:
            if self.heartbeat.prefers(stack_id):
                mine.append(stack_id)
            elif stack_id in self._due_before:
                # One of another engine that is still due at the second look.
                # Two engines seldom plan for the same stack, for each has
                # its own first.
                others.append(stack_id)
        self._due_before = frozenset(due)
        with self.lock:
            self._due = collections.deque(
                i for i in (*mine, *others) if i not in self.in_progress
            )
        self._go_on()

    def _go_on(self):
        """Start passes over stacks that are due while there is room."""
        while True:
            with self.lock:
                room = min(
                    IN_PROGRESS - len(self.in_progress),
                    AT_WORK - len(self.in_progress) + len(self._rounds),
                )
                size = min(LOADED_AT_ONCE, len(self._due))
                if not size or size > room:
                    return
                begun = [self._due.popleft() for _ in range(size)]
            self.start(begun)

    def start(self, stack_ids):
        """Start a pass over each stack that has none."""
        with self.lock:
            if self._stopping:
                return
            begun = [i for i in stack_ids if i not in self.in_progress]
            self.in_progress.update(begun)
        if begun:
            self.pool.submit(self._load, begun)

    def stop(self):
        """Let the passes under way end."""
        with self.lock:
            self._stopping = True
            self._due.clear()
        self.actor.stop()
        self.join()
        for stack_id in tuple(self._late):
            with context.for_engine(stack=stack_id) as ctx:
                self._step(ctx, stack_id, self._end)
        self.pool.shutdown(wait=True)

    def join(self, seconds=None):
        """Wait until no pass is under way; return whether that is so.

        :param seconds: to wait at most, None for as long as it takes
        """
        with self._ended:
            return self._ended.wait_for(lambda: not self.in_progress, seconds)

    def check(self):
        """End the rounds whose requests are not answered; start what waits."""
        with self.lock:
            rounds = tuple(self._rounds.values())
            waiting = self._late.keys() - self.in_progress
        for each in rounds:
            each.check()
        self.start(waiting)

    def _load(self, stack_ids):
        """Load stacks in one transaction, and begin the pass over each."""
        snaps = {}
        try:
            with context.for_engine() as ctx:
                snaps = snapshot.stacks(ctx, self.conf, stack_ids)
        except Exception as exc:
            # Each pass loads its own, and fails if it is that stack.
            LOG.debug('Stacks could not be loaded together: %s', exc)
        for stack_id in stack_ids:
            with context.for_engine(stack=stack_id) as ctx:
                snap = snaps.get(stack_id)
                if snap is None or stack_id in self._late:
                    # It needs the database, for which no other must wait.
                    self.pool.submit(self._step, ctx, stack_id, self._begin)
                    continue
                begin = functools.partial(self._begin_with, snap=snap)
                self._step(ctx, stack_id, begin)

    def _step(self, ctx, stack_id, function, *args):
        """Make one step of a pass.

        The function returns None at the end of the pass, or requests and the
        next step. No thread waits for the requests.
        """
        following = None
        with self.lock:
            # It no longer waits for a cloud.
            self._rounds.pop(stack_id, None)
        with context.scope():
            ctx.update_store()
            try:
                following = function(ctx, stack_id, *args)
                if following is None:
                    metrics.passed('DONE')
            except _Conflict:
                # It is due again at once if it has changed.
                metrics.passed('CONFLICT')
            except exception.StackNotFound:
                metrics.passed('GONE')
                LOG.debug('The stack %s is no longer managed.', stack_id)
                self._late.pop(stack_id, None)
            except session.UNAVAILABLE:
                # It is in the log. The stack stays due, and a lease that is
                # left goes on with the next pass.
                metrics.passed('FAILED')
                LOG.debug('A pass over the stack %s was aborted.', stack_id)
            except Exception as exc:
                metrics.passed('FAILED')
                LOG.exception('A pass over the stack %s failed.', stack_id)
                self._fail(ctx, stack_id, exc)
        if following is None:
            with self._ended:
                self.in_progress.discard(stack_id)
                self._ended.notify_all()
        else:
            self._wait(ctx, stack_id, *following)
        self._go_on()

    def _wait(self, ctx, stack_id, requests, step):
        """Make the next step when no request is waited for any more."""
        then = functools.partial(
            self.pool.submit, self._step, ctx, stack_id, step
        )
        with self.lock:
            # The next step may begin at once, but not before this ends.
            self._rounds[stack_id] = lane.Round(requests, then)

    def _begin(self, ctx, stack_id):
        """Write what was answered late, load the stack, and begin."""
        if stack_id in self._late and not self._settle_late(ctx, stack_id):
            return None
        snap = snapshot.stack(ctx, self.conf, stack_id)
        return self._begin_with(ctx, stack_id, snap)

    def _begin_with(self, ctx, stack_id, snap):
        """Read the members that were never read, or plan at once."""
        # For the log: from here on it is known.
        ctx.project_id = snap.row.project_id
        unread = [
            member
            for member in snap.stack.members
            if member.heat is None
            and member.allowed
            and member.cloud.rule.changeable
        ]
        reads = self.actor.read(unread, ctx.project_id)
        if not reads:
            return self._plan(ctx, snap)
        step = functools.partial(self._take_reads, reads=reads)
        return [request for _, request in reads], step

    def _take_reads(self, ctx, stack_id, reads):
        """Write what was read for the first time."""
        for member, request in reads:
            values = None
            if request.ended and not request.cancelled:
                values = request.result()
            if values is not None:
                members.save(ctx, member.cloud.name, [(member, values)])
        return self._plan(ctx, snapshot.stack(ctx, self.conf, stack_id))

    def _plan(self, ctx, snap):
        """Plan, and claim the lease if there is anything to send."""
        now, me = self.heartbeat.now(), self.heartbeat.id
        if adoption.is_over(ctx, snap.row, now):
            return None
        planned = plan.make(snap.stack, now, snap.frozen)
        capacity.note(ctx, snap, planned)
        updates, paced = self.pace.split(snap, planned.updates)
        updates, tried = capacity.claim(ctx, snap, updates, now)
        paced += tried
        if updates:
            claimed = self.writer.claim(snap.row, me)
            step = functools.partial(
                self._send,
                snap=snap,
                planned=planned,
                updates=updates,
                paced=paced,
                owner=me,
                claimed=claimed,
            )
            return [claimed], step
        # A lease that an aborted pass has left goes on.
        owner = me if snap.row.lease_owner == me else None
        return self._settle(ctx, snap, planned, paced, owner)

    def _send(
        self, ctx, stack_id, snap, planned, updates, paced, owner, claimed
    ):
        """Begin to send the updates, if no other engine may."""
        if not claimed.result():
            capacity.release(ctx, snap, updates)
            raise _Conflict
        sent = self.actor.perform(
            snap.stack,
            updates,
            snap.row.project_id,
            functools.partial(self.heartbeat.may_act, owner),
        )
        step = functools.partial(
            self._record,
            snap=snap,
            planned=planned,
            paced=paced,
            owner=owner,
            sent=sent,
        )
        return [request for _, request in sent], step

    def _record(self, ctx, stack_id, snap, planned, paced, owner, sent):
        """Write what became of the updates."""
        known = {m.cloud.name: m for m in snap.stack.members}
        outcomes = [*paced]
        for update, request in sent:
            member = known[update.cloud]
            outcome = act.outcome(update, request, member)
            outcomes.append(outcome)
            if outcome.result is act.Result.UNANSWERED:
                late = functools.partial(
                    self._note_late, stack_id, owner, member
                )
                request.future.add_done_callback(late)
        unsent = [o.update for o in outcomes if o.result in act.NOT_SENT]
        capacity.release(ctx, snap, unsent)
        return self._settle(ctx, snap, planned, outcomes, owner)

    def _settle(self, ctx, snap, planned, outcomes, owner):
        """Write what the pass found and did."""
        now = self.heartbeat.now()
        made = adoption.without_events(
            record.make(ctx, snap, planned, outcomes, owner, now), now
        )
        written = self.writer.settle(made.settlement)
        step = functools.partial(
            self._end_settled, written=written, changes=made.changes
        )
        return [written], step

    def _end_settled(self, ctx, stack_id, written, changes):
        """End the pass when it is written."""
        if written.result():
            self.emit(changes)

    def _note_late(self, stack_id, owner, member, future):
        with self.lock:
            self._late.setdefault(stack_id, []).append(
                (owner, member, future.result())
            )
        self.start([stack_id])

    def _end(self, ctx, stack_id):
        """Write what was answered late, and begin nothing more."""
        self._settle_late(ctx, stack_id)

    def _settle_late(self, ctx, stack_id):
        """Write what became of updates that were answered late.

        :returns: whether it could be written; otherwise it is tried again
        """
        row, me = stacks.get(ctx, stack_id), self.heartbeat.id
        if not leases.claim(ctx, row, me):
            return False
        with self.lock:
            late = tuple(self._late[stack_id])
        record.save_late(ctx, row, late, me, self.heartbeat.now())
        with self.lock:
            del self._late[stack_id][: len(late)]
            if not self._late[stack_id]:
                del self._late[stack_id]
        return True

    def _fail(self, ctx, stack_id, exc):
        """Write that a pass failed; the stack waits before the next one."""
        try:
            row = stacks.get(ctx, stack_id)
            me = self.heartbeat.id
            owner = me if row.lease_owner == me else None
            due_at = self.heartbeat.now() + AFTER_FAILURE
            record.fail(ctx, row, owner, exc, due_at)
        except Exception:
            LOG.exception(
                'The failure of the stack %s could not be recorded either.',
                stack_id,
            )
