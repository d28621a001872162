# SPDX-License-Identifier: Apache-2.0
"""When a cloud is surveyed, and which of its stacks are read."""

from unittest import mock

from heat_spreader import context
from heat_spreader.db import leases
from heat_spreader.db import members
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

ATHENS = base.NAMES[0]


class SurveyTestCase(base.EngineTestCase):
    counts = (6, 2, 2)

    def setUp(self):
        super().setUp()
        self.stack_id = self.create(['0.6', '0.2', '0.2'])

    def change(self, count):
        """Have the user change the total, and the engine send the updates."""
        stacks_db.update(self.ctx, self.stack_id, {'count': count})
        self.engine.reconcile()

    def lists(self):
        return self.requests(lambda path: path.endswith('/stacks'))

    def reads(self):
        return self.requests(lambda path: '/stacks/' in path)

    def requests(self, is_wanted):
        return sum(
            request.method == 'GET' and is_wanted(request.path)
            for request in self.clouds[ATHENS].requests
        )


class TestReads(SurveyTestCase):
    def test_stack_that_was_never_updated_is_read_once(self):
        for _ in range(3):
            self.engine.survey(ATHENS)
        self.assertEqual(1, self.reads())

    def test_stack_is_not_read_while_heat_works_on_our_update(self):
        self.settle(self.stack_id)
        self.change(15)
        before = self.reads()
        self.engine.survey(ATHENS)
        self.assertEqual(before, self.reads())

        self.finish()
        self.engine.survey(ATHENS)
        self.assertEqual(before + 1, self.reads())
        self.assertEqual(9, self.member(self.stack_id, ATHENS).ready)

    def test_whole_rows_are_loaded_only_of_what_has_changed(self):
        self.settle(self.stack_id)
        self.engine.survey(ATHENS)
        with mock.patch.object(members, 'in_cloud', autospec=True) as loaded:
            self.engine.survey(ATHENS)
            loaded.assert_not_called()

            loaded.return_value = []
            self.override(9)
            self.engine.survey(ATHENS)
            loaded.assert_called_once_with(
                mock.ANY, ATHENS, [self.stack_id], True
            )

    def test_what_cannot_be_saved_is_read_again_soon(self):
        self.settle(self.stack_id)
        self.change(15)
        self.finish()

        def leave_alone(ctx, cloud, changes):
            return set(), {member.stack_id for member, _ in changes}

        with mock.patch.object(members, 'save', leave_alone):
            waits = self.engine.survey(ATHENS)

        options = self.configuration.conf.engine
        self.assertEqual([options.settle_interval], waits)
        self.engine.survey(ATHENS)
        self.assertEqual(9, self.member(self.stack_id, ATHENS).ready)

    def test_what_is_locked_is_written_later_without_another_read(self):
        self.settle(self.stack_id)
        self.change(15)
        self.finish()
        before = self.reads()

        def leave_locked(ctx, cloud, changes):
            return {member.stack_id for member, _ in changes}, set()

        with mock.patch.object(members, 'save', leave_locked):
            waits = self.engine.survey(ATHENS)
        options = self.configuration.conf.engine
        self.assertEqual([options.settle_interval], waits)
        self.assertEqual(6, self.member(self.stack_id, ATHENS).ready)
        self.engine.survey(ATHENS)

        self.assertEqual(9, self.member(self.stack_id, ATHENS).ready)
        self.assertEqual(before + 1, self.reads())

    def test_stack_with_a_lease_is_read_when_the_pass_has_ended(self):
        self.settle(self.stack_id)
        self.override(9)
        before = self.reads()
        row = self.stack(self.stack_id)
        leases.claim(self.ctx, row, 'test:2')
        waits = self.engine.survey(ATHENS)
        self.assertEqual(before, self.reads())
        options = self.configuration.conf.engine
        self.assertEqual([options.settle_interval], waits)

        leases.settle(self.ctx, leases.Settlement(row, 'test:2', {}))
        self.engine.survey(ATHENS)

        self.assertEqual(9, self.member(self.stack_id, ATHENS).count)

    def test_stack_with_a_lease_is_read_before_its_cloud_is_up_again(self):
        self.settle(self.stack_id)
        cloud = self.clouds[ATHENS]
        cloud.fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey(ATHENS)
        cloud.fault = None
        self.override(9)
        leases.claim(self.ctx, self.stack(self.stack_id), 'test:2')
        self.engine.survey(ATHENS)

        self.assertEqual('RECOVERING', self.cloud_states()[ATHENS])
        self.assertEqual(9, self.member(self.stack_id, ATHENS).count)

    def override(self, count):
        """Change the count in Heat, as something else would."""
        self.clouds[ATHENS].update('web', count)
        self.clouds[ATHENS].finish('web')


