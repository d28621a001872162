# SPDX-License-Identifier: Apache-2.0
"""No thread of a process waits for a connection to the database."""

import pathlib
import sys
import threading
from concurrent import futures

import fixtures as testing_fixtures
from oslotest import base as test_base

from heat_spreader import service
from heat_spreader.db import engines
from heat_spreader.db import migration
from heat_spreader.db import session
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

PRINT_SIZE = """
import sys
from heat_spreader import service
conf = service.make_conf()
service.prepare(conf, sys.argv[1:])
print(conf.database.max_pool_size)
"""
ENABLED = {'east': ['*'], 'north': ['*'], 'west': ['*']}


class _Case(base.DatabaseTestCase):
    def setUp(self):
        super().setUp()
        migration.sync()
        session.get_engine().dispose()


@base.on_every_database(_Case, base.SERVERS)
class Pool:
    def test_all_threads_of_an_engine_have_a_connection_at_once(self):
        self.check(engine={'threads': 5}, expected=5 + len(ENABLED) + 4)

    def test_all_threads_of_the_api_have_a_connection_at_once(self):
        self.check(api={'threads': 24}, engine={'threads': 1}, expected=24)

    def check(self, expected, **groups):
        conf = self.useFixture(
            fixtures.Configuration(projects=ENABLED, **groups)
        ).conf
        number = service.count_connections(conf)
        self.assertEqual(expected, number)
        self.useFixture(
            fixtures.Connection(
                self.database_url(),
                max_pool_size=number,
                max_overflow=0,
                pool_timeout=1,
            )
        )
        barrier = threading.Barrier(number, timeout=60)

        @session.reader
        def use(ctx):
            engines.database_time(ctx)
            # Until each thread has its connection.
            barrier.wait()

        with futures.ThreadPoolExecutor(number) as threads:
            done = [threads.submit(use, base.user()) for _ in range(number)]
            for each in done:
                each.result()
        pool = session.get_engine().pool
        self.assertEqual((number, 0), (pool.size(), pool.checkedout()))
        self.assertEqual(0, pool.overflow())


class TestDefault(test_base.BaseTestCase):
    def size(self, **options):
        """The size of the pool of a program with these options."""
        directory = self.useFixture(testing_fixtures.TempDir()).path
        config = process.write_config(
            pathlib.Path(directory, 'heat-spreader.conf'),
            {
                'clouds': {'enabled': 'east,north'},
                'engine': {'threads': 30},
                'database': {'connection': 'sqlite://', **options},
            },
        )
        done = process.run(
            sys.executable, '-c', PRINT_SIZE, '--config-file', config
        )
        return int(done.stdout)

    def test_size_is_from_the_threads_unless_the_operator_sets_it(self):
        self.assertEqual(36, self.size())
        self.assertEqual(7, self.size(max_pool_size=7))
