# SPDX-License-Identifier: Apache-2.0
"""Delete the events that the operator does not want to keep."""

import contextlib
import datetime

from heat_spreader import context
from heat_spreader.db import purge
from heat_spreader.db import session

# Seconds between two batches of old events.
INTERVAL = 10.0
# Seconds between two counts of all events, which take the longer the more
# there are.
COUNT_INTERVAL = 600.0


class Retention:
    """Deletes events, in small steps.

    :param options: the [engine] group
    :param heartbeat: heartbeat.Heartbeat of this engine
    """

    def __init__(self, options, heartbeat):
        self.age = datetime.timedelta(days=options.event_retention)
        self.per_stack = options.events_per_stack
        self.in_all = options.events_in_all
        self.heartbeat = heartbeat

    def timers(self):
        """What is to be called, and the seconds between two calls."""
        if self.age:
            yield INTERVAL, self.delete_old
        if self.per_stack or self.in_all:
            yield COUNT_INTERVAL, self.delete_excess

    def delete_old(self):
        """Delete one batch of events that are too old."""
        with self._turn() as ctx:
            if ctx:
                purge.batch_older_than(ctx, self.heartbeat.now() - self.age)

    def delete_excess(self):
        """Delete the oldest events where there are too many."""
        with self._turn() as ctx:
            if ctx and self.per_stack:
                purge.beyond_each_stack(ctx, self.per_stack)
            if ctx and self.in_all:
                purge.beyond(ctx, self.in_all)

    @contextlib.contextmanager
    def _turn(self):
        """A context, or None if this is the task of another engine."""
        if not self.heartbeat.prefers('events'):
            yield None
            return
        # A database that cannot be used is in the log; the next call retries.
        with (
            contextlib.suppress(*session.UNAVAILABLE),
            context.for_engine() as ctx,
        ):
            yield ctx
