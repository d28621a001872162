# SPDX-License-Identifier: Apache-2.0
"""An engine on emulated clouds that does one step when a test calls it."""

import datetime

import fixtures
import sqlalchemy as sa
from oslotest import base

from heat_spreader import context
from heat_spreader.clouds import cloud
from heat_spreader.db import clouds as clouds_db
from heat_spreader.db import events as events_db
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.engine import lane
from heat_spreader.engine import reconcile
from heat_spreader.engine import survey
from heat_spreader.engine import witnesses
from heat_spreader.tests import process
from heat_spreader.tests.functional import fixtures as our_fixtures
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.emulator import faults

NAMES = ('athens', 'berlin', 'cairo')
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)


# Tests lose clouds one right after the other, and all but one of them.
HEALTH = {'flap_window': 0.0, 'max_down_clouds': 0}


class Owner:
    """An engine that always has its leases, without a heartbeat."""

    alive = 1

    def __init__(self, engine_id):
        self.id = engine_id
        self.offset = datetime.timedelta()

    def now(self):
        return models.utcnow() + self.offset

    def may_act(self, *_):
        return True

    def prefers(self, name):
        return True


def take_over(ctx, name, owner):
    """Give the lease of a cloud to an engine, even if another has it."""
    clouds_db.release(ctx, name, clouds_db.lease_owners(ctx).get(name))
    clouds_db.claim(ctx, name, owner)


class Engine(fixtures.Fixture):
    """Surveys and passes over stacks, one after the other, without timers."""

    def __init__(self, conf, name='test:1'):
        super().__init__()
        self.conf = conf
        self.name = name

    def _setUp(self):
        remotes = cloud.enabled(self.conf.clouds)
        self.owner = owner = Owner(self.name)
        self.emitted = []
        observers = witnesses.Witnesses(self.conf, remotes, owner)
        lanes = lane.make_all(self.conf, remotes)
        self.surveys = {
            name: survey.Survey(
                self.conf, remote, lanes[name], owner, self._emit, observers
            )
            for name, remote in remotes.items()
        }
        self.reconciler = reconcile.Reconciler(
            self.conf, remotes, lanes, owner, self._emit
        )
        for each in self.surveys.values():
            with context.for_engine(cloud=each.cloud.name) as ctx:
                take_over(ctx, each.cloud.name, self.name)
                each.begin(ctx)
        self.addCleanup(self.reconciler.stop)

    def _emit(self, changes):
        self.emitted += changes

    def survey(self, *names):
        """Survey some clouds, or all."""
        waits = []
        for name in names or self.surveys:
            with context.for_engine(cloud=name) as ctx:
                waits.append(self.surveys[name].survey(ctx))
        return waits

    def reconcile(self):
        """Make one pass over each stack that is due; return how many were."""
        with context.for_engine() as ctx:
            due = leases.due(ctx, self.owner.now(), self.name)
        self.make_pass(*due)
        return len(due)

    def make_pass(self, *stack_ids):
        """Make one pass over each of some stacks, due or not."""
        self.reconciler.start(stack_ids)
        while not self.reconciler.join(0.1):
            self.reconciler.check()

    def turn(self):
        """Survey every cloud, then make passes until nothing is due."""
        self.survey()
        for _ in range(10):
            if not self.reconcile():
                return
        raise AssertionError('A stack is due again and again.')


