# SPDX-License-Identifier: Apache-2.0
"""The engine as an oslo.service, with its timers.

One for each cloud, one for the stacks, one for old events: none waits for
another.

Everything with a thread or a connection is made in start(), which runs in the
worker process.
"""

import collections
import contextlib
import threading
import time

from oslo_log import log as logging
from oslo_service import service

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import report
from heat_spreader import secret_files
from heat_spreader import service as start_up
from heat_spreader.clouds import cloud
from heat_spreader.clouds import entry
from heat_spreader.db import session
from heat_spreader.engine import assignment
from heat_spreader.engine import heartbeat
from heat_spreader.engine import lane
from heat_spreader.engine import metrics
from heat_spreader.engine import notify
from heat_spreader.engine import reconcile
from heat_spreader.engine import retention
from heat_spreader.engine import survey
from heat_spreader.engine import witnesses

LOG = logging.getLogger(__name__)


class Engine(service.Service):
    """Surveys the clouds and reconciles the stacks until it is stopped.

    :raises ConfigurationInvalid: if it could not start with this configuration
    """

    def __init__(self, conf):
        super().__init__()
        self.conf = conf
        self._lock = threading.RLock()
        self._stopped = False
        self.surveyors = []
        self.reconciler = None
        self._hold_until = None
        self.heartbeat = heartbeat.Heartbeat(conf.engine)
        self.assignment = assignment.Assignment(
            conf.clouds.enabled, self.heartbeat
        )
        self.notifier = notify.Notifier(conf)
        self.exposition = metrics.make_exposition(conf)

    def start(self):
        """Begin to survey and to reconcile."""
        super().start()
        # A signal may come at any moment, and stop() in another thread.
        with self._lock:
            if not self._stopped:
                self._start()

    def _start(self):
        remotes = cloud.enabled(self.conf.clouds)
        LOG.info('Clouds: %s.', _sources(self.conf.clouds))
        secret_files.warn_of_exposed(
            [
                *start_up.config_paths(self.conf),
                *entry.secret_paths(self.conf.clouds.config_files),
            ]
        )
        self.exposition.start()
        self.notifier.start()
        lanes = lane.make_all(self.conf, remotes)
        self.reconciler = reconcile.Reconciler(
            self.conf, remotes, lanes, self.heartbeat, self.notifier.emit
        )
        observers = witnesses.Witnesses(self.conf, remotes, self.heartbeat)
        self.surveyors = [
            Surveyor(
                survey.Survey(
                    self.conf,
                    remote,
                    lanes[remote.name],
                    self.heartbeat,
                    self.notifier.emit,
                    observers,
                ),
                self.assignment,
            )
            for remote in remotes.values()
        ]
        options = self.conf.engine
        self._hold_until = time.monotonic() + options.survey_interval
        # Before the timers of the clouds, so that the first surveys begin at
        # once.
        self._beat()
        self._assign()
        self._add_timer(options.heartbeat_interval, self._beat)
        self._add_timer(options.reconcile_interval, self._reconcile)
        for surveyor in self.surveyors:
            self.tg.add_dynamic_timer_args(
                surveyor.run, stop_on_exception=False
            )
        purge = retention.Retention(options, self.heartbeat)
        for interval, function in purge.timers():
            self._add_timer(interval, function)
        report.add_section('Engine', self._describe)

    def _add_timer(self, interval, function):
        self.tg.add_timer_args(interval, function, stop_on_exception=False)

    def stop(self, graceful=True):
        """Stop after the calls to clouds that are under way."""
        with self._lock:
            self._stopped = True
            self._stop()

    def _stop(self):
        # cotyledon does not ask for it, and then ends the process.
        super().stop(graceful=True)
        if self.reconciler:
            self.reconciler.stop()
        self.heartbeat.stop()
        self.notifier.stop()
        self.exposition.stop()
        LOG.info('The engine has stopped.')

    def _describe(self):
        """What the engine is doing, for a report."""
        clouds = ', '.join(sorted(self.assignment.owned))
        stacks = ', '.join(sorted(self.reconciler.in_progress))
        return (
            f'Clouds surveyed here: {clouds or "none"}\n'
            f'Stacks in progress or in the queue: {stacks or "none"}\n'
        )

    def _beat(self):
        # A database that cannot be used is in the log; the next call retries.
        with contextlib.suppress(*session.UNAVAILABLE):
            self.heartbeat.beat()

    def _assign(self):
        # A locked row of a cloud must not hold the stacks.
        with contextlib.suppress(*session.UNAVAILABLE):
            self.assignment.refresh(
                {s.remote.name for s in self.surveyors if s.busy}
            )

    def _reconcile(self):
        self._assign()
        if self._is_held():
            return
        with contextlib.suppress(*session.UNAVAILABLE):
            self.reconciler.run()

    def _is_held(self):
        """Whether the stacks wait for the first survey of each cloud.

        While a cloud is UNKNOWN there is nothing to plan for, and what such a
        pass writes is written just when the survey does so.
        """
        owned = self.assignment.owned
        if time.monotonic() > self._hold_until or all(
            s.surveyed for s in self.surveyors if s.remote.name in owned
        ):
            # Never again: the next cloud may hang.
            self._hold_until = 0
        return bool(self._hold_until)


def _sources(options):
    """Return the enabled clouds by the file that has their entry."""
    clouds = collections.defaultdict(list)
    for name in options.enabled:
        path = None
        # The survey of the cloud reports what cannot be read.
        with contextlib.suppress(exception.CloudMisconfigured):
            path = entry.path_of(name, options.config_files)
        clouds[path or 'no file that can be used'].append(name)
    found = [f'{", ".join(names)} in {path}' for path, names in clouds.items()]
    return '; '.join(found) or 'none is enabled'


class Surveyor:
    """The timer of one cloud, which runs while this engine has its lease."""

    def __init__(self, surveys, assigned):
        self.survey = surveys
        self.conf = surveys.conf
        self.remote = surveys.cloud
        self.heartbeat = surveys.heartbeat
        self.assignment = assigned
        self.busy = self.surveyed = False
        self._began_as = None

    def run(self):
        """Survey the cloud; return the seconds until the next survey."""
        name, engine_id = self.remote.name, self.heartbeat.id
        if name not in self.assignment.owned:
            self._began_as = None
            return min(1.0, self.conf.engine.reconcile_interval)
        self.busy = True
        with context.for_engine(cloud=name) as ctx:
            try:
                if self._began_as != engine_id:
                    self.survey.begin(ctx)
                    self._began_as = engine_id
                return self.survey.run(ctx)
            except session.UNAVAILABLE:
                # It is in the log, and no fault of the cloud.
                return self.conf.engine.settle_interval
            except Exception:
                LOG.exception('A survey of %s failed.', name)
            finally:
                self.busy, self.surveyed = False, True
        return self.conf.engine.survey_interval
