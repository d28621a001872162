# SPDX-License-Identifier: Apache-2.0
"""The state of everything, for Prometheus: read at each scrape."""

import concurrent.futures
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
from heat_spreader.db import readiness
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.db import witnesses

LOG = logging.getLogger(__name__)

# Seconds that a scrape waits for the database: less than Prometheus waits for
# a scrape, so that the counters are reported all the same.
TIMEOUT = 5
_UNKNOWN = states.CloudState.UNKNOWN


class Collector:
    """A collector of Prometheus that queries the database at each scrape.

    :param enabled: the names of the clouds to report, surveyed or not
    :param heartbeat_timeout: the seconds without a heartbeat after which an
        engine is not alive
    :param asked: the names of the witnesses
    """

    def __init__(self, enabled, heartbeat_timeout, asked=()):
        self.enabled = enabled
        self.asked = asked
        self.timeout = datetime.timedelta(seconds=heartbeat_timeout)
        self.pool = concurrent.futures.ThreadPoolExecutor(
            1, thread_name_prefix='collector'
        )
        self.lock = threading.Lock()
        self.reading = None

    def describe(self):
        """The metrics without values: their names are what counts."""
        return [answered(False), *gauges({}, {}, {}, 0, 0, [], {}, {})]

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
        return [answered(True), *found]

    def _read(self):
        # One query at a time, however many scrapes wait for the answer: a
        # database that hangs must not get more and more of them.
        with self.lock:
            if self.reading is None or self.reading.done():
                self.reading = self.pool.submit(
                    _read, self.enabled, self.timeout, self.asked
                )
            reading = self.reading
        return reading.result(TIMEOUT)


def make(conf):
    """The collector for a configuration."""
    return Collector(
        conf.clouds.enabled,
        conf.engine.heartbeat_timeout,
        conf.health.witnesses,
    )


def _read(enabled, heartbeat_timeout, asked):
    with context.for_engine() as ctx:
        running, now = engines.get_all(ctx)
        rows = clouds.get_all(ctx)
        waiting = leases.waiting_since(ctx, now)
        return gauges(
            {
                name: rows[name].state if name in rows else _UNKNOWN
                for name in enabled
            },
            {**dict.fromkeys(enabled, (0, 0)), **members.totals(ctx)},
            stacks.totals(ctx),
            readiness.count_unsafe(ctx),
            (now - waiting).total_seconds() if waiting else 0,
            [
                (row.host, held_clouds, held_stacks)
                for row, held_clouds, held_stacks in running
                if now - row.heartbeat_at < heartbeat_timeout
            ],
            _silent(ctx, asked),
            {
                name: name in rows and rows[name].full_since is not None
                for name in enabled
            },
        )


def _silent(ctx, asked):
    """Whether the last answer of each witness that was asked was none."""
    rows = witnesses.get_all(ctx) if asked else []
    return {
        row.witness: row.vote == states.Vote.SILENT
        for row in sorted(rows, key=lambda row: row.asked_at)
        if row.witness in asked
    }


def answered(whether):
    """The metric of the database itself."""
    return _gauge(
        'database_up',
        'Whether the database answered this scrape.',
        {(): whether},
    )


def gauges(
    cloud_states, instances, of_stacks, unsafe, lag, alive, silent, full
):
    """The metrics of what the database holds.

    :param cloud_states: the state by cloud
    :param instances: pairs of target and ready by cloud
    :param of_stacks: pairs of number and unplaced instances by status
    :param unsafe: how many stacks do not survive the loss of any one cloud
    :param lag: seconds
    :param alive: the host, the clouds and the stacks held of each engine
    :param silent: whether a witness is silent, by its name
    :param full: whether a cloud has no room for more, by its name
    """
    return [
        _gauge(
            'cloud_state',
            'Whether a cloud is in a state.',
            _by_state(cloud_states),
            ('cloud', 'state'),
        ),
        _gauge(
            'cloud_full',
            'Whether a cloud has no room for more instances.',
            {(cloud,): value for cloud, value in full.items()},
            ('cloud',),
        ),
        *_stack_gauges(of_stacks, unsafe),
        _gauge(
            'desired_instances',
            'Instances that should be in a cloud: the sum of the targets.',
            {(cloud,): target for cloud, (target, _) in instances.items()},
            ('cloud',),
        ),
        _gauge(
            'ready_instances',
            'Instances that were ready in a cloud when it was last surveyed.',
            {(cloud,): ready for cloud, (_, ready) in instances.items()},
            ('cloud',),
        ),
        _gauge(
            'reconcile_lag_seconds',
            'Seconds that the stack which has waited longest has been due '
            'without an engine working on it.',
            {(): lag},
        ),
        *_engine_gauges(alive),
        _gauge(
            'witness_silent',
            'Whether a witness gave no answer when it was last asked.',
            {(name,): value for name, value in silent.items()},
            ('witness',),
        ),
    ]


def _by_state(cloud_states):
    return {
        (cloud, word.value): state == word
        for cloud, state in cloud_states.items()
        for word in states.CloudState
    }


def _stack_gauges(of_stacks, unsafe):
    return [
        _gauge(
            'stacks',
            'Stacks, by their status.',
            {
                (word.value,): of_stacks.get(word.value, (0, 0))[0]
                for word in states.StackStatus
            },
            ('status',),
        ),
        _gauge(
            'unplaced_instances',
            'Instances that do not fit in any cloud.',
            {(): sum(unplaced for _, unplaced in of_stacks.values())},
        ),
        _gauge(
            'stacks_not_n1_safe',
            'Stacks of which instances would have no place if one of their '
            'clouds were lost.',
            {(): unsafe},
        ),
    ]


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
