# SPDX-License-Identifier: Apache-2.0
import datetime

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader.db import events as events_db
from heat_spreader.db import models
from heat_spreader.db import previews
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

NAMES = base.NAMES


class TestAdoption(base.EngineTestCase):
    # The proportions are not round, and one cloud has none.
    counts = (7, 4, 0)

    def begin(self, *clouds, **values):
        """A stack that is to be adopted, as the first turn leaves it."""
        values = {'count_parameter': 'count', **values}
        stack_id = db_base.create_stack(
            self.ctx, adopt=clouds or NAMES, **values
        ).id
        self.engine.turn()
        return stack_id

    def adopt(self, stack_id, *clouds, **values):
        values = {'adopt': clouds or NAMES, **values}
        return stacks_db.update(self.ctx, stack_id, values)

    def refused(self, stack_id, *clouds):
        exc = self.assertRaises(
            exception.AdoptionRefused, self.adopt, stack_id, *clouds
        )
        return str(exc)

    def every_event(self):
        found = events_db.get_all(self.ctx)
        return [event for event in found if event.stack_id]

    def test_what_runs_is_managed_and_nothing_is_ever_changed(self):
        stack_id = self.begin()

        self.assertEqual(0, self.stack(stack_id).count)
        self.assertIn('is being adopted', self.stack(stack_id).status_reason)
        adopted = self.adopt(stack_id)
        self.assertEqual(
            ('PENDING', ''), (adopted.status, adopted.status_reason)
        )
        stack = self.settle(stack_id)

        self.assertEqual((11, 'ACTIVE'), (stack.count, stack.status))
        self.assertEqual(
            [('athens', 7), ('berlin', 4), ('cairo', 0)],
            [(m.cloud, m.target) for m in stack.members],
        )
        self.assertEqual(
            self.weights('0.636364', '0.363636', '0'),
            {m.cloud: m.weight for m in stack.members},
        )
        self.assertEqual(
            ((7, 4, 0), 0), (self.counts_in_heat(), self.patches())
        )

    def test_adopted_stack_is_then_one_like_any_other(self):
        stack_id = self.begin()
        self.adopt(stack_id)
        self.settle(stack_id)

        stacks_db.update(self.ctx, stack_id, {'count': 22})
        self.settle(stack_id)

        self.assertEqual((14, 8, 0), self.counts_in_heat())

    def test_its_first_event_says_what_was_adopted(self):
        stack_id = self.begin()
        self.assertEqual([], self.every_event())
        self.assertEqual([], [c for c in self.engine.emitted if c.stack])

        self.adopt(stack_id)

        (event,) = self.every_event()
        self.assertEqual(
            "The stack 'web' is now managed, adopted by the user u with what "
            'runs: athens 7, berlin 4, cairo 0.',
            event.message,
        )

    def test_stack_that_is_not_adopted_leaves_nothing(self):
        stack_id = self.begin()
        previews.of_change(self.ctx, stack_id, {'adopt': NAMES})

        stacks_db.delete(self.ctx, stack_id)

        self.assertEqual([], stacks_db.get_all(self.ctx))
        self.assertEqual([], self.every_event())
        self.assertEqual(0, self.patches())

    def test_cloud_that_is_down_is_named_and_can_be_left_out(self):
        self.clouds['berlin'].fault = faults.REFUSE
        for _ in range(3):
            self.engine.survey()
        stack_id = self.begin()

        self.assertRegex(
            self.refused(stack_id),
            'known. berlin has been unreachable since .*without berlin, or',
        )
        self.adopt(stack_id, 'athens', 'cairo')

        stack = self.settle(stack_id)
        self.assertEqual(
            (7, ['athens', 'cairo']),
            (stack.count, [m.cloud for m in stack.members]),
        )
        self.assertEqual(0, self.patches())

    def test_outage_before_the_adoption_moves_nothing_after_it(self):
        stack_id = self.begin(failback='manual')
        self.clouds['berlin'].fault = faults.REFUSE
        for _ in range(3):
            self.engine.turn()
        self.assertEqual('UNREACHABLE', self.member(stack_id, 'berlin').state)
        self.clouds['berlin'].fault = None
        for _ in range(2):
            self.engine.turn()

        self.adopt(stack_id)

        self.assertEqual('ACTIVE', self.settle(stack_id).status)
        self.assertEqual(
            ((7, 4, 0), 0), (self.counts_in_heat(), self.patches())
        )

    def test_cloud_without_the_stack_or_the_parameter_is_named(self):
        self.clouds['cairo'].delete('web')
        stack_id = self.begin()
        self.assertIn(
            "known. cairo has no stack named 'web'. Adopt",
            self.refused(stack_id),
        )
        stacks_db.delete(self.ctx, stack_id)

        stack_id = self.begin('athens', count_parameter='size')
        self.assertIn(
            "The parameter 'size' of the stack in athens does not exist; the "
            "number parameter is 'count'. Adopt",
            self.refused(stack_id, 'athens'),
        )

    def test_only_an_adoption_changes_it_and_only_once(self):
        stack_id = self.begin('athens')
        for values in ({'paused': False}, {'count': 3}, {'name': 'x'}):
            self.assertRaisesRegex(
                exception.AdoptionRefused,
                "'web' is being adopted, and cannot",
                stacks_db.update,
                *(self.ctx, stack_id, values),
            )
        self.assertIn(
            'The adoption began without berlin. It has: athens.',
            self.refused(stack_id, 'athens', 'berlin'),
        )

        self.adopt(stack_id, 'athens', paused=True)

        self.assertTrue(self.stack(stack_id).paused)
        self.assertIn('is managed already', self.refused(stack_id, 'athens'))

    def test_engine_deletes_what_no_client_has_adopted_in_time(self):
        stack_id = self.begin()
        self.adopt(stack_id)
        late = db_base.create_stack(self.ctx, name='late', adopt=NAMES).id
        past = models.utcnow() - datetime.timedelta(seconds=1)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Stack)
                .where(models.Stack.id == late)
                .values(adopting_until=past)
            )

        self.engine.turn()

        (left,) = stacks_db.get_all(self.ctx)
        self.assertEqual(stack_id, left.id)
