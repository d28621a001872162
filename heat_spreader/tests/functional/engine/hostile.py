# SPDX-License-Identifier: Apache-2.0
"""The engine beside a cloud whose answers are changed.

A short run is a test. A long one is::

    python -m heat_spreader.tests.functional.engine.hostile --rounds 500

Athens is hostile; berlin and cairo must get the same requests as beside an
athens that answers correctly, and what is stored and logged must be clean.
"""

import logging
import sys

import fixtures
import sqlalchemy as sa
from hypothesis import strategies as st

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import long_run
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.emulator import mutations
from heat_spreader.tests.functional.engine import base

GOOD = ('berlin', 'cairo')
# Of the requests to Heat; and Keystone.
PARTS = ('', '/stacks?', '/stacks/web', '/template', '/resources', '/events')
# Until a change of a total is done, in berlin and cairo.
TURNS = 3


class HostileEngine(base.EngineTestCase):
    """'web' is in all clouds and stays; 'shop' is in two, and changes."""

    counts = (4, 4, 4)
    # No answer is waited for, whatever length it has announced.
    timeout = 30.0
    rounds = 5
    seed = None

    def setUp(self):
        super().setUp()
        for name in GOOD:
            self.clouds[name].add_stack('shop', 5)
        self.web = self.create(
            ['0.34', '0.33', '0.33'], count=12, failover='none'
        )
        weights = db_base.weights(**dict.fromkeys(GOOD, '0.5'))
        self.shop = db_base.create_stack(
            *(self.ctx,),
            **{'name': 'shop', 'count_parameter': 'count'},
            **{'count': 10, 'weights': weights},
        ).id
        self.settle(self.web)
        self.log = self.useFixture(
            fixtures.FakeLogger(
                level=logging.INFO, format='%(levelname)s %(message)s'
            )
        )

    def run_rounds(self):
        """Try that many faults of athens; the seed repeats them."""
        self.round(None, '', '')
        self.usual = self.round(None, '', '')
        mutations.try_each(
            *(self.rounds, self.seed, self.check),
            *(mutations.mutations(), st.sampled_from(('heat', 'both'))),
            st.sampled_from(PARTS),
        )

    def check(self, mutation, which, part):
        self.assertEqual(self.usual, self.round(mutation, which, part))
        self.assertEqual([], self.find_unclean())
        logged = self.log.output.splitlines()
        self.assertEqual(
            [],
            [
                line
                for line in logged
                if not line.isprintable() or line.startswith('ERROR')
            ],
        )
        for cloud in self.clouds.values():
            self.assertEqual([], cloud.violations)

    def round(self, mutation, which, part):
        """Change the total of shop, and back; return what others received."""
        athens = self.clouds['athens']
        for cloud in self.clouds.values():
            cloud.requests.clear()
        if mutation:
            athens.heat.fault = faults.Fault(
                'change', change=mutation, path=part
            )
        if which == 'both':
            athens.keystone.fault = faults.Fault('change', change=mutation)
            athens.revoke_tokens()
        for total in (14, 10):
            stacks_db.update(self.ctx, self.shop, {'count': total})
            for _ in range(TURNS):
                self.engine.turn()
                self.finish()
        athens.fault = None
        self.let_the_back_off_end()
        return {name: self.received(name) for name in GOOD}

    def received(self, name):
        """The surveys of a cloud, and what it was told to change."""
        requests = [
            r for r in self.clouds[name].requests if r.service == 'heat'
        ]
        surveys = [r for r in requests if r.path.endswith('/stacks')]
        changes = [r for r in requests if r.method == 'PATCH']
        return (
            [r.target for r in surveys],
            [(r.path, r.body['parameters']) for r in changes],
        )

    def find_unclean(self):
        """Return each text of the database that no one should see."""
        with session.get_engine().connect() as connection:
            return [
                (table.name, value)
                for table in models.Base.metadata.sorted_tables
                for row in connection.execute(sa.select(table))
                for value in _texts(list(row))
                if not value.isprintable()
            ]


def _texts(value):
    """Yield each text in the values of a row, and in its JSON."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from _texts([*value, *value.values()])
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each)


if __name__ == '__main__':
    sys.exit(long_run.run(HostileEngine, 'run_rounds', 'rounds', 500)[1])
