# SPDX-License-Identifier: Apache-2.0
"""Random failures for the real engine process on emulated clouds.

A short run is a test. A long one is::

    python -m heat_spreader.tests.functional.engine.endurance --steps 2000

Faults begin and end, users change counts and weights, updates fail, the
engine is killed and started. Every PATCH that a cloud receives is checked
when it comes, and after each quiet period all must be exactly at its target.
"""

import datetime
import random
import sys
import threading
import time

from oslo_utils import timeutils

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import requests as requests_db
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import spread
from heat_spreader.tests import long_run
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

STACKS = ('web', 'shop')
STEPS_BETWEEN_QUIET = 20
# The engine cannot know at once that a cloud is gone or a total has changed:
# a survey, and a request that times out, lie in between. On a busy machine
# that takes longer; what the rows have shows what the engine knows.
GRACE = 4.0
QUIET_TIMEOUT = 120
OUTAGES = (
    faults.REFUSE,
    faults.HANG,
    faults.LOST,
    faults.RESET,
    faults.answer(500),
    faults.answer(503),
    faults.TRUNCATED,
)
OTHER_FAULTS = (
    faults.answer(401),
    faults.answer(429, Retry_After='1'),
    faults.answer(409).only(method='PATCH'),
    faults.answer(500).only(method='PATCH'),
    faults.LOST.only(method='PATCH'),
    faults.RESET.only(method='PATCH'),
)


class Guard:
    """Checks each PATCH against the invariants, with what the engine knew.

    ``rows``: returns the row of a stack and those of all clouds, by name.
    """

    def __init__(self, rows):
        self.rows = rows
        self.lock = threading.RLock()
        self.clouds = {}
        self.broken = []
        self.lost_since = {}
        self.totals = {name: [] for name in STACKS}

    def promise(self, name, total, generation):
        """A user has asked for a total."""
        with self.lock:
            self.totals[name].append((time.monotonic(), generation, total))

    def lose(self, cloud, lost):
        """A cloud can no longer be reached, or can again."""
        with self.lock:
            if lost:
                self.lost_since.setdefault(cloud, time.monotonic())
            else:
                self.lost_since.pop(cloud, None)

    def usable(self, noticed_late=()):
        """Return the clouds that the engine may count on."""
        now = time.monotonic()
        return [
            cloud
            for cloud in self.clouds.values()
            if now - self.lost_since.get(cloud.name, now) < GRACE
            or cloud.name in noticed_late
        ]

    def floor(self, name, observed):
        """Return the lowest total that the engine may have used.

        :param observed: the generation that the engine has processed
        """
        since = time.monotonic() - GRACE
        totals = self.totals[name]
        old = [t for when, generation, t in totals if when < since]
        known = [t for when, generation, t in totals if generation <= observed]
        new = [
            total
            for when, generation, total in totals
            if when >= since or generation > observed
        ]
        return min([*old[-1:], *known[-1:], *new])

    def check(self, cloud, name, wanted, act):
        """Let Heat act, and check the effect on ready capacity."""
        with self.lock:
            before = self.ready()
            act()
            after = self.ready()
            if self.is_broken(name, before, after, self.usable(), sys.maxsize):
                self.check_with_rows(cloud, name, wanted, before, after)

    def ready(self):
        """Return what is ready of each stack in each cloud, lost or not."""
        return {
            (cloud.name, name): cloud.really_ready(name)
            for cloud in self.clouds.values()
            for name in STACKS
        }

    def is_broken(self, name, before, after, clouds, observed):
        """Whether ready capacity was taken that had to stay."""
        was, now = (
            sum(ready[cloud.name, name] for cloud in clouds)
            for ready in (before, after)
        )
        return now < was and now < self.floor(name, observed)

    def check_with_rows(self, cloud, name, wanted, before, after):
        """Check the same with what the rows show that the engine knew."""
        stack, clouds = self.rows(name)
        recently = timeutils.utcnow(True) - datetime.timedelta(seconds=GRACE)
        late = {
            row.name
            for row in clouds.values()
            if row.state == states.CloudState.UP or row.since > recently
        }
        observed = stack.observed_generation
        if self.is_broken(name, before, after, self.usable(late), observed):
            self.broken.append(
                f'{name} in {cloud.name}: ready capacity was taken, from '
                f'{before} to {after}, below {self.floor(name, observed)}, by '
                f'a change to {wanted}; {self.describe(name)}, '
                f'generation {observed} of {stack.generation}'
            )

    def describe(self, name):
        """Describe every member, for the message of a failure."""
        now = time.monotonic()
        return ', '.join(
            f'{cloud.name}: {cloud.stack(name).count} '
            f'{cloud.stack(name).status}, {cloud.really_ready(name)} ready, '
            f'lost for {now - self.lost_since.get(cloud.name, now):.1f} s'
            for cloud in self.clouds.values()
        )


class GuardedCloud(emulator.EmulatedCloud):
    """An emulated cloud that asks the guard about every PATCH."""

    def __init__(self, name, guard):
        super().__init__(name, update_seconds=0.3)
        self.guard = guard
        guard.clouds[name] = self

    def patch(self, name, stack_id, parameters):
        self.guard.check(
            self,
            name,
            parameters,
            lambda: emulator.EmulatedCloud.patch(
                self, name, stack_id, parameters
            ),
        )