class TestSaves(SurveyTestCase):
    def setUp(self):
        super().setUp()
        stacks_db.update(self.ctx, self.stack_id, {'paused': True})
        self.engine.turn()
        self.clouds[ATHENS].update('web', 9)
        self.clouds[ATHENS].finish('web')

    def count_after(self, write):
        """The count of the row if a function writes before the survey does."""

        def write_first(ctx, cloud, changes):
            write()
            return save(ctx, cloud, changes)

        save = members.save
        with mock.patch.object(members, 'save', write_first):
            self.engine.survey(ATHENS)
        return self.member(self.stack_id, ATHENS).count

    def settle_with(self, **values):
        stack = self.stack(self.stack_id)
        found = leases.Settlement(stack, None, {}, {ATHENS: values})
        self.assertTrue(leases.settle(self.ctx, found))

    def test_update_that_was_sent_meanwhile_is_not_overwritten(self):
        # Even one that changes nothing else of the row.
        self.assertEqual(6, self.member(self.stack_id, ATHENS).count)
        self.assertEqual(
            6, self.count_after(lambda: self.settle_with(count=6))
        )

        self.engine.survey(ATHENS)
        self.assertEqual(9, self.member(self.stack_id, ATHENS).count)

    def test_pass_that_only_describes_the_stack_prevents_no_save(self):
        count = self.count_after(lambda: self.settle_with(reason='new'))
        self.assertEqual(9, count)

    def test_what_was_read_of_the_former_parameter_is_not_written(self):
        def change():
            values = {'count_parameter': 'size'}
            stacks_db.update(self.ctx, self.stack_id, values)

        self.assertIsNone(self.count_after(change))


class TestMemory(SurveyTestCase):
    def add(self, name):
        self.clouds[ATHENS].add_stack(name, 1)
        return self.create(['1'], name=name)

    def remembered(self):
        reads = self.engine.surveys[ATHENS].reads
        known = (reads._read_at, reads._answered, reads._reads)
        return [len(each) for each in known]

    def test_survey_forgets_the_stacks_that_are_no_longer_managed(self):
        for turn in range(3):
            added = [self.add(f'a{turn}{number}') for number in range(5)]
            self.engine.survey(ATHENS)
            self.assertEqual([6, 6, 0], self.remembered())
            for stack_id in added:
                stacks_db.delete(self.ctx, stack_id)
            self.engine.survey(ATHENS)
            self.assertEqual([1, 1, 0], self.remembered())


class TestTime(SurveyTestCase):
    # No survey but the first is due during a test.
    engine_options = {'survey_interval': 600, 'settle_interval': 0.1}

    def setUp(self):
        super().setUp()
        self.settle(self.stack_id)
        self.look()

    def look(self):
        """Let the engine survey the cloud if it is time."""
        with context.for_engine(cloud=ATHENS) as ctx:
            return self.engine.surveys[ATHENS].run(ctx)

    def test_cloud_is_surveyed_early_after_an_update_of_any_engine(self):
        for name in ('test:1', 'test:2'):
            other = self.start_engine(name)
            before = self.member(self.stack_id, ATHENS).count
            stacks_db.update(self.ctx, self.stack_id, {'count': before * 5})
            other.reconcile()
            self.finish()

            def is_ready(count=before * 3):
                self.look()
                return self.member(self.stack_id, ATHENS).ready == count

            process.wait_until(is_ready, lambda: 'the end is not noticed')

    def test_cloud_without_updates_is_surveyed_when_it_is_time(self):
        before = self.lists()
        self.assertGreater(before, 0)
        for _ in range(3):
            self.engine.surveys[ATHENS]._begun -= 1
            self.assertGreater(self.look(), 0)
        self.assertEqual(before, self.lists())

    def test_cloud_that_failed_is_not_surveyed_early(self):
        self.change(15)
        self.clouds[ATHENS].fault = faults.answer(503)
        survey = self.engine.surveys[ATHENS]
        process.wait_until(
            lambda: self.look() and not survey._may_hurry,
            lambda: 'the cloud is not surveyed',
        )
        before = len(self.clouds[ATHENS].requests)
        for _ in range(3):
            survey._begun -= 1
            self.look()
        self.assertEqual(before, len(self.clouds[ATHENS].requests))
