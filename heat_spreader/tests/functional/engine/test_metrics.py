# SPDX-License-Identifier: Apache-2.0
"""The metrics of the engine: what is counted, what is read at a scrape."""

import datetime
import pathlib
import shutil
import socket
import struct
import threading
import time
from unittest import mock

import fixtures
import sqlalchemy as sa

from heat_spreader import exposition
from heat_spreader.db import leases
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.engine import collector
from heat_spreader.engine import metrics
from heat_spreader.tests import process
from heat_spreader.tests.functional import scrape
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

RESULTS = ('ACCEPTED', 'MOVED', 'REJECTED', 'BACKED_OFF', 'LATE')

# Queries of one scrape.
QUERIES = 7


def selects(asked):
    return [each for each in asked if each.startswith('SELECT')]


class ScrapeTestCase(base.EngineTestCase):
    """An engine that steps, with its metrics at a port."""

    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.configuration.override('metrics', enabled=True, engine_port=0)
        self.url = self.expose()
        # The counters are those of the process, whichever tests it ran.
        self.before = self.scrape()

    def scrape(self):
        return scrape.Scrape(self.url)

    def expose(self):
        """Serve the metrics; return where."""
        conf = self.configuration.conf
        exposed = exposition.Exposition(
            conf.metrics, conf.metrics.engine_port, metrics.registry(conf)
        )
        self.addCleanup(exposed.stop)
        exposed.start()
        return scrape.address(self.log.output)

    def scrape_of(self, *projects):
        """Scrape with the stacks of some projects."""
        self.configuration.override('metrics', projects=projects)
        return scrape.Scrape(self.expose())

    def listen(self):
        """Return a growing list of the statements from here on."""
        asked = []
        sa.event.listen(
            session.get_engine(),
            'before_cursor_execute',
            lambda *args: asked.append(args[2]),
        )
        return asked

    def gain(self, name, **labels):
        """By how much a counter has grown in this test."""
        before = self.before(name, **labels) or 0
        return (self.scrape()(name, **labels) or 0) - before


class TestCounted(ScrapeTestCase):
    def test_updates_and_surveys_are_counted(self):
        begun = time.monotonic()
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)

        self.assertEqual(3, self.patches())
        for name, each in self.clouds.items():
            gains = {
                result: self.gain('updates_total', cloud=name, result=result)
                for result in RESULTS
            }
            self.assertEqual(len(each.patches), gains.pop('ACCEPTED'))
            self.assertEqual({0}, set(gains.values()))
            surveys = self.gain('surveys_total', cloud=name, outcome='GOOD')
            self.assertEqual(
                surveys, self.gain('survey_duration_seconds_count', cloud=name)
            )
            self.assertGreater(surveys, 1)
        # They were made one after the other.
        self.assertLess(
            sum(
                self.gain('survey_duration_seconds_sum', cloud=name)
                for name in base.NAMES
            ),
            time.monotonic() - begun,
        )
        self.assertNotIn('_created', self.scrape().text)

    def test_failures_are_counted_by_their_kind(self):
        self.clouds['athens'].fault = faults.REFUSE
        self.clouds['berlin'].fault = faults.answer(401)
        self.clouds['cairo'].fault = faults.answer(429)
        self.engine.survey()

        for cloud, outcome in (
            ('athens', 'FAILED'),
            ('berlin', 'UNAUTHORIZED'),
            ('cairo', 'THROTTLED'),
        ):
            self.assertEqual(
                1, self.gain('surveys_total', cloud=cloud, outcome=outcome)
            )


