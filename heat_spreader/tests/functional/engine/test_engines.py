# SPDX-License-Identifier: Apache-2.0
"""Three engines that are killed, suspended, stopped and started at random.

A longer run, with a seed to repeat one::

    python -m heat_spreader.tests.functional.engine.test_engines \
        --events 10000 --database mariadb --seed 1234

In each round one engine runs all the time, and the others are in trouble.
Meanwhile users change the totals: each change must be carried out, and each
cloud surveyed, before ``BOUND`` is over. No update may be sent to a stack that
is busy, which is what two updates at once would be, or without a lease.
"""

import argparse
import os
import random
import re
import sys
import threading
import unittest
from concurrent import futures

import fixtures

from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import engines as engines_db
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.db import servers
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.engine import forks

EVENTS = 300
ENGINES = 3
# Of each engine but the one that runs all the time.
EVENTS_OF_A_ROUND = 15
STACKS = ('web', 'shop', 'blog', 'wiki')
# A tenth of the defaults.
INTERVALS = {
    'survey_interval': 1,
    'settle_interval': 0.2,
    'reconcile_interval': 0.1,
    'heartbeat_interval': 0.3,
    'heartbeat_timeout': 1.5,
}
# An engine that is suspended in a transaction holds its locks for so long.
TIMEOUTS = {'lock': 1}
# No cloud hangs here: on a busy machine it may only be slow.
PATIENCE = {'connect_timeout': 5, 'read_timeout': 15}
# Seconds, as the defaults promise, and not a tenth: a busy machine must not
# fail the test.
BOUND = 20
# What may happen to an engine in each state, and the state after it.
ACTIONS = {
    'running': [
        ('kill', 'dead'),
        ('stop', 'dead'),
        ('suspend', 'suspended'),
        ('suspend_in_a_pass', 'suspended'),
    ],
    'suspended': [
        ('resume', 'running'),
        ('resume_late', 'running'),
        ('resume_late', 'running'),
        ('kill', 'dead'),
    ],
    'dead': [('start', 'running')],
}


