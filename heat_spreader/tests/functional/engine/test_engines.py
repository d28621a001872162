# SPDX-License-Identifier: Apache-2.0
"""Three engines that are killed, suspended, stopped and started at random.

A longer run, with a seed to repeat one::

    python -m heat_spreader.tests.functional.engine.test_engines \
        --events 10000 --database mariadb --seed 1
"""

import argparse
import os
import random
import threading
import unittest

from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import servers
from heat_spreader.tests.functional.engine import base

EVENTS = 60
# What may happen to an engine in each state, and the state after it.
ACTIONS = {
    'running': {'kill': 'dead', 'stop': 'dead', 'suspend': 'suspended'},
    'suspended': {'resume': 'running', 'kill': 'dead'},
    'dead': {'start': 'running'},
}


class EnginesTestCase(base.ProcessTestCase):
    server_class = None
    events = EVENTS
    seed = None

    def database_url(self):
        missing = self.server_class.missing()
        if missing:
            self.skipTest(missing)
        return self.useFixture(self.server_class()).url

    def setUp(self):
        super().setUp()
        seed = self.seed or int.from_bytes(os.urandom(4))
        print(f'seed {seed}')
        self.random = random.Random(seed)
        self.engines = [self.start(f'engine-{n}') for n in range(3)]
        self.states = ['running'] * 3

    def act(self):
        """Let something happen to an engine; one is always left running."""
        number = self.random.randrange(3)
        state = self.states[number]
        last = state == 'running' and self.states.count('running') == 1
        if last:
            return
        action, after = self.random.choice(sorted(ACTIONS[state].items()))
        getattr(self.engines[number], action)()
        self.states[number] = after

    def check_served(self):
        """A change is carried out and every cloud is surveyed."""
        started = models.utcnow()
        count = self.random.randint(5, 30)
        stacks_db.update(self.ctx, self.stack_id, {'count': count})
        process.wait_until(
            lambda: sum(self.counts_in_heat()) == count,
            lambda: self.give_up(f'{count} were not reached'),
        )
        process.wait_until(
            lambda: all(
                row.checked_at and row.checked_at > started
                for row in clouds_db.get_all(self.ctx).values()
            ),
            lambda: self.give_up('a cloud was not surveyed'),
        )

    def run_events(self):
        for number in range(self.events):
            self.act()
            # Nothing to wait for: the next event may come at any moment.
            threading.Event().wait(self.random.uniform(0, 0.4))
            if number % 10 == 9:
                self.check_served()
        for number, state in enumerate(self.states):
            if state == 'suspended':
                self.engines[number].resume()
        self.check_served()
        self.check_no_violation()


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
    unittest.TextTestRunner().run(suite)


if __name__ == '__main__':
    main()
