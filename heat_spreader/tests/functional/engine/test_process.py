# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine as a process: it starts, stops, is killed, shares."""

import json
import os
import pathlib
import re
import signal
import threading

import fixtures

from heat_spreader.cmd import engine as engine_command
from heat_spreader.db import engines
from heat_spreader.db import stacks as stacks_db
from heat_spreader.engine import reconcile
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base


class TestProcess(base.ProcessTestCase):
    def test_reconciles_until_it_is_stopped(self):
        engine = self.start()
        self.wait_for(6, 2, 2)

        self.assertEqual(0, engine.stop())
        self.assertIn('The engine has stopped.', engine.log.read_text())

    def test_sighup_reads_the_configuration_again_and_ends_nothing(self):
        engine = self.start()
        self.wait_for(6, 2, 2)
        with open(engine.config_file, 'a', encoding='utf-8') as file:
            file.write('[DEFAULT]\ndebug = true\n')
        engine.send_signal(signal.SIGHUP)
        engine.wait_for(' DEBUG ')
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.wait_for(12, 4, 4)

        self.assertEqual(0, engine.stop())

    def test_enabled_cloud_without_an_entry_is_reported_at_the_start(self):
        missing = self.clouds.pop('cairo')
        base.emulator.write_clouds_yaml(
            self.clouds_yaml, *self.clouds.values()
        )
        engine = self.start()
        self.addCleanup(missing.stop)
        engine.wait_for(
            f'Clouds: athens, berlin in {self.clouds_yaml}; '
            'cairo in no file that can be used.'
        )
        engine.wait_for("The cloud 'cairo' has no entry in")

        self.assertIn(
            'The cloud cairo is MISCONFIGURED', engine.log.read_text()
        )

    def test_clouds_yaml_is_searched_if_no_file_is_configured(self):
        home = self.useFixture(fixtures.TempHomeDir()).path
        path = pathlib.Path(home, '.config', 'openstack', 'clouds.json')
        path.parent.mkdir(parents=True)
        entries = {n: c.clouds_yaml_entry() for n, c in self.clouds.items()}
        path.write_text(json.dumps({'clouds': entries}))

        engine = self.start(clouds={'config_files': ''})
        engine.wait_for(f'Clouds: athens, berlin, cairo in {path}.')
        self.wait_for(6, 2, 2)

    def test_invalid_option_ends_the_start_with_a_message(self):
        engine = self.start(engine={'threads': 0})

        self.assertEqual(1, engine.wait())
        log = engine.log.read_text()
        self.assertIn('option threads', log)
        self.assertNotIn('Traceback', log)

    def test_log_has_no_password_and_no_token(self):
        engine = self.start()
        self.wait_for(6, 2, 2)
        engine.stop()

        log = engine.log.read_text()
        for each in self.clouds.values():
            self.assertNotIn(each.password, log)

    def test_repeated_kills_during_changes_do_no_harm(self):
        engine = self.start()
        for count in (20, 10, 30, 10):
            stacks_db.update(self.ctx, self.stack_id, {'count': count})
            before = self.patches()
            process.wait_until(
                lambda before=before: self.patches() > before,
                lambda count=count: self.give_up(f'no update for {count}'),
            )
            engine.kill()
            engine.start()
        self.wait_for(6, 2, 2)

        self.check_no_violation()


class TestEngine(base.EngineTestCase):
    def test_engine_that_is_stopped_while_it_starts_begins_nothing(self):
        stopped = engine_command.engine.Engine(self.configuration.conf)
        stopped.stop()
        stopped.start()

        self.assertEqual({}, engines.running(self.ctx))

    def test_engine_has_clouds_to_survey_when_its_timers_start(self):
        started = engine_command.engine.Engine(self.configuration.conf)
        self.addCleanup(started.stop)
        owned = []
        add_timer = started.tg.add_dynamic_timer_args

        def note_owned(*args, **kwargs):
            owned.append(started.assignment.owned)
            return add_timer(*args, **kwargs)

        started.tg.add_dynamic_timer_args = note_owned
        started.start()

        self.assertEqual([frozenset(self.clouds)] * 3, owned)

    def test_engine_that_starts_surveys_its_clouds_before_its_first_pass(self):
        self.assertEqual([True] * 3, self.surveyed_before_the_first_pass())

    def test_cloud_that_hangs_holds_the_first_pass_for_one_interval(self):
        self.clouds['cairo'].fault = faults.HANG
        self.addCleanup(setattr, self.clouds['cairo'], 'fault', None)
        self.configuration.conf.set_override(
            'survey_interval', 0.5, group='engine'
        )

        self.assertIn(False, self.surveyed_before_the_first_pass())

    def surveyed_before_the_first_pass(self):
        """Which clouds an engine has surveyed before its first pass."""
        started = engine_command.engine.Engine(self.configuration.conf)
        self.addCleanup(started.stop)
        before, called = [], threading.Event()

        def note_surveyed(_):
            before.append([each.surveyed for each in started.surveyors])
            called.set()

        self.useFixture(
            fixtures.MockPatchObject(
                reconcile.Reconciler, 'run', note_surveyed
            )
        )
        started.start()
        self.assertTrue(called.wait(60))
        return before[0]


class TestWorkers(base.ProcessTestCase):
    def pids(self):
        """The processes that have become engines, in that order."""
        log = self.engine_process.text()
        return [
            int(pid) for pid in re.findall(r'(\d+) INFO .*This is eng', log)
        ]

    def wait_for_engines(self, number):
        process.wait_until(
            lambda: len(self.pids()) == number,
            lambda: self.give_up(f'there were not {number} engines'),
        )

    def test_each_worker_is_an_engine_and_is_started_again(self):
        service = self.start(engine={'workers': 2})
        self.wait_for_engines(2)
        self.assertEqual(2, len(set(self.pids())))
        self.assertEqual(2, len(engines.running(self.ctx)))

        os.kill(self.pids()[0], signal.SIGKILL)
        self.wait_for_engines(3)
        self.wait_for(6, 2, 2)

        self.check_no_violation()
        self.assertEqual(0, service.stop())
        process.wait_until(
            lambda: len(engines.running(self.ctx)) <= 1,
            lambda: self.give_up('the leases were not given back'),
        )


class TestTwo(base.ProcessTestCase):
    def test_second_engine_takes_over_what_a_killed_one_leaves(self):
        first, second = self.start('first'), self.start('second')
        self.wait_for(6, 2, 2)
        first.kill()
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.wait_for(12, 4, 4)
        first.start()
        second.kill()
        stacks_db.update(self.ctx, self.stack_id, {'count': 10})
        self.wait_for(6, 2, 2)

        self.check_no_violation()