class TestCollector(ScrapeTestCase):
    def test_outage_and_its_instances_are_exported(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        now = self.scrape()
        self.assertEqual(1, now('database_up'))
        self.assertEqual(1, now('cloud_state', cloud='athens', state='UP'))
        self.assertEqual(1, now('stacks', status='ACTIVE'))
        self.assertEqual(0, now('unplaced_instances'))
        self.assertEqual(0, now('stacks_not_n1_safe'))

        self.clouds['athens'].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey('athens')
        stacks_db.update(
            self.ctx,
            stack_id,
            {'members': {'cairo': {'max_count': 4}}},
        )
        self.settle(stack_id)
        now = self.scrape()

        self.assertEqual(1, now('cloud_state', cloud='athens', state='DOWN'))
        self.assertEqual(0, now('cloud_state', cloud='athens', state='UP'))
        self.assertEqual(1, now('cloud_state', cloud='cairo', state='UP'))
        members = {m.cloud: m for m in self.stack(stack_id).members}
        for name, member in members.items():
            self.assertEqual(
                (member.target, member.ready),
                (
                    now('desired_instances', cloud=name),
                    now('ready_instances', cloud=name),
                ),
            )
        self.assertEqual(10, now('total_instances'))
        self.assertEqual(6, members['berlin'].target)

    def test_unplaced_instances_are_exported(self):
        stack_id = self.create(['0.6', '0.2', '0.2'], count=10)
        stacks_db.update(
            self.ctx,
            stack_id,
            {'members': {name: {'max_count': 3} for name in base.NAMES}},
        )
        self.settle(stack_id)

        now = self.scrape()
        self.assertEqual(1, now('unplaced_instances'))
        self.assertEqual(1, now('stacks_not_n1_safe'))
        self.assertEqual(1, now('stacks', status='ERROR'))

    def test_waiting_time_of_the_oldest_due_stack_is_exported(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        self.assertEqual(0, self.scrape()('reconcile_lag_seconds'))

        hour = datetime.timedelta(hours=1)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Stack).values(
                    due_at=models.DUE_NOW,
                    due_since=models.utcnow() - hour,
                )
            )
        self.assertGreaterEqual(self.scrape()('reconcile_lag_seconds'), 3600)

    def test_pass_that_comes_too_late_is_a_conflict(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.engine.survey()

        def take(snap_row, *args):
            # Another engine is faster.
            leases.claim(self.ctx, snap_row, 'other')
            return claim(snap_row, *args)

        writes = self.engine.reconciler.writer
        claim = writes.claim
        with mock.patch.object(writes, 'claim', autospec=True) as claimed:
            claimed.side_effect = take
            self.engine.make_pass(stack_id)

        self.assertEqual(0, self.patches())
        self.assertEqual(1, self.gain('passes_total', outcome='CONFLICT'))
        self.assertEqual(0, self.gain('passes_total', outcome='DONE'))

    def test_a_stack_with_a_lease_does_not_wait(self):
        self.create(['0.6', '0.2', '0.2'])
        hour = datetime.timedelta(hours=1)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Stack).values(
                    due_since=models.utcnow() - hour,
                    lease_owner='other',
                )
            )

        self.assertEqual(0, self.scrape()('reconcile_lag_seconds'))

    def test_no_stack_or_project_is_named(self):
        stack_id = self.create(['0.6', '0.2', '0.2'], name='my-secret')
        self.settle(stack_id)

        shown = self.scrape().text
        for word in (stack_id, 'my-secret', self.ctx.project_id + '"'):
            self.assertNotIn(word, shown)

    def test_stacks_of_the_chosen_projects_are_exported(self):
        stack_id = self.create(['0.6', '0.2', '0.2'])
        self.settle(stack_id)
        for projects in (['*'], ['other', self.ctx.project_id]):
            now = self.scrape_of(*projects)
            labels = {'project': self.ctx.project_id, 'stack': 'web'}

            self.assertEqual(10, now('stack_total_instances', **labels))
            for member in self.stack(stack_id).members:
                labels['cloud'] = member.cloud
                self.assertEqual(
                    (member.target, member.ready),
                    (
                        now('stack_desired_instances', **labels),
                        now('stack_ready_instances', **labels),
                    ),
                )
        self.assertNotIn('stack="', self.scrape_of('other').text)

    def test_what_is_unknown_of_a_stack_is_not_exported(self):
        self.create(['0.6', '0.2', '0.2'])

        now = self.scrape_of('*')
        self.assertIn('heat_spreader_stack_total_instances{', now.text)
        self.assertNotIn('heat_spreader_stack_ready_instances{', now.text)

    def test_the_database_is_queried_only_by_a_scrape(self):
        self.settle(self.create(['0.6', '0.2', '0.2']))
        asked = self.listen()
        self.engine.turn()
        turn, asked[:] = list(asked), []
        self.scrape()
        self.assertEqual(QUERIES, len(selects(asked)), asked)
        asked.clear()
        self.engine.turn()

        self.assertEqual(turn, asked)


