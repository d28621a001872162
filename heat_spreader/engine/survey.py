# SPDX-License-Identifier: Apache-2.0
"""Survey a cloud: one list of all its stacks, a read of those that changed."""

import concurrent.futures
import dataclasses
import datetime
import time

from oslo_log import log as logging

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import members as members_db
from heat_spreader.engine import metrics
from heat_spreader.engine import notify
from heat_spreader.planning import facts
from heat_spreader.planning import health

LOG = logging.getLogger(__name__)

LOCK_CHUNK = 100
# A change of the state of a cloud that a restart may have cut short.
RECENTLY = datetime.timedelta(minutes=10)
# Values of the row of a member whose stack could be read.
READABLE = dict.fromkeys(('read_error', 'unread_as', 'unread_since'))


def find(cloud, member):
    """Read the Heat stack of a member, found by its name.

    :returns: new values of the row of the member
    :raises CloudError: if it cannot be read
    """
    found = cloud.list_stacks([member.stack_name])
    if not found:
        return no_stack()
    return read(cloud, member, found[0].heat_id)


def read(cloud, member, heat_id):
    """Read the Heat stack of a member.

    :returns: new values of the row of the member
    :raises CloudError: if it cannot be read
    """
    found = cloud.read_stack(
        member.stack_name, heat_id, member.count_parameter
    )
    heat = facts.HeatStack(
        id=found.heat_id,
        status=found.status,
        status_reason=found.status_reason,
        updated_at=found.updated_at,
        count=found.count,
        count_problem=found.count_problem,
    )
    completed = 0
    if heat.failed:
        completed = cloud.count_ready(member.stack_name, heat_id)
    if heat.rolled_back and member.sent_count not in (None, heat.count):
        heat = dataclasses.replace(
            heat,
            status_reason=_cause(cloud, member, heat_id) or heat.status_reason,
        )
    heat = facts.settle(heat, member.stack.settled_count, completed)
    values = {**members_db.heat_values(heat), **READABLE}
    if member.rejection and _has_moved(member.stack, heat):
        values.update(
            rejection=None, rejected_as=None, failures=0, retry_at=None
        )
    return values


def _cause(cloud, member, heat_id):
    """Why Heat rolled the last update back, '' if that cannot be read."""
    try:
        return cloud.last_failure(member.stack_name, heat_id)
    except exception.CloudError as exc:
        LOG.info('The cause of a rollback could not be read: %s', exc)
        return ''


def no_stack():
    """New values of the row of a member whose cloud has no such stack."""
    return {**members_db.heat_values(facts.NO_STACK), **READABLE}


def _has_moved(before, after):
    """Whether anything changed the stack since Heat rejected an update."""
    return before.updated_at != facts.STALE and (
        before.id,
        before.status,
        before.updated_at,
    ) != (after.id, after.status, after.updated_at)


def _thresholds(options):
    """The thresholds that the [health] options set."""
    return health.Thresholds(
        options.failure_threshold,
        options.success_threshold,
        datetime.timedelta(seconds=options.failover_delay),
        datetime.timedelta(seconds=options.failback_delay),
    )