class EngineTestCase(base.BaseTestCase):
    """Three clouds with a stack 'web' each; updates end by finish()."""

    counts = (1, 1, 1)
    timeout = 1.0
    health = {}
    engine_options = {}

    def setUp(self):
        super().setUp()
        self.clouds = {}
        for name, count in zip(NAMES, self.counts, strict=True):
            self.clouds[name] = self.make_cloud(name)
            self.addCleanup(self.clouds[name].stop)
            self.clouds[name].start()
            self.clouds[name].add_stack('web', count)
        directory = self.useFixture(fixtures.TempDir()).path
        self.clouds_yaml = f'{directory}/clouds.yaml'
        emulator.write_clouds_yaml(self.clouds_yaml, *self.clouds.values())
        self.configuration = self.useFixture(
            our_fixtures.Configuration(
                projects={name: ['*'] for name in NAMES},
                clouds={
                    'config_files': [self.clouds_yaml],
                    'connect_timeout': self.timeout,
                    'read_timeout': self.timeout,
                },
                health=HEALTH | self.health,
                engine=self.engine_options,
                **self.more_options(),
            )
        )
        self.database = self.useFixture(
            our_fixtures.Database(self.database_url())
        )
        self.ctx = context.RequestContext(project_id='p', user_id='u')
        self.engine = self.start_engine()

    def more_options(self):
        """Return the options of more groups."""
        return {}

    def make_cloud(self, name):
        return emulator.EmulatedCloud(name, update_seconds=None)

    def database_url(self):
        """The database to use, None for an SQLite file."""

    def start_engine(self, name='test:1'):
        return self.useFixture(Engine(self.configuration.conf, name))

    def let_the_surveys_grow_old(self):
        """As after a night without an engine."""
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Cloud).values(checked_at=LONG_AGO)
            )

    def let_the_back_off_end(self):
        """Let the time of every next try have come."""
        past = models.utcnow() - datetime.timedelta(seconds=1)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Member)
                .where(models.Member.retry_at.is_not(None))
                .values(retry_at=past)
            )
            connection.execute(sa.update(models.Stack).values(due_at=past))

    def create(self, weights, **wanted):
        """Manage the stack, with weights in the order of NAMES."""
        weights = self.weights(*weights)
        wanted = {'count_parameter': 'count', 'weights': weights, **wanted}
        return db_base.create_stack(self.ctx, **wanted).id

    @staticmethod
    def weights(*weights):
        return db_base.weights(**dict(zip(NAMES, weights, strict=False)))

    def stack(self, stack_id):
        return stacks_db.get(self.ctx, stack_id)

    def member(self, stack_id, name):
        members = {m.cloud: m for m in self.stack(stack_id).members}
        return members[name]

    def cloud_states(self):
        return {
            name: row.state
            for name, row in clouds_db.get_all(self.ctx).items()
        }

    def counts_in_heat(self):
        return tuple(c.stack('web').count for c in self.clouds.values())

    def ready_in_heat(self):
        return sum(c.really_ready('web') for c in self.clouds.values())

    def patches(self):
        return sum(len(c.patches) for c in self.clouds.values())

    def finish(self):
        """Let Heat end every update that is on its way."""
        for each in self.clouds.values():
            for stack in each.stacks():
                each.finish(stack.name)

    def settle(self, stack_id):
        """Take turns until the engine wants nothing more."""
        for _ in range(10):
            self.engine.turn()
            self.finish()
            if self.stack(stack_id).status not in ('PENDING', 'SCALING'):
                break
        self.engine.turn()
        return self.stack(stack_id)

    def events_of(self, stack_id, kind=None):
        events = events_db.get_of_stack(self.ctx, self.stack(stack_id))
        return [e for e in events if kind in (None, e.kind)]


class FailoverTestCase(EngineTestCase):
    """A stack at its shares, whose clouds fail and come back."""

    counts = (6, 2, 2)
    weights_of_all = ('0.6', '0.2', '0.2')
    wanted = {}

    def setUp(self):
        super().setUp()
        self.stack_id = self.create(self.weights_of_all, **self.wanted)
        self.settle(self.stack_id)

    def lose(self, *names, fault=faults.REFUSE, surveys=3):
        """Let clouds fail in that many surveys."""
        for name in names:
            self.clouds[name].fault = fault
        for _ in range(surveys):
            self.engine.survey(*names)

    def restore(self, *names, surveys=2):
        """Let clouds answer again in that many surveys."""
        for name in names:
            self.clouds[name].fault = None
        for _ in range(surveys):
            self.engine.survey(*names)

    def settled(self):
        self.settle(self.stack_id)
        return self.counts_in_heat()