class TestWithoutDatabase(ScrapeTestCase):
    def setUp(self):
        super().setUp()
        self.settle(self.create(['0.6', '0.2', '0.2']))

    def check_counters_alone(self, now):
        self.assertEqual(0, now('database_up'))
        self.assertIsNone(now('stacks', status='ACTIVE'))
        self.assertGreater(
            now('surveys_total', cloud='athens', outcome='GOOD'), 0
        )

    def path(self):
        return pathlib.Path(sa.make_url(self.database.url).database)

    def test_counters_are_exported_while_the_database_is_unreachable(self):
        shutil.rmtree(self.path().parent)

        self.check_counters_alone(self.scrape())
        self.assertIn('does not answer a scrape', self.log.output)
        self.assertNotIn('Traceback', self.log.output)

    def test_a_scrape_does_not_wait_for_a_database_that_hangs(self):
        self.useFixture(fixtures.MockPatchObject(collector, 'TIMEOUT', 0.1))
        asked, answers = self.listen(), threading.Event()
        self.addCleanup(answers.set)
        sa.event.listen(
            session.get_engine(),
            'before_cursor_execute',
            lambda *args: answers.wait(),
        )
        for _ in range(3):
            self.check_counters_alone(self.scrape())
        answers.set()
        collector.TIMEOUT = 60

        self.assertEqual(1, self.scrape()('database_up'))
        self.assertIn('TimeoutError', self.log.output)
        # All that waited got one answer; the last one may have got its own.
        self.assertLessEqual(len(selects(asked)), 2 * QUERIES)


class TestPort(ScrapeTestCase):
    def test_only_get_is_answered(self):
        address = self.url.split('/')[2].split(':')
        with socket.create_connection(address) as client:
            client.sendall(b'DELETE /metrics HTTP/1.0\r\n\r\n')
            self.assertIn(b' 405 ', client.recv(1024))

    def test_a_client_that_disconnects_causes_no_traceback(self):
        address = self.url.split('/')[2].split(':')
        stderr = self.useFixture(fixtures.StringStream('stderr')).stream
        self.useFixture(fixtures.MonkeyPatch('sys.stderr', stderr))
        with socket.create_connection(address) as client:
            # Closed with something unsaid, it is a reset.
            client.setsockopt(
                socket.SOL_SOCKET, socket.SO_LINGER, struct.pack('ii', 1, 0)
            )
            client.sendall(b'GET /met')
        self.scrape()

        stderr.seek(0)
        self.assertEqual('', stderr.read())


class TestProcess(base.ProcessTestCase):
    """heat-spreader-engine as it is started, and what it opens."""

    def setUp(self):
        super().setUp()
        self.port = self.useFixture(process.Port())
        self.url = f'http://127.0.0.1:{self.port.number}/metrics'

    def start_with(self, **options):
        engine = self.start(
            metrics={'engine_port': self.port.number, **options}
        )
        self.wait_for(6, 2, 2)
        return engine

    def test_process_exports_its_updates_and_a_down_cloud(self):
        engine = self.start_with(enabled=True)
        now = scrape.Scrape(self.url)
        for name in base.NAMES:
            self.assertEqual(
                1, now('updates_total', cloud=name, result='ACCEPTED')
            )
        self.assertGreater(now('passes_total', outcome='DONE'), 0)

        self.clouds['athens'].fault = faults.REFUSE
        process.wait_until(
            lambda: scrape.Scrape(self.url)(
                'cloud_state', cloud='athens', state='DOWN'
            ),
            lambda: scrape.text(self.url),
        )
        now = scrape.Scrape(self.url)
        self.assertGreaterEqual(
            now('surveys_total', cloud='athens', outcome='FAILED'), 3
        )
        self.assertEqual(0, engine.stop())
        self.assertFalse(self.port.is_open())

    def test_process_runs_without_metrics_if_the_port_is_taken(self):
        with socket.create_server(('127.0.0.1', 0)) as taken:
            engine = self.start_with(
                enabled=True, engine_port=taken.getsockname()[1]
            )

        log = engine.log.read_text()
        self.assertRegex(
            log, 'ERROR .*metrics .* cannot be served .*Address already in use'
        )
        self.assertNotIn('Traceback', log)

    def test_process_opens_no_port_by_default(self):
        engine = self.start_with()

        self.assertFalse(self.port.is_open())
        self.assertIsNone(scrape.address(engine.log.read_text()))