class Survey:
    """The surveys of one cloud, one after the other.

    :param heartbeat: heartbeat.Heartbeat, of the engine with the lease
    :param emit: is given the notify.Change of each change of a state
    """

    def __init__(self, conf, cloud, heartbeat, emit):
        self.conf = conf
        self.cloud = cloud
        self.heartbeat = heartbeat
        self.emit = emit
        self.pool = concurrent.futures.ThreadPoolExecutor(
            conf.engine.max_updates_per_cloud,
            thread_name_prefix=f'read-{cloud.name}',
        )
        self.thresholds = _thresholds(conf.health)
        self._read_at = {}
        self._reported = False
        self._begun = self._counted_from = None
        # Stacks that a change of the state of the cloud has not made due.
        self._skipped = set()

    def begin(self, ctx):
        """Go on where the last engine stopped, if that was just now.

        Otherwise forget what may no longer be so.
        """
        self._read_at.clear()
        self._reported = False
        before = self._load(ctx)
        now = self.heartbeat.now()
        if before.since and abs(now - before.since) < RECENTLY:
            # The last engine may have been killed with stacks to make due.
            self._skipped.update(clouds.find_stacks(ctx, self.cloud.name))
        options = self.conf.engine
        recent = datetime.timedelta(
            seconds=3 * options.survey_interval + options.heartbeat_timeout
        )
        if before.checked_at and abs(now - before.checked_at) < recent:
            return
        after = health.forget(before, now)
        if after != before:
            self._save_health(ctx, after)

    def run(self, ctx):
        """Survey the cloud once; return the seconds until the next survey.

        Surveys start on a fixed clock, however long the last one took.
        """
        wait = self.survey(ctx)
        return max(0.0, self._counted_from + wait - time.monotonic())

    def survey(self, ctx):
        """Survey the cloud once; return the seconds from survey to survey."""
        self._begun = self._counted_from = time.monotonic()
        if self._skipped:
            self._skipped = clouds.make_due(ctx, self._skipped)
        wait = self.conf.engine.survey_interval
        members = snapshot.members_in(ctx, self.conf, self._load(ctx))
        try:
            found = self.cloud.list_stacks({m.stack_name for m in members})
        except exception.CloudThrottled as exc:
            self._update_health(ctx, health.SurveyOutcome.THROTTLED, str(exc))
            # As long as the cloud asks for, from its answer on.
            self._counted_from = time.monotonic()
            return max(exc.retry_after, wait)
        except exception.CloudUnauthorized as exc:
            self._update_health(
                ctx, health.SurveyOutcome.UNAUTHORIZED, str(exc)
            )
        except exception.CloudMisconfigured as exc:
            self._update_health(
                ctx, health.SurveyOutcome.MISCONFIGURED, str(exc)
            )
        except exception.CloudError as exc:
            # What the rows have may be outdated when the cloud is back.
            self._read_at.clear()
            self._update_health(ctx, health.SurveyOutcome.FAILED, str(exc))
        else:
            found = {stack.name: stack for stack in found}
            self._save(ctx, self._read_changed(members, found))
            self._update_health(ctx, health.SurveyOutcome.GOOD, '')
            if any(self._is_unsettled(member, found) for member in members):
                wait = min(wait, self.conf.engine.settle_interval)
        return wait

    def stop(self):
        """Let the reads under way end."""
        self.pool.shutdown(wait=True, cancel_futures=True)

    def _load(self, ctx):
        return snapshot.clouds(ctx, self.conf)[self.cloud.name]

    def _is_unsettled(self, member, found):
        stack = found.get(member.stack_name)
        return stack is not None and (
            (member.stack_id not in self._read_at and not member.read_error)
            or stack.status.endswith('_IN_PROGRESS')
        )

    def _read_changed(self, members, found):
        """Pairs of a member and its new values, for all that changed."""
        changes = []
        reads = {}
        for member in members:
            stack = found.get(member.stack_name)
            if stack is None and member.stack.id is None:
                if member.heat is None or member.read_error:
                    changes.append((member, no_stack()))
            elif stack is None or self._must_read(member, stack):
                # That it is gone, Heat must say itself: a list may be short.
                heat_id = stack.heat_id if stack else member.stack.id
                task = context.propagate(self._read, stack=member.stack_id)
                reads[self.pool.submit(task, member, heat_id)] = member
        for future in concurrent.futures.as_completed(reads):
            member, values = reads[future], future.result()
            if values is not None and self._confirm(member, values):
                changes.append((member, values))
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
            return True
        self._read_at[member.stack_id] = time.monotonic()
        # Whether it still is a duplicate is found out when it is saved.
        return member.duplicate_of is not None

    def _read(self, member, heat_id):
        """New values of a member, None if it could not be read this time."""
        try:
            return read(self.cloud, member, heat_id)
        except exception.RemoteStackNotFound:
            return no_stack()
        except exception.CloudThrottled:
            return None
        except exception.CloudError as exc:
            if str(exc) != member.read_error:
                LOG.warning(
                    'The stack %(stack)s in %(cloud)s could not be read: '
                    '%(reason)s',
                    {
                        'stack': member.stack_name,
                        'cloud': self.cloud.name,
                        'reason': exc,
                    },
                )
            denied = isinstance(exc, exception.CloudUnauthorized)
            return {
                'read_error': str(exc),
                'unread_as': states.MemberState.UNAUTHORIZED
                if denied
                else states.MemberState.UNKNOWN,
                'unread_since': member.unread_since or self.heartbeat.now(),
            }

    def _must_read(self, member, stack):
        last = self._read_at.get(member.stack_id)
        heat = member.stack
        return (
            member.heat is None
            or last is None
            or member.duplicate_of is not None
            or time.monotonic() - last > self.conf.engine.resync_interval
            or (heat.id, heat.status, heat.updated_at)
            != (stack.heat_id, stack.status, stack.updated_at)
        )

    def _save(self, ctx, changes):
        for start in range(0, len(changes), LOCK_CHUNK):
            members_db.save(
                ctx, self.cloud.name, changes[start : start + LOCK_CHUNK]
            )

    def _update_health(self, ctx, outcome, reason):
        """Write the health of the cloud where it has changed."""
        seconds = time.monotonic() - self._begun
        metrics.surveyed(self.cloud.name, outcome, seconds)
        before = self._load(ctx)
        now = self.heartbeat.now()
        after = health.update(before, outcome, reason, self.thresholds, now)
        if after.state != before.state or not self._reported:
            # The first survey reports a cloud that was in trouble already.
            _log_state(before, after, reason)
        elif not health.has_changed(before, after):
            clouds.touch(ctx, self.cloud.name, now, self.heartbeat.id)
            return
        self._save_health(ctx, after, checked_at=now)
        self._reported = True

    def _save_health(self, ctx, cloud, checked_at=None):
        before = clouds.save(
            ctx, cloud, checked_at, self.heartbeat.id, self._skipped
        )
        if before not in (None, cloud.state):
            self.emit(
                [
                    notify.Change(
                        states.EventKind.CLOUD_STATE,
                        before,
                        cloud.state,
                        cloud.reason,
                        cloud=cloud.name,
                        request_id=ctx.request_id,
                    )
                ]
            )


def _log_state(before, after, reason):
    LOG.log(
        logging.INFO if after.state == health.UP else logging.WARNING,
        'The cloud %(cloud)s is %(after)s, it was %(before)s. %(reason)s',
        {
            'cloud': after.name,
            'before': before.state,
            'after': after.state,
            'reason': reason,
        },
    )
