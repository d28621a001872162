# SPDX-License-Identifier: Apache-2.0
"""A project with many stacks delays no other."""

import threading

import fixtures

from heat_spreader.engine import reconcile
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

load_tests = db_base.load_tests

MANY = 40
FIRST = base.NAMES[0]
# Passes at the same time, stacks loaded together, and requests at a time.
IN_PROGRESS, LOADED_AT_ONCE, LANE = 8, 2, 2


def hold(release):
    """A fault: updates are answered when an event is set."""

    def wait(real):
        release.wait()
        return real

    return faults.Fault('change', change=wait).only('PATCH')


@db_base.on_every_database(base.EngineTestCase)
class Fair:
    engine_options = {
        'threads': 1,
        'max_updates_per_cloud': LANE,
        # Reads of limits would have turns in the lane, too.
        'quota_interval': 0,
    }

    def setUp(self):
        super().setUp()
        for name, value in (
            ('LOADED_AT_ONCE', LOADED_AT_ONCE),
            ('AT_WORK', 4),
            ('IN_PROGRESS', IN_PROGRESS),
        ):
            self.useFixture(fixtures.MockPatchObject(reconcile, name, value))
        self.cloud = self.clouds[FIRST]
        self.release = threading.Event()
        self.addCleanup(self.release.set)

    def create_all(self, project, *names):
        for name in names:
            self.cloud.add_stack(name, 1)
            db_base.create_stack(
                db_base.user(project),
                name=name,
                count_parameter='count',
                weights=db_base.weights(**{FIRST: '1'}),
            )

    def run_until_patched(self, number):
        def is_done():
            self.engine.reconciler.run()
            self.engine.reconciler.join(0.05)
            return len(self.patched()) == number

        process.wait_until(is_done, lambda: f'only {self.patched()}')

    def patched(self):
        return [request.path.split('/')[-2] for request in self.cloud.patches]

    def test_one_stack_waits_only_for_the_passes_under_way(self):
        self.create_all('many', *(f'a{number}' for number in range(MANY)))
        self.cloud.heat.fault = hold(self.release)
        self.engine.survey(FIRST)
        self.engine.reconciler.run()
        process.wait_until(
            lambda: len(self.cloud.patches) == 2, lambda: 'nothing is sent'
        )

        self.create_all('one', 'b')
        self.engine.survey(FIRST)
        self.engine.reconciler.run()
        self.release.set()
        self.run_until_patched(MANY + 1)

        # With it, as many stacks of the other project are loaded, and have
        # their turns in the lane, as its own turns allow.
        most = IN_PROGRESS + LOADED_AT_ONCE + LANE
        self.assertLessEqual(self.patched().index('b'), most)
        self.assertEqual([], self.cloud.violations)