class EnginesTestCase(servers.OnServer, base.ProcessTestCase):
    events = EVENTS
    seed = None

    def setUp(self):
        super().setUp()
        seed = self.seed or int.from_bytes(os.urandom(4))
        print(f'engines: seed {seed}', file=sys.__stderr__, flush=True)
        self.random = random.Random(seed)
        # Others of their own: how many changes there are depends on the time,
        # and what happens to one engine is not to depend on another.
        self.counts = random.Random(f'{seed} counts')
        self.randoms = [random.Random(f'{seed} {n}') for n in range(ENGINES)]
        directory = self.useFixture(fixtures.TempDir()).path
        groups = self.groups(
            engine=INTERVALS, clouds=PATIENCE, database_timeouts=TIMEOUTS
        )
        parent = self.useFixture(forks.Parent())
        parent.start()
        self.engines = [
            self.useFixture(
                forks.Engine(parent, directory, groups, f'engine-{n}')
            )
            for n in range(ENGINES)
        ]
        for engine in self.engines:
            engine.start()
        self.engine_process = self.engines[0]
        self.states = ['running'] * ENGINES

    def make_cloud(self, name):
        return emulator.EmulatedCloud(name, update_seconds=0.8)

    def create_stacks(self):
        self.ids = {}
        self.without_lease = []
        for cloud in self.clouds.values():
            cloud.observer = self.check_lease
        for name in STACKS:
            for cloud in self.clouds.values():
                cloud.add_stack(name, 0)
                # Long enough for an engine to be suspended in the midst of a
                # pass: it has read the stack, and may not change it later.
                cloud.heat.fault = faults.slow(0.3).only('GET', 'stacks/')
            self.ids[name] = self.create(['0.6', '0.2', '0.2'], name=name)
        self.stack_id = self.ids['web']

    # What happens to an engine

    def act(self, number):
        """Let something happen to an engine."""
        engine, state = self.engines[number], self.states[number]
        action, after = self.randoms[number].choice(ACTIONS[state])
        if action == 'suspend_in_a_pass':
            self.wait_until_a_stack_is_read()
            action = 'suspend'
        elif action == 'resume_late':
            self.wait_until_taken_for_dead(engine)
            action = 'resume'
        getattr(engine, action)()
        self.states[number] = after

    def trouble(self, number, events, ended):
        """Let several things happen to an engine, one after the other."""
        for _ in range(events):
            # Nothing to wait for: the next event comes at any moment.
            ended.wait(self.randoms[number].uniform(0, 0.2))
            self.act(number)

    def wait_until_a_stack_is_read(self):
        """Wait for an engine that has read a stack, and may change it."""
        before = self.reads()
        process.wait_until(
            lambda: self.reads() > before,
            lambda: self.give_up('no stack was read'),
            BOUND,
        )

    def reads(self):
        return sum(
            request.method == 'GET' and 'stacks/' in request.path
            for cloud in self.clouds.values()
            for request in cloud.requests
        )

    def wait_until_taken_for_dead(self, engine):
        """Wait until the others have freed the leases of an engine."""
        found = re.findall('(?:This is|as) engine ([-0-9a-f]+)', engine.text())
        process.wait_until(
            lambda: found[-1] not in engines_db.running(db_base.user()),
            lambda: self.give_up(f'{found[-1]} has its leases still'),
            BOUND,
        )

    def check_lease(self, cloud, request):
        """Note an update that is sent while no engine has the lease.

        That of the member alone is enough: a pass ends without an update that
        takes long.
        """
        name = request.path.split('/')[-2]
        stack = stacks_db.get(db_base.user('p'), self.ids[name])
        owners = {m.cloud: m.lease_owner for m in stack.members}
        if stack.lease_owner is None and owners[cloud.name] is None:
            self.without_lease.append((cloud.name, request.path))

    # What users see

    def check_served(self, ctx):
        """Changes are carried out, and every cloud is surveyed, in time."""
        started = models.utcnow()
        wanted = {name: self.counts.randint(5, 30) for name in STACKS}
        for name, count in wanted.items():
            stacks_db.update(ctx, self.ids[name], {'count': count})
        process.wait_until(
            lambda: self.totals() == wanted,
            lambda: self.give_up(f'{self.totals()} is not {wanted}'),
            BOUND,
        )
        process.wait_until(
            lambda: all(
                row.checked_at and row.checked_at > started
                for row in clouds_db.get_all(ctx).values()
            ),
            lambda: self.give_up('a cloud was not surveyed'),
            BOUND,
        )

    def totals(self):
        return {
            name: sum(c.stack(name).count for c in self.clouds.values())
            for name in STACKS
        }

    def keep_checking(self, ended):
        while not ended.is_set():
            self.check_served(db_base.user('p'))

    def run_round(self, pool):
        running = [n for n in range(ENGINES) if self.states[n] == 'running']
        keeper = self.random.choice(running)
        ended = threading.Event()
        checked = pool.submit(self.keep_checking, ended)
        troubled = [
            pool.submit(self.trouble, n, EVENTS_OF_A_ROUND, ended)
            for n in range(ENGINES)
            if n != keeper
        ]
        futures.wait(troubled)
        ended.set()
        futures.wait([checked])
        # What must not happen explains what does not happen.
        self.check_no_violation()
        self.assertEqual([], self.without_lease)
        for each in [*troubled, checked]:
            each.result()

    def run_events(self):
        each_round = (ENGINES - 1) * EVENTS_OF_A_ROUND
        with futures.ThreadPoolExecutor(ENGINES) as pool:
            for _ in range(0, self.events, each_round):
                self.run_round(pool)
        for engine in self.engines:
            self.assertNotIn('Traceback', engine.text(), engine.name)


class TestEnginesOnMariaDB(EnginesTestCase):
    server_class = servers.MariaDBServer

    def test_everything_is_processed_once_while_engines_come_and_go(self):
        self.run_events()


class TestEnginesOnPostgreSQL(EnginesTestCase):
    server_class = servers.PostgreSQLServer

    def test_everything_is_processed_once_while_engines_come_and_go(self):
        self.run_events()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--events', type=int, default=10000)
    parser.add_argument(
        '--database', choices=['mariadb', 'postgresql'], default='mariadb'
    )
    parser.add_argument('--seed', type=int)
    arguments = parser.parse_args()
    EnginesTestCase.events = arguments.events
    EnginesTestCase.seed = arguments.seed
    chosen = {
        'mariadb': TestEnginesOnMariaDB,
        'postgresql': TestEnginesOnPostgreSQL,
    }[arguments.database]
    suite = unittest.defaultTestLoader.loadTestsFromTestCase(chosen)
    result = unittest.TextTestRunner().run(suite)
    sys.exit(not result.wasSuccessful())


if __name__ == '__main__':
    main()
