# SPDX-License-Identifier: Apache-2.0
"""Bring the stacks that are due closer to what is wanted of them.

One pass over a stack is: observe (the facts in hand), plan, act, record. It is
level-triggered and each pass stands alone; a stack on which one fails costs
the others nothing.
"""

import concurrent.futures
import datetime
import functools
import threading
import time

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import states
from heat_spreader.conf import clouds as conf_clouds
from heat_spreader.db import clouds
from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.engine import act
from heat_spreader.engine import metrics
from heat_spreader.engine import record
from heat_spreader.planning import facts
from heat_spreader.planning import health
from heat_spreader.planning import plan

LOG = logging.getLogger(__name__)

BATCH = 500
AFTER_FAILURE = datetime.timedelta(minutes=1)


class Reconciler:
    """The passes over stacks, several at the same time.

    :param tell: is given the row of a stack and the events written of it
    """

    def __init__(self, conf, remotes, membership, owner, tell):
        self.conf = conf
        self.remotes = remotes
        self.membership = membership
        self.owner = owner
        self.tell = tell
        self.actor = act.Actor(conf, remotes)
        self.pool = concurrent.futures.ThreadPoolExecutor(
            conf.engine.threads, thread_name_prefix='reconcile'
        )
        self.lock = threading.Lock()
        self.at_work = set()
        # Each update is a read and a change, either of which may have to
        # authenticate again.
        longest_call = conf.clouds.connect_timeout + conf.clouds.read_timeout
        self.lease = datetime.timedelta(seconds=4 * longest_call)

    def run(self):
        """Start a pass over each stack that is due."""
        with context.for_engine() as ctx:
            due = leases.due(ctx, models.utcnow())
        mine = [i for i in due if self.membership.owns('stack', i)]
        with self.lock:
            # What waits longer than this in the queue is better planned for
            # with newer facts.
            begun = [i for i in mine if i not in self.at_work][:BATCH]
            self.at_work.update(begun)
        for stack_id in begun:
            self.pool.submit(self._pass, stack_id)

    def stop(self):
        """Let the passes under way end."""
        self.pool.shutdown(wait=True, cancel_futures=True)
        self.actor.stop()

    def _clouds(self, ctx):
        rows = clouds.get_all(ctx)
        return {
            name: facts.cloud(rows[name])
            for name in self.conf.clouds.enabled
            if name in rows
        }

    def _pass(self, stack_id):
        with context.for_engine(stack=stack_id) as ctx:
            try:
                self.reconcile(ctx, stack_id)
                metrics.passed('DONE')
            except exception.StackNotFound:
                metrics.passed('GONE')
                LOG.debug('The stack %s is no longer under control.', stack_id)
            except session.UNAVAILABLE:
                # It is in the log. The stack is still due, at the latest when
                # its lease runs out.
                metrics.passed('FAILED')
                LOG.debug('A pass over the stack %s was cut short.', stack_id)
            except Exception as exc:
                metrics.passed('FAILED')
                LOG.exception('A pass over the stack %s failed.', stack_id)
                self._fail(ctx, stack_id, exc)
            finally:
                with self.lock:
                    self.at_work.discard(stack_id)

    def reconcile(self, ctx, stack_id):
        """Make one pass over a stack.

        :raises StackNotFound: if it is no longer under control
        """
        stack, known = self._observe(ctx, stack_id)
        # For the log: from here on it is known.
        ctx.project_id = stack.project_id
        now = models.utcnow()
        made = plan.make(
            facts.stack(stack, known, functools.partial(self._may, stack)),
            now,
            frozen=self._frozen(known),
        )
        owner, outcomes = None, []
        if made.updates:
            owner = self.owner
            deadline = time.monotonic() + self.lease.total_seconds() / 2
            if not leases.claim(ctx, stack, owner, now, now + self.lease):
                return
            rows = members.of_stack(ctx, stack_id)
            outcomes = self.actor.perform(rows, made.updates, deadline)
        self.tell(
            *record.save(ctx, stack, made, outcomes, owner, models.utcnow())
        )

    def _observe(self, ctx, stack_id):
        """The stack and the clouds, with a first look at unread members."""
        stack, known = self._facts(ctx, stack_id)
        unread = [
            member.cloud
            for member in stack.members
            if member.read_at is None
            and self._may(stack, member)
            and known.get(member.cloud) is not None
            and known[member.cloud].state == states.CloudState.UP
        ]
        if not unread:
            return stack, known
        rows = members.of_stack(ctx, stack_id)
        for row, values in self.actor.see([rows[c] for c in unread]):
            members.save(ctx, row.cloud, [(row, values)])
        return self._facts(ctx, stack_id)

    def _facts(self, ctx, stack_id):
        # The clouds after the stack, never before: a change of a cloud makes
        # the stack due, and a pass that had the new due_at and the old cloud
        # would settle it with the change unseen.
        stack = stacks.get(ctx, stack_id)
        return stack, self._clouds(ctx)

    def _may(self, stack, member):
        """Whether the operator lets the stack use the cloud of a member."""
        if member.as_admin:
            return member.cloud in self.conf.clouds.enabled
        return conf_clouds.project_may_use(
            self.conf, stack.project_id, member.cloud
        )

    def _frozen(self, known):
        every = [
            known.get(name, facts.Cloud(name))
            for name in self.conf.clouds.enabled
        ]
        return health.frozen(every, self.conf.health.max_down_clouds)

    def _fail(self, ctx, stack_id, exc):
        """Write that a pass failed; the stack waits before the next one."""
        try:
            stack = stacks.get(ctx, stack_id)
            owner = self.owner if stack.lease_owner == self.owner else None
            due_at = models.utcnow() + AFTER_FAILURE
            record.fail(ctx, stack, owner, exc, due_at)
        except Exception:
            LOG.exception('Nor could that be written down.')
