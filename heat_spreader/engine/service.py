# SPDX-License-Identifier: Apache-2.0
"""The engine as an oslo.service: one timer a cloud, one for the stacks.

Everything with a thread or a connection is made in start(), which runs in the
worker process.
"""

import contextlib

from oslo_log import log as logging
from oslo_service import service

from heat_spreader import context
from heat_spreader import exposition
from heat_spreader import report
from heat_spreader.clouds import cloud
from heat_spreader.db import session
from heat_spreader.engine import membership
from heat_spreader.engine import metrics
from heat_spreader.engine import notify
from heat_spreader.engine import reconcile
from heat_spreader.engine import survey

LOG = logging.getLogger(__name__)


class Engine(service.Service):
    """Surveys the clouds and reconciles the stacks until it is stopped.

    :raises ConfigurationInvalid: if it could not start with this configuration
    """

    def __init__(self, conf):
        super().__init__()
        self.conf = conf
        self.surveyors = []
        self.reconciler = None
        self.membership = membership.Membership(conf)
        self.notifier = notify.Notifier(conf)
        self.exposition = exposition.Exposition(
            conf.metrics, conf.metrics.engine_port, metrics.registry(conf)
        )

    def start(self):
        """Begin to survey and to reconcile."""
        super().start()
        remotes = cloud.enabled(self.conf.clouds)
        LOG.info('Clouds: %s.', ', '.join(remotes) or 'none is enabled')
        self.exposition.start()
        self.membership.start()
        self.notifier.start()
        self.reconciler = reconcile.Reconciler(
            self.conf,
            remotes,
            self.membership,
            membership.engine_name(),
            self.notifier.emit,
        )
        self.surveyors = [
            Surveyor(self.conf, remote, self.membership, self.notifier.emit)
            for remote in remotes.values()
        ]
        for surveyor in self.surveyors:
            self.tg.add_dynamic_timer_args(
                surveyor.run, stop_on_exception=False
            )
        self.tg.add_timer_args(
            self.conf.engine.reconcile_interval,
            self._reconcile,
            stop_on_exception=False,
        )
        report.add_section('Engine', self._describe)

    def stop(self, graceful=True):
        """Stop after the calls to clouds that are under way."""
        # cotyledon does not ask for it, and then ends the process.
        super().stop(graceful=True)
        for surveyor in self.surveyors:
            surveyor.stop()
        if self.reconciler:
            self.reconciler.stop()
        self.membership.stop()
        self.notifier.stop()
        self.exposition.stop()
        LOG.info('The engine has stopped.')

    def _describe(self):
        """What the engine is doing, for a report."""
        clouds = [s.remote.name for s in self.surveyors if s.owned]
        stacks = ', '.join(sorted(self.reconciler.in_progress))
        return (
            f'Clouds surveyed here: {", ".join(clouds) or "none"}\n'
            f'Stacks in progress or in the queue: {stacks or "none"}\n'
        )

    def _reconcile(self):
        self.membership.refresh()
        # A database that cannot be used is in the log; the next call retries.
        with contextlib.suppress(*session.UNAVAILABLE):
            self.reconciler.run()


class Surveyor:
    """The timer of one cloud, as long as this engine surveys it."""

    def __init__(self, conf, remote, members, emit):
        self.conf = conf
        self.remote = remote
        self.membership = members
        self.survey = survey.Survey(conf, remote, emit)
        self.owned = False

    def run(self):
        """Survey the cloud; return the seconds until the next survey."""
        with context.for_engine(cloud=self.remote.name) as ctx:
            try:
                owned = self.membership.owns('cloud', self.remote.name)
                if owned and not self.owned:
                    self.survey.begin(ctx)
                self.owned = owned
                if owned:
                    return self.survey.run(ctx)
            except session.UNAVAILABLE:
                # It is in the log, and no fault of the cloud.
                return self.conf.engine.settle_interval
            except Exception:
                LOG.exception('A survey of %s failed.', self.remote.name)
        return self.conf.engine.survey_interval

    def stop(self):
        """Let the calls under way end."""
        self.survey.stop()
