# SPDX-License-Identifier: Apache-2.0
"""Survey a cloud: one list of all its stacks, a read of those that changed."""

import datetime
import time

from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import snapshot
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import members as members_db
from heat_spreader.engine import freeze
from heat_spreader.engine import metrics
from heat_spreader.engine import notify
from heat_spreader.engine import orders
from heat_spreader.engine import quota
from heat_spreader.engine import stack_reads
from heat_spreader.planning import health

LOG = logging.getLogger(__name__)

_OUTCOMES = {
    exception.CloudUnauthorized: health.SurveyOutcome.UNAUTHORIZED,
    exception.CloudMisconfigured: health.SurveyOutcome.MISCONFIGURED,
}
# In these states what is known about the stacks is not outdated.
_KNOWN = (health.UP, health.SUSPECT)
# A change of the state of a cloud that a restart may have cut short.
RECENTLY = datetime.timedelta(minutes=10)


def _thresholds(options):
    """The thresholds that the [health] options set."""
    return health.Thresholds(
        options.failure_threshold,
        options.success_threshold,
        datetime.timedelta(seconds=options.failover_delay),
        datetime.timedelta(seconds=options.failback_delay),
        datetime.timedelta(seconds=options.flap_window),
    )


class Survey:
    """The surveys of one cloud, one after the other.

    :param lane: lane.Lane, that of the cloud
    :param heartbeat: heartbeat.Heartbeat, of the engine with the lease
    :param emit: is given the notify.Change of each change of a state
    :param witnesses: witnesses.Witnesses
    """

    def __init__(self, conf, cloud, lane, heartbeat, emit, witnesses):
        self.conf = conf
        self.cloud = cloud
        self.heartbeat = heartbeat
        self.emit = emit
        self.witnesses = witnesses
        self.reads = stack_reads.StackReads(conf, cloud, lane, heartbeat)
        self.thresholds = _thresholds(conf.health)
        self._reported = False
        self._begun = self._begun_at = self._counted_from = None
        # When the next survey must start; and whether it may start earlier.
        self._next_at = None
        self._may_hurry = False
        # Stacks that a change of the cloud has not made due.
        self._skipped = set()
        self.orders = orders.Orders(conf, cloud.name, heartbeat, emit)
        self.freeze = freeze.Freeze(conf, cloud.name)
        self.quota = quota.Quota(conf, cloud, lane, heartbeat)

    def begin(self, ctx):
        """Go on where the last engine stopped, if that was just now.

        Otherwise forget what may no longer be so.
        """
        self.reads.distrust()
        self._reported = False
        self._next_at = None
        before = self._load(ctx)
        self.orders.begin(before)
        self.freeze.begin()
        self.quota.begin(ctx)
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
        """Survey the cloud if it is time; return the seconds until it may be.

        Surveys start on a fixed clock, however long the last one took.
        """
        if not self._is_time(ctx):
            self._keep_orders(ctx)
            return self._left()
        self._may_hurry = False
        wait = self.survey(ctx)
        self._next_at = self._counted_from + wait
        return self._left()

    def _is_time(self, ctx):
        """Whether a survey must start.

        One starts early where an engine, be it another one, has sent an
        update after the last survey that succeeded.
        """
        now = time.monotonic()
        if self._next_at is None or now >= self._next_at:
            return True
        return (
            self._may_hurry
            and now >= self._begun + self.conf.engine.settle_interval
            and members_db.has_stale(ctx, self.cloud.name)
        )

    def _left(self):
        left = self._next_at - time.monotonic()
        return max(0.0, min(left, self.conf.engine.settle_interval))

    def survey(self, ctx):
        """Survey the cloud once; return the seconds from survey to survey."""
        self._begun = self._counted_from = time.monotonic()
        self._begun_at = self.heartbeat.now()
        cloud = self._keep_orders(ctx)
        wait = self.conf.engine.survey_interval
        rows = members_db.list_in(ctx, self.cloud.name)
        self.reads.forget_others(rows)
        try:
            found, slow = self._list({row.stack_name for row in rows})
        except exception.CloudThrottled as exc:
            self._update_health(ctx, health.SurveyOutcome.THROTTLED, str(exc))
            # As long as the cloud asks for, from its answer on.
            self._counted_from = time.monotonic()
            return max(exc.retry_after, wait)
        except exception.CloudError as exc:
            self._note(ctx, exc)
            return wait
        if found is None:
            self._update_health(ctx, health.SurveyOutcome.SLOW, slow)
            return wait
        found = {stack.name: stack for stack in found}
        self.reads.begin(ctx, cloud, rows, found, cloud.state in _KNOWN)
        self.reads.collect(ctx, self._begun + wait)
        self._update_health(ctx, *self._judge(ctx, slow))
        self._may_hurry = True
        if self.reads.are_unsettled(rows, found):
            wait = min(wait, self.conf.engine.settle_interval)
        return wait

    def _keep_orders(self, ctx):
        """See to what is ordered, and to the stacks that are not due yet.

        :returns: the facts.Cloud
        """
        found, skipped = self.orders.advance(ctx)
        cloud = found[self.cloud.name]
        if cloud.state == health.UP:
            self.quota.advance(ctx)
        outdated = self.freeze.find_outdated(ctx, found.values())
        self._skipped |= skipped | outdated
        if self._skipped:
            self._skipped = clouds.make_due(ctx, self._skipped)
        return cloud

    def _note(self, ctx, exc):
        """Update the health of the cloud after a survey that failed."""
        outcome = _OUTCOMES.get(type(exc), health.SurveyOutcome.FAILED)
        if outcome is health.SurveyOutcome.FAILED:
            # What the rows have may be outdated when the cloud is back.
            self.reads.distrust()
        self._update_health(ctx, outcome, str(exc))

    def _list(self, names):
        """List the stacks; a cloud that takes long for it gets a probe.

        :returns: the stacks, None for a list that does not come although the
            cloud answers the probe; and in what way the cloud is slow
        :raises CloudError: if the cloud fails, or answers neither in time
        """
        timeout = self.conf.health.probe_timeout
        listing = self.cloud.begin_list(names)
        if listing.wait(timeout):
            return listing.result(), ''
        probe = self.cloud.begin_probe(timeout)
        if listing.wait(timeout, probe):
            return listing.result(), ''
        try:
            probe.result()
        except exception.CloudError:
            listing.give_up()
            raise
        slow = (
            f'The cloud {self.cloud.name} is slow: it answers, but takes more '
            f'than {timeout:g} s to list its stacks.'
        )
        try:
            return listing.result(), slow
        except exception.CloudUnreachable:
            return None, f'{slow} What is known about them may be outdated.'

    def _judge(self, ctx, slow):
        """The outcome of a survey whose list came, and the reason."""
        unread = self.reads.unread
        if unread and self._load(ctx).state not in _KNOWN:
            return health.SurveyOutcome.SLOW, (
                f'The cloud {self.cloud.name} answers, but {len(unread)} of '
                'its stacks have not been read yet.'
            )
        return health.SurveyOutcome.GOOD, slow

    def _load(self, ctx):
        return snapshot.clouds(ctx, self.conf)[self.cloud.name]

    def _update_health(self, ctx, outcome, reason):
        """Write the health of the cloud where it has changed."""
        seconds = time.monotonic() - self._begun
        metrics.surveyed(self.cloud.name, outcome, seconds)
        before = self._load(ctx)
        after, votes = self.witnesses.update(
            ctx, before, outcome, reason, self.thresholds
        )
        # A cloud that came back while a survey of it was failing has not been
        # surveyed since it is back.
        checked_at = self._begun_at
        if (after.state, bool(after.reason)) != (
            before.state,
            bool(before.reason),
        ) or not self._reported:
            # The first survey reports a cloud that was in trouble already.
            _log_state(before, after, after.reason if votes else reason)
        elif not health.has_changed(before, after):
            clouds.touch(ctx, self.cloud.name, checked_at, self.heartbeat.id)
            return
        self._save_health(ctx, after, checked_at, votes)
        self._reported = True

    def _save_health(self, ctx, cloud, checked_at=None, votes=None):
        owner = self.heartbeat.id
        before = clouds.save(
            ctx, cloud, checked_at, owner, self._skipped, votes
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
    changed = before.state != after.state
    LOG.log(
        logging.INFO if after.state == health.UP else logging.WARNING,
        'The cloud %(cloud)s is %(after)s%(before)s. %(reason)s',
        {
            'cloud': after.name,
            'before': f', it was {before.state}' if changed else '',
            'after': after.state,
            'reason': reason,
        },
    )
