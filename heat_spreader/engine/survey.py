# SPDX-License-Identifier: Apache-2.0
"""Look at a cloud: one list of all its stacks, a read of those that moved."""

import concurrent.futures
import time

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader.db import clouds
from heat_spreader.db import members
from heat_spreader.db import models
from heat_spreader.engine import metrics
from heat_spreader.planning import facts
from heat_spreader.planning import health

LOG = logging.getLogger(__name__)

LONGEST_WAIT = 300
LOCK_CHUNK = 100


def see(cloud, row):
    """What a cloud has of the stack that a row of a member is about.

    :returns: new values of the row
    :raises CloudError: if it cannot be told
    """
    found = cloud.list_stacks([row.stack_name])
    if not found:
        return facts.NO_STACK
    return read(cloud, row, found[0].heat_id)


def read(cloud, row, heat_id):
    """What a stack in a cloud is like, as new values of the row.

    :raises CloudError: if it cannot be told
    """
    stack = cloud.read_stack(row.stack_name, heat_id, row.count_parameter)
    values = facts.columns(
        stack,
        row.settled_count,
        lambda: cloud.count_ready(row.stack_name, heat_id),
    )
    if row.rejection and _has_moved(row, values):
        values.update(rejection=None, failures=0, retry_at=None)
    return values


def _has_moved(row, values):
    """Whether somebody touched the stack since Heat refused an update."""
    return row.heat_updated_at != facts.STALE and any(
        getattr(row, name) != values[name]
        for name in ('heat_id', 'heat_status', 'heat_updated_at')
    )


class Survey:
    """The surveys of one cloud, one after the other.

    :param tell: is given the row of the cloud and the events written of it
    """

    def __init__(self, conf, cloud, tell):
        self.conf = conf
        self.cloud = cloud
        self.tell = tell
        self.pool = concurrent.futures.ThreadPoolExecutor(
            conf.engine.max_updates_per_cloud,
            thread_name_prefix=f'read-{cloud.name}',
        )
        self.thresholds = health.thresholds(conf.health)
        self._read_at = {}
        self._saved_at = None
        self._begun = None

    def begin(self, ctx):
        """Forget what may no longer be so: nobody looked for a while."""
        self._read_at.clear()
        before = self._health(ctx)
        after = health.forget(before, models.utcnow())
        if after != before:
            self._save_health(ctx, vars(after))

    def run(self, ctx):
        """Look at the cloud once; return the seconds until the next look."""
        self._begun = time.monotonic()
        wait = self.conf.engine.survey_interval
        rows = members.in_cloud(ctx, self.cloud.name)
        try:
            found = self.cloud.list_stacks({row.stack_name for row in rows})
        except exception.CloudThrottled as exc:
            self._judge(ctx, health.Sight.THROTTLED, str(exc))
            return min(max(exc.retry_after or 0, wait), LONGEST_WAIT)
        except exception.CloudUnauthorized as exc:
            self._judge(ctx, health.Sight.UNAUTHORIZED, str(exc))
        except exception.CloudError as exc:
            # What stands in the rows may be old when the cloud is back.
            self._read_at.clear()
            self._judge(ctx, health.Sight.FAILED, str(exc))
        else:
            found = {stack.name: stack for stack in found}
            self._save(ctx, self._look(rows, found))
            self._judge(ctx, health.Sight.GOOD, '')
            if any(self._is_unsettled(row, found) for row in rows):
                wait = min(wait, self.conf.engine.settle_interval)
        return wait

    def stop(self):
        """Let the reads under way end."""
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _is_unsettled(self, row, found):
        stack = found.get(row.stack_name)
        return stack is not None and (
            row.stack_id not in self._read_at
            or stack.status.endswith('_IN_PROGRESS')
        )

    def _look(self, rows, found):
        """Pairs of a row and its new values, for all that moved."""
        changes = []
        reads = {}
        for row in rows:
            stack = found.get(row.stack_name)
            if stack is None and row.heat_id is None:
                if row.read_at is None:
                    changes.append((row, facts.NO_STACK))
            elif stack is None or self._is_worth_a_read(row, stack):
                # That it is gone, Heat must say itself: a list may be short.
                heat_id = stack.heat_id if stack else row.heat_id
                task = context.propagate(self._read, stack=row.stack_id)
                reads[self.pool.submit(task, row, heat_id)] = row
        for future in concurrent.futures.as_completed(reads):
            row = reads[future]
            values = future.result()
            if values is None:
                continue
            # What was seen is believed when a second look confirms it: Heat
            # tells times in whole seconds, and the row may be written by
            # somebody else before it is saved.
            self._read_at.pop(row.stack_id, None)
            if row.read_at is None or self._differs(row, values):
                changes.append((row, values))
            else:
                self._read_at[row.stack_id] = time.monotonic()
        return changes

    def _read(self, row, heat_id):
        """What a read sees, None if it cannot be told."""
        try:
            return read(self.cloud, row, heat_id)
        except exception.RemoteStackNotFound:
            return facts.NO_STACK
        except exception.CloudError as exc:
            LOG.warning(
                'The stack %(stack)s in %(cloud)s could not be read: '
                '%(reason)s',
                {
                    'stack': row.stack_name,
                    'cloud': self.cloud.name,
                    'reason': exc,
                },
            )
            return None

    def _is_worth_a_read(self, row, stack):
        last = self._read_at.get(row.stack_id)
        return (
            row.read_at is None
            or last is None
            or time.monotonic() - last > self.conf.engine.resync_interval
            or (row.heat_id, row.heat_status, row.heat_updated_at)
            != (stack.heat_id, stack.status, stack.updated_at)
        )

    @staticmethod
    def _differs(row, values):
        return any(getattr(row, n, None) != v for n, v in values.items())

    def _save(self, ctx, changes):
        for start in range(0, len(changes), LOCK_CHUNK):
            members.save(
                ctx, self.cloud.name, changes[start : start + LOCK_CHUNK]
            )

    def _health(self, ctx):
        row = clouds.get_all(ctx).get(self.cloud.name)
        return health.from_row(row, models.utcnow())

    def _judge(self, ctx, sight, reason):
        """Write the health of the cloud where it has changed."""
        seconds = time.monotonic() - self._begun
        metrics.surveyed(self.cloud.name, sight, seconds)
        now = models.utcnow()
        before = self._health(ctx)
        after = health.observe(before, sight, reason, self.thresholds, now)
        if after.state != before.state or self._saved_at is None:
            # The first survey tells of a cloud that was in trouble already.
            LOG.log(
                logging.INFO if after.state == health.UP else logging.WARNING,
                'The cloud %(cloud)s is %(after)s, it was %(before)s. '
                '%(reason)s',
                {
                    'cloud': self.cloud.name,
                    'before': before.state,
                    'after': after.state,
                    'reason': reason,
                },
            )
        elif (
            health.counters(after) == health.counters(before)
            and time.monotonic() - self._saved_at
            < self.conf.engine.resync_interval
        ):
            return
        self._save_health(ctx, {**vars(after), 'checked_at': now})
        self._saved_at = time.monotonic()

    def _save_health(self, ctx, values):
        self.tell(*clouds.save(ctx, self.cloud.name, values))