class RefusalTestCase(EngineTestCase):
    """A stack at its shares, for updates that do not do what was observers."""

    counts = (6, 2, 2)

    def setUp(self):
        super().setUp()
        self.stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(self.stack_id)

    def try_again(self, times):
        for _ in range(times):
            self.let_the_back_off_end()
            self.engine.turn()

    def attempts(self, name):
        return [r for r in self.clouds[name].requests if r.method == 'PATCH']


class Api(process.Program):
    """heat-spreader-api on a free port, for everyone."""

    def __init__(self, directory, groups, name, **options):
        super().__init__(
            'heat-spreader-api', directory, groups, name, **options
        )
        self.root = None

    def wait_until_ready(self, timeout=process.TIMEOUT):
        self.root = self.wait_for(r'Listening on (http://\S+)', timeout)[1]

    def request(self, method, path, body=None):
        """Send a request; return the status and the document."""
        answer = process.request(method, f'{self.root}{path}', json=body)
        return answer.status_code, answer.json()


class ProcessTestCase(EngineTestCase):
    """The engine is a process; updates end by themselves."""

    def setUp(self):
        super().setUp()
        self.create_stacks()

    def make_cloud(self, name):
        return emulator.EmulatedCloud(name, update_seconds=0.2)

    def create_stacks(self):
        self.stack_id = self.create(['0.6', '0.2', '0.2'])

    def start(self, name='engine', environ=None, **overrides):
        directory = self.useFixture(fixtures.TempDir()).path
        groups = self.groups(**overrides)
        self.engine_process = self.useFixture(
            process.Program(
                'heat-spreader-engine',
                directory,
                groups,
                name,
                env=process.environ(**environ or {}),
            )
        )
        self.engine_process.start()
        return self.engine_process

    def start_api(self, name='api', environ=None, **overrides):
        directory = self.useFixture(fixtures.TempDir()).path
        groups = self.groups(**overrides)
        groups['api'] = {'auth_strategy': 'noauth', 'port': 0}
        environ = process.environ(**environ or {})
        api = self.useFixture(Api(directory, groups, name, env=environ))
        api.start()
        return api

    def groups(self, **overrides):
        """Return the configuration of an engine with short intervals."""
        groups = {
            'database': {'connection': self.database.url},
            'clouds': {
                'enabled': ','.join(NAMES),
                'config_files': self.clouds_yaml,
                'connect_timeout': 1,
                'read_timeout': 1,
            },
            'health': HEALTH,
            'engine': {
                'survey_interval': 0.5,
                'settle_interval': 0.2,
                'reconcile_interval': 0.2,
                'heartbeat_interval': 0.5,
                'heartbeat_timeout': 2,
            },
            **{f'cloud_{cloud}': {'projects': '*'} for cloud in NAMES},
        }
        for group, options in overrides.items():
            groups[group] = groups.get(group, {}) | options
        return groups

    def wait_for(self, *counts, status='ACTIVE'):
        process.wait_until(
            lambda: self.counts_in_heat() == counts and self.is_done(status),
            lambda: self.give_up(f'{self.counts_in_heat()} is not {counts}'),
        )

    def is_done(self, status):
        stack = self.stack(self.stack_id)
        return (
            stack.status == status
            and stack.observed_generation == stack.generation
        )

    def give_up(self, problem):
        """Fail, with the last events and the end of the log."""
        recorded = [event.message for event in self.events_of(self.stack_id)]
        logged = self.engine_process.log_tail()
        self.fail('\n'.join([problem, *recorded[-20:], logged]))

    def check_no_violation(self):
        for each in self.clouds.values():
            self.assertEqual([], each.violations)
