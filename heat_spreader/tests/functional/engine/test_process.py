# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine as a process: it starts, stops, is killed, shares."""

import time

import fixtures

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.engine import process

TIMEOUT = 60


def wait_until(condition, give_up):
    """Wait until the condition is true, or give up after a minute."""
    deadline = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > deadline:
            give_up()
        time.sleep(0.02)


class ProcessTest(base.EngineTest):
    """Updates end by themselves, as nobody takes the steps here."""

    coordination = None

    def setUp(self):
        super().setUp()
        for each in self.clouds.values():
            each.update_seconds = 0.2
        self.stack_id = self.create(['0.6', '0.2', '0.2'])

    def start(self, name='engine', **overrides):
        directory = self.useFixture(fixtures.TempDir()).path
        groups = self.groups(**overrides)
        self.engine_process = process.EngineProcess(directory, groups, name)
        return self.useFixture(self.engine_process)

    def groups(self, **overrides):
        """The configuration of an engine that is in a hurry."""
        groups = {
            'database': {'connection': self.database.url},
            'clouds': {
                'enabled': ','.join(base.NAMES),
                'config_files': self.clouds_yaml,
                'connect_timeout': 1,
                'read_timeout': 1,
            },
            'engine': {
                'survey_interval': 0.5,
                'settle_interval': 0.2,
                'reconcile_interval': 0.2,
            },
            **{f'cloud_{cloud}': {'projects': '*'} for cloud in base.NAMES},
        }
        for group, options in overrides.items():
            groups[group] = groups.get(group, {}) | options
        if self.coordination:
            groups['coordination'] = {'backend_url': self.coordination}
        return groups

    def wait_for(self, *counts, status='ACTIVE'):
        wait_until(
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
        """Fail, with what happened last and how all stands."""
        told = [event.message for event in self.told(self.stack_id)]
        logged = self.engine_process.log.read_text().splitlines()
        self.fail('\n'.join([problem, *told[-20:], *logged[-40:]]))

    def check_no_violation(self):
        for each in self.clouds.values():
            self.assertEqual([], each.violations)


class TestProcess(ProcessTest):
    def test_reconciles_until_it_is_told_to_stop(self):
        engine = self.start()
        self.wait_for(6, 2, 2)

        self.assertEqual(0, engine.stop())
        self.assertIn('The engine has stopped.', engine.log.read_text())

    def test_sighup_reads_the_configuration_again_and_ends_nothing(self):
        engine = self.start()
        self.wait_for(6, 2, 2)
        with open(engine.config_file, 'a', encoding='utf-8') as file:
            file.write('[DEFAULT]\ndebug = true\n')
        engine.reload()
        wait_until(
            lambda: ' DEBUG ' in engine.log.read_text(),
            lambda: self.give_up('the configuration was not read again'),
        )
        stacks_db.update(self.ctx, self.stack_id, {'count': 20})
        self.wait_for(12, 4, 4)

        self.assertEqual(0, engine.stop())

    def test_names_at_the_start_an_enabled_cloud_it_has_no_entry_for(self):
        missing = self.clouds.pop('stockholm')
        base.emulator.write_clouds_yaml(
            self.clouds_yaml, *self.clouds.values()
        )
        engine = self.start()
        self.addCleanup(missing.stop)
        wait_until(
            lambda: "no cloud 'stockholm'" in engine.log.read_text(),
            lambda: self.give_up('the cloud was not named'),
        )

        self.assertIn(
            'The cloud stockholm is UNAUTHORIZED', engine.log.read_text()
        )

    def test_wrong_option_ends_the_start_with_a_line_about_it(self):
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

    def test_killed_again_and_again_in_the_middle_of_a_change(self):
        engine = self.start()
        for count in (20, 10, 30, 10):
            stacks_db.update(self.ctx, self.stack_id, {'count': count})
            before = self.patches()
            wait_until(
                lambda before=before: self.patches() > before,
                lambda count=count: self.give_up(f'no update for {count}'),
            )
            engine.kill()
            engine.start()
        self.wait_for(6, 2, 2)

        self.check_no_violation()


class TestTwo(ProcessTest):
    def setUp(self):
        directory = self.useFixture(fixtures.TempDir()).path
        self.coordination = f'file://{directory}?timeout=3'
        super().setUp()

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
