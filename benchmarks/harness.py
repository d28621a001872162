# SPDX-License-Identifier: Apache-2.0
"""What is measured: clouds, a database, engines and an API, as processes."""

import collections
import dataclasses
import pathlib
import re
import sys
import time

import fixtures
import psutil
import sqlalchemy as sa
from oslo_config import cfg

from benchmarks import counters
from benchmarks import emulation
from benchmarks import floor
from benchmarks import seed
from heat_spreader.clouds.cloud import PAGE
from heat_spreader.conf import clouds
from heat_spreader.conf import engine
from heat_spreader.conf import health
from heat_spreader.db import session
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as our_fixtures

# Seconds between two looks at what is waited for.
LOOK = 0.03
# Intervals without a read after which nothing is left to do.
QUIET = 2
# What --time-scale makes shorter: every option in seconds, by its group.
INTERVALS = {
    group.GROUP: {
        option.name: option.default
        for option in group.OPTS
        if isinstance(option, cfg.FloatOpt) and option.name != 'failover_rate'
    }
    for group in (clouds, engine, health)
}


class DatabaseRefused(Exception):
    """The database cannot be used, or has something to lose."""


def check_database(url):
    """Refuse a database that cannot be used for benchmarks.

    :param url: None for an SQLite file that each run makes
    :raises DatabaseRefused: if it cannot be used, or has stacks
    """
    if url is None:
        return
    try:
        with sa.create_engine(url).connect():
            pass
    except (sa.exc.SQLAlchemyError, ImportError) as exc:
        raise DatabaseRefused(f'The database cannot be used: {exc}') from exc
    with our_fixtures.Database(url):
        if seed.count_stacks():
            raise DatabaseRefused(
                f'The database {session.get_engine().url!r} has stacks. A '
                'benchmark deletes all that it finds, and needs an empty one.'
            )


@dataclasses.dataclass
class Usage:
    """What was used up to a moment, or between two."""

    seconds: float
    engines_cpu: float
    clouds_cpu: float
    requests: collections.Counter
    database: collections.Counter
    # Milliseconds of CPU for three requests, which Bench.floor_cpu() measures.
    floor_cpu: float | None = None

    def __sub__(self, before):
        return Usage(
            self.seconds - before.seconds,
            self.engines_cpu - before.engines_cpu,
            self.clouds_cpu - before.clouds_cpu,
            self.requests - before.requests,
            self.database - before.database,
        )


