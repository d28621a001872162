# SPDX-License-Identifier: Apache-2.0
"""A failover is paced: each cloud gets only some updates at a time."""

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import facts
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

ATHENS, BERLIN, CAIRO = base.NAMES
STACKS = 3
# One update of a cloud in this many seconds, which no test waits for.
SECONDS = 1000
TEXT = 'failover_rate'


class TestFailoverRate(base.EngineTestCase):
    counts = (2, 2, 2)
    engine_options = {'failover_rate': 1 / SECONDS}

    def setUp(self):
        super().setUp()
        self.now = 0.0
        self.engine.reconciler.pace.clock = lambda: self.now
        self.ids = [self.add(f'web{number}') for number in range(STACKS)]
        self.engine.turn()
        self.check(0)

    def add(self, name):
        for each in self.clouds.values():
            each.add_stack(name, 2)
        weights = ['0.333333', '0.333333', '0.333334']
        return self.create(weights, name=name, stack_name=name, count=6)

    def lose_cairo(self):
        self.clouds[CAIRO].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey(CAIRO)

    def make_passes(self):
        """Make a pass over each stack, and let Heat end the updates."""
        self.engine.make_pass(*self.ids)
        self.finish()
        self.engine.survey(ATHENS, BERLIN)

    def check(self, *numbers):
        """The number of updates that each cloud has got."""
        clouds = (self.clouds[name] for name in (ATHENS, BERLIN))
        found = {len(each.patches) for each in clouds}
        self.assertEqual({*numbers}, found)

    def waiting(self):
        stacks = [self.stack(stack_id) for stack_id in self.ids]
        return [each for each in stacks if TEXT in each.status_reason]

    def test_each_cloud_gets_one_update_after_the_other(self):
        self.lose_cairo()
        for number in range(1, STACKS + 1):
            self.make_passes()
            self.make_passes()
            self.check(number)
            self.now += SECONDS
        self.make_passes()
        self.check(STACKS)
        self.assertEqual([], self.waiting())

    def test_stack_that_waits_says_so_and_has_no_lease(self):
        self.lose_cairo()
        self.make_passes()

        waiting = self.waiting()
        self.assertEqual(STACKS - 1, len(waiting))
        self.assertEqual({'SCALING'}, {each.status for each in waiting})
        self.assertEqual({None}, {each.lease_owner for each in waiting})
        # It is due when there should be a token, and not before.
        with context.for_engine() as ctx:
            due = leases.due(ctx, models.utcnow(), 'test:1')
        self.assertFalse({*due} & {each.id for each in waiting})

    def test_engine_has_only_its_part_of_the_rate(self):
        self.engine.reconciler.pace.heartbeat.alive = 2
        self.lose_cairo()
        self.make_passes()
        self.now += SECONDS
        self.make_passes()
        self.check(1)
        self.now += SECONDS
        self.make_passes()
        self.check(2)

    def test_return_of_the_cloud_is_paced_too(self):
        self.lose_cairo()
        for _ in self.ids:
            self.make_passes()
            self.now += SECONDS
        self.check(STACKS)
        self.clouds[CAIRO].fault = None
        for _ in range(2):
            self.engine.survey(CAIRO)
        self.make_passes()
        self.check(STACKS + 1)

    def test_drain_by_an_administrator_is_paced_too(self):
        order = facts.Order(models.utcnow())
        use = facts.Use(states.AdminState.DRAINING, order)
        admin.set_use(self.ctx, CAIRO, use)
        self.make_passes()
        self.make_passes()

        self.check(1)
        self.assertEqual(STACKS - 1, len(self.waiting()))

    def test_change_by_a_user_is_not_paced(self):
        self.lose_cairo()
        self.make_passes()
        for stack_id in self.ids:
            stacks_db.update(self.ctx, stack_id, {'count': 12})
        self.make_passes()
        self.check(1 + STACKS)
        self.assertEqual([], self.waiting())
