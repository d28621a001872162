# SPDX-License-Identifier: Apache-2.0
"""How much the engine does at the same time while many stacks fail over."""

import collections
import concurrent.futures
import threading
from unittest import mock

from heat_spreader.planning import plan
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

ATHENS, *OTHERS = base.NAMES
STACKS = 12
PARALLEL, THREADS = 2, 3


class Gauge:
    """How many callers are in work() at the same time, by kind, at most.

    Each stays there until there is one more than allowed, which would be the
    fault, or until none has come for a moment.
    """

    def __init__(self, allowed):
        self.allowed = allowed
        self.highest = collections.Counter()
        self._entered = threading.Condition()
        self._now = collections.Counter()

    def work(self, kind):
        with self._entered:
            self._now[kind] += 1
            self.highest[kind] = max(self.highest[kind], self._now[kind])
            self._entered.notify_all()
            self._entered.wait_for(
                lambda: self.highest[kind] > self.allowed, 0.1
            )
            self._now[kind] -= 1


class TestLimits(base.EngineTestCase):
    counts = (2, 2, 2)
    timeout = 30.0
    engine_options = {'max_updates_per_cloud': PARALLEL, 'threads': THREADS}

    def setUp(self):
        super().setUp()
        self.active = [self.add(f'a{n}') for n in range(STACKS)]
        # These get no updates, and are only read.
        self.paused = [self.add(f'p{n}', paused=True) for n in range(STACKS)]
        self.engine.turn()
        self.gauge = Gauge(max(PARALLEL, THREADS))

    def add(self, name, **wanted):
        for each in self.clouds.values():
            each.add_stack(name, 2)
        weights = ['0.333333', '0.333333', '0.333334']
        return self.create(
            weights, name=name, stack_name=name, count=6, **wanted
        )

    def lose_athens(self):
        self.clouds[ATHENS].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey(ATHENS)
        for name in OTHERS:
            self.clouds[name].heat.fault = self.measured(name)

    def measured(self, name):
        """Measure the requests for single stacks as the cloud gets them."""

        def change(real):
            self.gauge.work(name)
            return real

        return faults.Fault('change', change=change).only(path='/stacks/')

    def fail_over(self):
        """Let surveys read all stacks while passes update half of them."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            surveys = []
            for name in OTHERS:
                self.engine.surveys[name].reads.distrust()
                surveys.append(pool.submit(self.engine.survey, name))
            self.engine.make_pass(*self.active)
            for each in surveys:
                each.result()

    def test_passes_and_surveys_share_the_requests_to_a_cloud(self):
        self.lose_athens()
        before = self.patches()
        self.fail_over()

        self.assertEqual(STACKS * len(OTHERS), self.patches() - before)
        self.assertEqual(dict.fromkeys(OTHERS, PARALLEL), self.gauge.highest)

    def test_no_more_passes_are_planned_at_once_than_there_are_threads(self):
        self.lose_athens()

        def make_measured(*args):
            self.gauge.work('plan')
            return make(*args)

        make = plan.make
        with mock.patch.object(plan, 'make', make_measured):
            for stack_id in self.active:
                self.engine.reconciler.start([stack_id])
            while not self.engine.reconciler.join(0.1):
                self.engine.reconciler.check()

        self.assertEqual(THREADS, self.gauge.highest['plan'])
