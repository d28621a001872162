# SPDX-License-Identifier: Apache-2.0
"""The state of everything, for Prometheus: read at each scrape."""

import concurrent.futures
import dataclasses
import datetime
import threading

from oslo_log import log as logging
from prometheus_client import core

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import engines
from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.db import witnesses

LOG = logging.getLogger(__name__)

# Seconds that a scrape waits for the database: less than Prometheus waits for
# a scrape, so that the counters are reported all the same.
TIMEOUT = 5
_UNKNOWN = states.CloudState.UNKNOWN
_ALL = '*'


class Collector:
    """A collector of Prometheus that queries the database at each scrape.

    :param enabled: the names of the clouds to report, surveyed or not
    :param heartbeat_timeout: the seconds without a heartbeat after which an
        engine is not alive
    :param asked: the names of the witnesses
    :param projects: the ids of those whose stacks are named, or ``*``
    """

    def __init__(self, enabled, heartbeat_timeout, asked=(), projects=()):
        self.enabled = enabled
        self.asked = asked
        self.projects = projects
        self.timeout = datetime.timedelta(seconds=heartbeat_timeout)
        self.pool = concurrent.futures.ThreadPoolExecutor(
            1, thread_name_prefix='collector'
        )
        self.lock = threading.Lock()
        self.reading = None

    def describe(self):
        """The metrics without values: their names are what counts."""
        return [answered(False), *gauges(Totals())]

    def collect(self):
        """The metrics; only that of the database where it does not answer."""
        try:
            found = self._read()
        except Exception as exc:
            LOG.warning(
                'The database does not answer a scrape: %s',
                session.reason(exc),
            )
            return [answered(False)]
        return [answered(True), *gauges(found)]

    def _read(self):
        # One query at a time, however many scrapes wait for the answer: a
        # database that hangs must not get more and more of them.
        with self.lock:
            if self.reading is None or self.reading.done():
                self.reading = self.pool.submit(read, self)
            reading = self.reading
        return reading.result(TIMEOUT)


def make(conf):
    """The collector for a configuration."""
    return Collector(
        conf.clouds.enabled,
        conf.engine.heartbeat_timeout,
        conf.health.witnesses,
        conf.metrics.projects,
    )


@dataclasses.dataclass(frozen=True)
class Totals:
    """What the database holds.

    ``clouds``: pairs of the state and whether it is full, by cloud.
    ``instances``: pairs of target and ready, by cloud. ``stacks``: rows of
    stacks.totals() by status. ``lag``: seconds. ``alive``: the host, the
    clouds and the stacks held of each engine. ``silent``: whether a witness
    is, by its name. ``shares``: rows of members.shares().
    """

    clouds: dict = dataclasses.field(default_factory=dict)
    instances: dict = dataclasses.field(default_factory=dict)
    stacks: dict = dataclasses.field(default_factory=dict)
    lag: float = 0
    alive: list = dataclasses.field(default_factory=list)
    silent: dict = dataclasses.field(default_factory=dict)
    shares: list = dataclasses.field(default_factory=list)


def read(asked):
    """Read the Totals.

    :param asked: the Collector, which says of what
    """
    with context.for_engine() as ctx:
        running, now = engines.get_all(ctx)
        rows = clouds.get_all(ctx)
        waiting = leases.waiting_since(ctx, now)
        return Totals(
            {
                name: (rows[name].state, rows[name].full_since is not None)
                if name in rows
                else (_UNKNOWN, False)
                for name in asked.enabled
            },
            {**dict.fromkeys(asked.enabled, (0, 0)), **members.totals(ctx)},
            stacks.totals(ctx),
            (now - waiting).total_seconds() if waiting else 0,
            [
                (row.host, held_clouds, held_stacks)
                for row, held_clouds, held_stacks in running
                if now - row.heartbeat_at < asked.timeout
            ],
            _silent(ctx, asked.asked),
            _shares(ctx, asked.projects),
        )


def _silent(ctx, asked):
    """Whether the last answer of each witness that was asked was none."""
    rows = witnesses.get_all(ctx) if asked else []
    return {
        row.witness: row.vote == states.Vote.SILENT
        for row in sorted(rows, key=lambda row: row.asked_at)
        if row.witness in asked
    }


def _shares(ctx, projects):
    if not projects:
        return []
    return members.shares(ctx, None if _ALL in projects else projects)


