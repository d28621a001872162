# SPDX-License-Identifier: Apache-2.0
"""Delete the events that are older than the operator wants to keep them."""

import contextlib
import datetime

from heat_spreader import context
from heat_spreader.db import events
from heat_spreader.db import session

# Seconds between two batches.
INTERVAL = 10.0


class Retention:
    """Deletes old events, in small steps.

    :param days: that events are kept
    :param heartbeat: heartbeat.Heartbeat of this engine
    """

    def __init__(self, days, heartbeat):
        self.age = datetime.timedelta(days=days)
        self.heartbeat = heartbeat

    def run(self):
        """Delete one batch, unless that is the task of another engine."""
        if not self.heartbeat.prefers('events'):
            return
        # A database that cannot be used is in the log; the next call retries.
        with (
            contextlib.suppress(*session.UNAVAILABLE),
            context.for_engine() as ctx,
        ):
            events.purge_batch(ctx, self.heartbeat.now() - self.age)
