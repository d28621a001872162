# SPDX-License-Identifier: Apache-2.0
"""Log that the database cannot be used: once, and with increasing delay."""

import contextlib
import threading
import time

from oslo_log import log as logging

from heat_spreader.db import failures

LOG = logging.getLogger(__name__)

# Seconds until the first reminder; each one doubles it.
FIRST_DELAY = 10
LONGEST_DELAY = 600


class Reminder:
    """Whether something that happens again and again is to be logged now."""

    def __init__(self):
        self.last = None
        self.delay = 0

    def is_due(self, now):
        """Whether it is; the next time it is so after a longer delay."""
        if self.last is None or now - self.last > 2 * LONGEST_DELAY:
            self.delay = FIRST_DELAY
        elif now - self.last < self.delay:
            return False
        else:
            self.delay = min(2 * self.delay, LONGEST_DELAY)
        self.last = now
        return True


class Outage:
    """The time during which the database cannot be used, for one process."""

    def __init__(self):
        self.lock = threading.Lock()
        self.locks = Reminder()
        self._reset()

    def _reset(self):
        self.since = None
        self.refuses_writes = False
        self.reminder = Reminder()

    @contextlib.contextmanager
    def watch(self, writes=False):
        """Log in one line that the database went away, and that it is back.

        :param writes: whether success shows that the database can be written;
            what only reads does not end an outage of the writes
        """
        try:
            yield
        except failures.Locked as exc:
            self._report_lock(exc)
            raise
        except failures.UNAVAILABLE as exc:
            self._report(exc)
            raise
        if self.since is not None and (writes or not self.refuses_writes):
            self._end()

    def _report_lock(self, exc):
        with self.lock:
            due = self.locks.is_due(time.monotonic())
        if due:
            # Others can be used: it is no outage.
            LOG.warning(
                'Another client locks the database for too long: %s',
                failures.reason(exc),
            )

    def _report(self, exc):
        now = time.monotonic()
        with self.lock:
            if self.since is None:
                self.since = now
            self.refuses_writes = isinstance(exc, failures.WritesRefused)
            if not self.reminder.is_due(now):
                return
            seconds = round(now - self.since)
        if seconds:
            LOG.warning(
                'The database has been unusable for %(seconds)s seconds: '
                '%(reason)s',
                {'seconds': seconds, 'reason': failures.reason(exc)},
            )
        else:
            LOG.error('The database cannot be used: %s', failures.reason(exc))

    def _end(self):
        with self.lock:
            if self.since is None:
                return
            self._reset()
        LOG.warning('The database can be used again.')
