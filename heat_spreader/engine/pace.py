# SPDX-License-Identifier: Apache-2.0
"""Pace a failover: how many updates that it causes a cloud gets a second.

Each cloud has a bucket of tokens, and an update takes one. A stack whose
update finds none is due again when there should be one: no thread waits.
"""

import threading
import time

from heat_spreader.engine import act
from heat_spreader.engine import metrics

# Seconds after which a stack asks again at the latest.
LONGEST_WAIT = 60.0


class Bucket:
    """Tokens for the updates to one cloud.

    :param most: how many tokens are kept at most
    """

    def __init__(self, most):
        self.most = most
        self._tokens, self._filled_at = most, None
        # Until when a stack that found no token keeps its place.
        self._waiting = {}

    def take(self, stack_id, rate, now):
        """Take a token for a stack, if there is one.

        :param rate: how many tokens come in a second
        :param now: time.monotonic
        :returns: 0, or the seconds after which there should be one
        """
        if self._filled_at is not None:
            come = (now - self._filled_at) * rate
            self._tokens = min(self.most, self._tokens + come)
        self._filled_at = now
        self.forget(stack_id)
        if self._tokens >= 1:
            self._tokens -= 1
            return 0.0
        self._waiting = {i: t for i, t in self._waiting.items() if t > now}
        wait = (len(self._waiting) + 1 - self._tokens) / rate
        wait = min(wait, LONGEST_WAIT)
        # One that comes late for it, by as much again, has lost its place.
        self._waiting[stack_id] = now + 2 * wait
        return wait

    def forget(self, stack_id):
        """A stack needs no token any more."""
        self._waiting.pop(stack_id, None)


class Pace:
    """The pace of the updates to each cloud, with one share for each engine.

    What a user asks for is not paced.

    :param options: the [engine] options
    :param heartbeat: heartbeat.Heartbeat
    :param clouds: their names
    """

    def __init__(self, options, heartbeat, clouds, clock=time.monotonic):
        self.rate = options.failover_rate
        self.heartbeat = heartbeat
        self.clock = clock
        self._lock = threading.Lock()
        # The stacks that are due are looked for once in an interval.
        most = max(1.0, self.rate * options.reconcile_interval)
        self._buckets = {name: Bucket(most) for name in clouds}

    def split(self, snap, updates):
        """Which updates of a plan may be sent now.

        Those of a plan are safe one by one, in any order.

        :param snap: the snapshot.Snapshot that was planned for
        :returns: these updates, and the act.Outcome of each of the others
        """
        if not self.rate:
            return updates, []
        wanted = {update.cloud: update for update in updates}
        paced, outcomes = _is_failover(snap), []
        with self._lock:
            rate, now = self.rate / self.heartbeat.alive, self.clock()
            for member in snap.stack.members:
                bucket = self._buckets.get(member.cloud.name)
                update = wanted.get(member.cloud.name)
                if bucket and (update is None or not paced):
                    bucket.forget(snap.row.id)
                elif bucket and (wait := bucket.take(snap.row.id, rate, now)):
                    outcomes.append(
                        act.Outcome(update, act.Result.PACED, {}, wait=wait)
                    )
        waiting = {outcome.update.cloud for outcome in outcomes}
        for cloud in waiting:
            metrics.updated(cloud, act.Result.PACED)
        return tuple(u for u in updates if u.cloud not in waiting), outcomes


def _is_failover(snap):
    """Whether what became of a cloud is why a stack gets updates now.

    That is so after a plan for what the user asked for last, if one of its
    clouds has failed or returned since then, or an administrator has ordered
    something for one. Two hosts have written these times; clocks that differ
    can only pace an update that needs no pace, or let one pass that does.
    """
    row = snap.row
    return row.observed_generation == row.generation and any(
        moment > row.updated_at
        for member in snap.stack.members
        for moment in _changes(member.cloud)
    )


def _changes(cloud):
    """When a cloud has changed so that stacks may move."""
    if cloud.outages and cloud.since:
        yield cloud.since
    for order in (cloud.use.order, cloud.declaration):
        if order and order.since:
            yield order.since