def answered(whether):
    """The metric of the database itself."""
    return _gauge(
        'database_up',
        'Whether the database answered this scrape.',
        {(): whether},
    )


def gauges(totals):
    """The metrics of what the database holds."""
    return [
        *_cloud_gauges(totals),
        *_stack_gauges(totals.stacks),
        *_share_gauges(totals.shares),
        _gauge(
            'reconcile_lag_seconds',
            'Seconds that the stack which has waited longest has been due '
            'without an engine working on it.',
            {(): totals.lag},
        ),
        *_engine_gauges(totals.alive),
        _gauge(
            'witness_silent',
            'Whether a witness gave no answer when it was last asked.',
            {(name,): value for name, value in totals.silent.items()},
            ('witness',),
        ),
    ]


def _cloud_gauges(totals):
    return [
        _gauge(
            'cloud_state',
            'Whether a cloud is in a state.',
            {
                (cloud, word.value): state == word
                for cloud, (state, _) in totals.clouds.items()
                for word in states.CloudState
            },
            ('cloud', 'state'),
        ),
        _gauge(
            'cloud_full',
            'Whether a cloud has no room for more instances.',
            {(cloud,): full for cloud, (_, full) in totals.clouds.items()},
            ('cloud',),
        ),
        _gauge(
            'desired_instances',
            'Instances that should be in a cloud: the sum of the targets.',
            {(cloud,): sums[0] for cloud, sums in totals.instances.items()},
            ('cloud',),
        ),
        _gauge(
            'ready_instances',
            'Instances that were ready in a cloud when it was last surveyed.',
            {(cloud,): sums[1] for cloud, sums in totals.instances.items()},
            ('cloud',),
        ),
    ]


def _stack_gauges(by_status):
    rows = by_status.values()
    numbers = {status: row.number for status, row in by_status.items()}
    return [
        _gauge(
            'stacks',
            'Stacks, by their status.',
            {
                (word.value,): numbers.get(word.value, 0)
                for word in states.StackStatus
            },
            ('status',),
        ),
        _gauge(
            'total_instances',
            'Instances that users want: the sum of the totals of all stacks.',
            {(): sum(row.total for row in rows)},
        ),
        _gauge(
            'unplaced_instances',
            'Instances that do not fit in any cloud.',
            {(): sum(row.unplaced for row in rows)},
        ),
        _gauge(
            'stacks_not_n1_safe',
            'Stacks of which instances would have no place if one of their '
            'clouds were lost.',
            {(): sum(row.unsafe for row in rows)},
        ),
    ]


def _share_gauges(rows):
    """Those with a value for each stack, of the projects that have them."""
    of_stack = ('project', 'stack')
    of_member = (*of_stack, 'cloud')
    return [
        _gauge(
            'stack_total_instances',
            'The total of a stack.',
            {(row.project_id, row.name): row.count for row in rows},
            of_stack,
        ),
        _gauge(
            'stack_desired_instances',
            'The target of a stack in a cloud.',
            _by_member(rows, 'target'),
            of_member,
        ),
        _gauge(
            'stack_ready_instances',
            'Instances of a stack that were ready in a cloud when it was last '
            'surveyed.',
            _by_member(rows, 'ready'),
            of_member,
        ),
    ]


def _by_member(rows, column):
    """Without what is unknown."""
    return {
        (row.project_id, row.name, row.cloud): getattr(row, column)
        for row in rows
        if getattr(row, column) is not None
    }


def _engine_gauges(alive):
    hosts = {host for host, _, _ in alive}
    return [
        _gauge(
            'engines_alive',
            'Engines with a heartbeat.',
            {(): len(alive)},
        ),
        _gauge(
            'leased_clouds',
            'Clouds that the engines of a host survey.',
            {(host,): _held(alive, host, 1) for host in hosts},
            ('host',),
        ),
        _gauge(
            'leased_stacks',
            'Stacks that the engines of a host are updating.',
            {(host,): _held(alive, host, 2) for host in hosts},
            ('host',),
        ),
    ]


def _held(alive, host, column):
    return sum(row[column] for row in alive if row[0] == host)


def _gauge(name, documentation, samples, labels=()):
    metric = core.GaugeMetricFamily(
        f'heat_spreader_{name}', documentation, labels=labels
    )
    for values, sample in samples.items():
        metric.add_metric(values, sample)
    return metric
