# SPDX-License-Identifier: Apache-2.0
"""Bring the stacks that are due closer to what the user asked for.

One pass over a stack is: load (the facts in hand), plan, act, record. It is
level-triggered and each pass stands alone; a stack on which one fails costs
the others nothing.
"""

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
from heat_spreader.engine import metrics
from heat_spreader.engine import record
from heat_spreader.planning import plan

LOG = logging.getLogger(__name__)

BATCH = 500
AFTER_FAILURE = datetime.timedelta(minutes=1)


class Reconciler:
    """The passes over stacks, several at the same time.

    :param emit: is given the notify.Change of each change of a state
    """

    def __init__(self, conf, remotes, heartbeat, emit):
        self.conf = conf
        self.remotes = remotes
        self.heartbeat = heartbeat
        self.emit = emit
        self.actor = act.Actor(conf, remotes)
        self.pool = concurrent.futures.ThreadPoolExecutor(
            conf.engine.threads, thread_name_prefix='reconcile'
        )
        self.lock = threading.Lock()
        self.in_progress = set()
        self._due_before = frozenset()

    def run(self):
        """Start a pass over each stack that is due."""
        owner = self.heartbeat.id
        if not self.heartbeat.may_act(owner):
            return
        with context.for_engine() as ctx:
            due = leases.due(ctx, self.heartbeat.now(), owner)
        # Those of other engines only where they are still due at the second
        # look, so that two engines seldom plan for the same stack.
        mine = [
            stack_id
            for stack_id in due
            if stack_id in self._due_before or self.heartbeat.prefers(stack_id)
        ]
        self._due_before = frozenset(due)
        with self.lock:
            # A stack that would wait longer than this is better planned for
            # later, with newer facts.
            begun = [i for i in mine if i not in self.in_progress][:BATCH]
            self.in_progress.update(begun)
        for stack_id in begun:
            self.pool.submit(self._pass, stack_id)

    def stop(self):
        """Let the passes under way end."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.actor.stop()

    def _pass(self, stack_id):
        with context.for_engine(stack=stack_id) as ctx:
            try:
                self.reconcile(ctx, stack_id)
                metrics.passed('DONE')
            except exception.StackNotFound:
                metrics.passed('GONE')
                LOG.debug('The stack %s is no longer managed.', stack_id)
            except session.UNAVAILABLE:
                # It is in the log. The stack stays due, and a lease that is
                # left goes on with the next pass.
                metrics.passed('FAILED')
                LOG.debug('A pass over the stack %s was aborted.', stack_id)
            except Exception as exc:
                metrics.passed('FAILED')
                LOG.exception('A pass over the stack %s failed.', stack_id)
                self._fail(ctx, stack_id, exc)
            finally:
                with self.lock:
                    self.in_progress.discard(stack_id)

    def reconcile(self, ctx, stack_id):
        """Make one pass over a stack.

        :raises StackNotFound: if it is no longer managed
        """
        snap = self._load(ctx, stack_id)
        # For the log: from here on it is known.
        ctx.project_id = snap.row.project_id
        now = self.heartbeat.now()
        planned = plan.make(snap.stack, now, snap.frozen)
        # A lease that an aborted pass has left goes on.
        me = self.heartbeat.id
        owner = me if snap.row.lease_owner == me else None
        outcomes = []
        if planned.updates:
            owner = me
            if not leases.claim(ctx, snap.row, owner):
                return
            outcomes = self.actor.perform(
                snap.stack,
                planned.updates,
                functools.partial(self.heartbeat.may_act, owner),
            )
        now = self.heartbeat.now()
        self.emit(record.save(ctx, snap, planned, outcomes, owner, now))

    def _load(self, ctx, stack_id):
        """The snapshot of a stack, with a first read of unread members."""
        snap = snapshot.stack(ctx, self.conf, stack_id)
        unread = [
            member
            for member in snap.stack.members
            if member.heat is None
            and member.allowed
            and member.cloud.rule.changeable
        ]
        if not unread:
            return snap
        for member, values in self.actor.read(unread):
            members.save(ctx, member.cloud.name, [(member, values)])
        return snapshot.stack(ctx, self.conf, stack_id)

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