class Bench(fixtures.Fixture):
    """One run of a scenario, on an empty database and new clouds.

    :param options: of the command line
    :param count: that each Heat stack has at the beginning
    :param scale: of the intervals in INTERVALS
    :param failover: of each stack
    :param intervals: of the group engine, which are not scaled
    """

    def __init__(
        self, options, count, scale=1.0, failover='even', intervals=None
    ):
        super().__init__()
        self.options = options
        self.count = count
        self.scale = scale
        self.failover = failover
        self.intervals = intervals or {}
        self.names = [f'cloud{n}' for n in range(options.clouds)]
        self.lists_per_survey = options.stacks // PAGE + 1
        self.engines = []

    def _setUp(self):
        self.directory = pathlib.Path(self.useFixture(fixtures.TempDir()).path)
        self.clouds = emulation.Clouds(self.names, self.options)
        self.useFixture(self.clouds)
        self.database = our_fixtures.Database(self.options.database)
        self.useFixture(self.database)
        self.addCleanup(seed.delete_all)
        yaml = self.directory / 'clouds.yaml'
        self.clouds.write_clouds_yaml(yaml)
        self.groups = {
            **{
                group: {k: v * self.scale for k, v in values.items()}
                for group, values in INTERVALS.items()
            },
            'database': {'connection': self.database.url},
            **{f'cloud_{name}': {'projects': '*'} for name in self.names},
        }
        self.groups['clouds'] |= {
            'enabled': ','.join(self.names),
            'config_files': yaml,
        }
        self.groups['engine'] |= {
            **self.intervals,
            'max_updates_per_cloud': self.options.updates,
        }
        stacks = seed.stack_names(self.options.stacks)
        self.clouds.fill(stacks, self.count)
        seed.create(stacks, self.names, self.failover)

    def start_engines(self, number=None):
        """Start engine processes; return when, before the first one."""
        begun = time.monotonic()
        for index in range(number or self.options.engines):
            program = Engine(self.directory, f'engine{index}', self.groups)
            self.engines.append(self.useFixture(program))
            program.launch()
        return begun

    def start_api(self, name=None):
        """Start a process of the API; return its URL."""
        port = self.useFixture(process.Port()).number
        url = f'http://127.0.0.1:{port}'
        api = {'host': '127.0.0.1', 'port': port, 'auth_strategy': 'noauth'}
        program = self.useFixture(
            process.Program(
                'heat-spreader-api',
                self.directory,
                {**self.groups, 'api': api},
                name,
                url=url,
                cwd=emulation.TOP,
            )
        )
        program.start()
        return url

    def wait_until(self, condition, what):
        """Wait until a condition is true, and return its value.

        :raises AssertionError: if an engine ends, or if it takes too long
        """

        def is_met():
            for each in self.engines:
                if not each.is_running() and not each.is_killed:
                    raise process.ProcessFailure(each, 'ended')
            return condition()

        return process.wait_until(
            is_met,
            lambda: f'{what} took more than {self.options.timeout:g} s',
            self.options.timeout,
            LOOK,
        )

    def wait_until_active(self):
        """Wait until every stack is at its targets; return when."""
        self.wait_until(seed.are_all_active, 'all stacks at their targets')
        return time.monotonic()

    def wait_for_surveys(self, number, of=None):
        """Wait until clouds, or all, were listed that many times more."""
        wanted = {
            cloud: self.clouds.total('list', of=[cloud])
            + number * self.lists_per_survey
            for cloud in of or self.names
        }

        def are_listed():
            found = self.clouds.requests()
            return all(found[c]['list'] >= n for c, n in wanted.items())

        self.wait_until(are_listed, f'{number} surveys of each cloud')

    def wait_until_quiet(self):
        """Wait until the engines have nothing to do but surveys.

        While anything is left, each cloud is surveyed in every
        settle_interval, and what is left is read.
        """
        self.wait_until_active()
        silence = QUIET * self.groups['engine']['settle_interval'] + 1
        last, since = None, 0.0

        def is_silent():
            nonlocal last, since
            done = self.clouds.total('find', 'read', 'patch')
            if done != last:
                last, since = done, time.monotonic()
            return time.monotonic() - since > silence

        self.wait_until(is_silent, 'the end of all reads')

    def floor_cpu(self):
        """Milliseconds of CPU for the requests of a changed member."""
        return floor.cpu(self.clouds.auth(self.names[0]))

    def memory(self):
        """Bytes of memory that the largest engine uses."""
        return max(engine.memory() for engine in self.engines)

    def usage(self):
        """What the engines and the clouds have used up to now."""
        database = collections.Counter()
        for each in self.engines:
            database.update(each.counters.read())
        received = collections.Counter()
        for kinds in self.clouds.requests().values():
            received.update(kinds)
        return Usage(
            time.monotonic(),
            sum(each.cpu() for each in self.engines),
            cpu_of(self.clouds.process.pid),
            received,
            database,
        )


class Engine(process.Process):
    """The engine program, with counters of what it does in the database."""

    def __init__(self, directory, name, groups):
        config = process.write_config(directory / f'{name}.conf', groups)
        path = directory / f'{name}.counters'
        self.counters = counters.Counters(path)
        self.is_killed = False
        super().__init__(
            [
                *(sys.executable, '-m', 'benchmarks.engine', path),
                *('--config-file', config),
            ],
            directory / f'{name}.log',
            name,
            cwd=emulation.TOP,
        )

    @property
    def id(self):
        """The id that it has in the database."""
        return re.search(r'This is engine (\S+)\.', self.text())[1]

    def lose(self):
        """Kill it, as a power cut would, in the middle of a benchmark."""
        self.is_killed = True
        self.kill()

    def cpu(self):
        """Seconds of CPU that its processes have used; 0 after the end."""
        return cpu_of(self.pid) if self.pid else 0.0

    def memory(self):
        """Bytes of memory that its worker uses.

        The other process, its parent, does nothing but wait for it, and would
        hide how the worker grows.
        """
        _, worker = _family(self.pid)
        return worker.memory_info().rss


def cpu_of(pid):
    """Seconds of CPU that a process and its children have used."""
    return sum(sum(p.cpu_times()[:2]) for p in _family(pid))


def _family(pid):
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]