class EnduranceTestCase(base.ProcessTestCase):
    """One run: ``self.steps`` steps drawn from ``self.seed``."""

    steps = 200
    seed = None

    def setUp(self):
        self.seed = self.seed or random.SystemRandom().randrange(2**32)
        self.random = random.Random(self.seed)
        print(f'endurance: seed {self.seed}', file=sys.__stderr__, flush=True)
        self.guard = Guard(self.rows)
        super().setUp()
        self.engine_process = self.start(
            clouds={'connect_timeout': 0.5, 'read_timeout': 0.5},
            engine={
                'survey_interval': 0.3,
                'settle_interval': 0.1,
                'reconcile_interval': 0.1,
            },
        )

    def make_cloud(self, name):
        return GuardedCloud(name, self.guard)

    def create_stacks(self):
        self.ids = {}
        for name in STACKS:
            for cloud in self.clouds.values():
                cloud.add_stack(name, 0)
            self.guard.promise(name, 10, 1)
            self.ids[name] = self.create(self.some_shares(), name=name)

    def rows(self, name):
        # In the thread of a cloud.
        with context.for_engine() as ctx:
            stack = stacks_db.get(ctx, self.ids[name])
            return stack, clouds_db.get_all(ctx)

    def some_shares(self):
        low, high = sorted(self.random.choices(range(11), k=2))
        shares = (low, high - low, 10 - high)
        return [f'{share / 10}' for share in shares]

    # The steps

    def begin_fault(self):
        cloud = self.random.choice(list(self.clouds.values()))
        outage = self.random.random() < 0.7
        cloud.fault = self.random.choice(OUTAGES if outage else OTHER_FAULTS)
        self.guard.lose(cloud.name, outage)

    def end_fault(self):
        self.restore(self.random.choice(list(self.clouds.values())))

    def restore(self, cloud):
        cloud.fault = None
        self.guard.lose(cloud.name, False)

    def change_count(self):
        name = self.random.choice(STACKS)
        count = self.random.randrange(31)
        with self.guard.lock:
            stack = stacks_db.update(
                self.ctx, self.ids[name], {'count': count}
            )
            self.guard.promise(name, count, stack.generation)

    def change_weights(self):
        name = self.random.choice(STACKS)
        stacks_db.update(
            self.ctx,
            self.ids[name],
            {'weights': self.weights(*self.some_shares())},
        )

    def fail_update(self):
        cloud = self.random.choice(list(self.clouds.values()))
        name = self.random.choice(STACKS)
        if not cloud.stack(name).in_progress:
            # Nothing new becomes ready, and nothing that is ready is lost:
            # that would be Heat's doing.
            cloud.fail_next(name, cloud.really_ready(name))

    def kill_engine(self):
        self.engine_process.kill()
        self.rest()
        self.engine_process.start()

    def rest(self):
        # Only time passes here; nothing is waited for.
        time.sleep(self.random.random() * 0.5)

    STEPS = (
        *[begin_fault] * 3,
        *[end_fault] * 3,
        *[change_count] * 3,
        *[change_weights] * 2,
        fail_update,
        kill_engine,
        *[rest] * 3,
    )

    def run_steps(self):
        for number in range(1, self.steps + 1):
            self.random.choice(self.STEPS)(self)
            self.rest()
            self.check_invariants(number)
            if number % STEPS_BETWEEN_QUIET == 0 or number == self.steps:
                self.check_quiet(number)

    def check_invariants(self, number):
        broken = self.guard.broken + [
            f'{cloud.name}: {violation}'
            for cloud in self.clouds.values()
            for violation in cloud.violations
        ]
        self.assertEqual([], broken, self.where(number))

    def where(self, number):
        return f'seed {self.seed}, step {number}'

    def check_quiet(self, number):
        """Everything is at its target soon after the last fault has ended."""
        for cloud in self.clouds.values():
            self.restore(cloud)
        process.wait_until(
            lambda: not self.find_wrong(),
            lambda: f'{self.where(number)}: {self.find_wrong()}',
            QUIET_TIMEOUT,
        )
        self.check_invariants(number)

    def find_wrong(self):
        """Return what differs from its target; None if nothing does."""
        for name, stack_id in self.ids.items():
            stack = stacks_db.get(self.ctx, stack_id)
            wanted = self.targets(stack)
            seen = {
                cloud.name: (
                    cloud.stack(name).count,
                    cloud.really_ready(name),
                )
                for cloud in self.clouds.values()
            }
            if (
                stack.status != 'ACTIVE'
                or stack.observed_generation != stack.generation
                or seen != {c: (n, n) for c, n in wanted.items()}
            ):
                return (
                    f'{name} is {stack.status} ({stack.status_reason}), '
                    f'has {seen}, should have {wanted}'
                )
        return None

    @staticmethod
    def targets(stack):
        wanted = requests_db.specification_of(stack, stack.members)
        return spread.spread(stack.id, wanted).targets


if __name__ == '__main__':
    sys.exit(long_run.run(EnduranceTestCase, 'run_steps', 'steps', 2000)[1])
