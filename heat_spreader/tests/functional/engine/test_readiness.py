# SPDX-License-Identifier: Apache-2.0
"""Whether a stack survives a loss, as the engine keeps it up to date."""

from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.planning import facts
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

READINESS = states.EventKind.STACK_READINESS


class ReadinessTestCase(base.FailoverTestCase):
    def without(self):
        """What would have no place, by the cloud that would be lost."""
        return {
            m.cloud: m.unplaced_without
            for m in self.stack(self.stack_id).members
            if m.unplaced_without
        }

    def frozen_without(self):
        return {
            m.cloud
            for m in self.stack(self.stack_id).members
            if m.frozen_without
        }

    def changes(self):
        """Each change of it that an event shows."""
        return [
            event.details['changes']['survives']
            for event in self.events_of(self.stack_id)
            if 'survives' in event.details.get('changes', {})
        ]

    def check(self, survives, without):
        self.assertEqual(without, self.without())
        self.assertIs(survives, self.stack(self.stack_id).survives)


class TestReadiness(ReadinessTestCase):
    def limit(self, **maxima):
        members = {name: {'max_count': n} for name, n in maxima.items()}
        stacks_db.update(self.ctx, self.stack_id, {'members': members})
        self.settled()

    def test_safe_stack_has_no_event(self):
        self.check(True, {})
        self.assertEqual([], self.changes())

    def test_stack_that_is_not_safe_from_the_beginning_has_an_event(self):
        stacks_db.delete(self.ctx, self.stack_id)
        self.stack_id = self.create(['1'], stack_name='web')
        self.settled()

        self.check(False, {'athens': 10})
        self.assertEqual([[None, False]], self.changes())

    def test_maximum_that_makes_it_unsafe_is_an_event_and_a_notification(self):
        self.limit(berlin=4, cairo=4)

        self.check(False, {'athens': 2})
        [event] = self.events_of(self.stack_id, READINESS)
        self.assertEqual(
            'web is not safe against the loss of one cloud: without athens 2 '
            'would have no place.',
            event.message,
        )
        [sent] = [c for c in self.engine.emitted if c.kind == READINESS]
        self.assertEqual(('SAFE', 'UNSAFE'), (sent.before, sent.after))

        self.limit(cairo=6)
        self.check(True, {})
        self.assertEqual([[True, False], [False, True]], self.changes())

    def test_change_of_the_numbers_alone_is_no_event(self):
        self.limit(berlin=4, cairo=4)
        self.limit(cairo=3)

        self.check(False, {'athens': 3})
        self.assertEqual([[True, False]], self.changes())

    def test_cloud_that_joins_is_no_change_before_it_is_read(self):
        self.limit(berlin=4, cairo=4)
        stacks_db.unset_weight(self.ctx, self.stack_id, 'cairo')
        self.settled()
        self.check(False, {'athens': 4})
        self.clouds['cairo'].fault = faults.REFUSE
        stacks_db.set_weight(self.ctx, self.stack_id, 'cairo', 0)
        self.engine.reconcile()
        self.assertEqual('PENDING', self.stack(self.stack_id).status)

        self.assertIs(False, self.stack(self.stack_id).survives)
        self.clouds['cairo'].fault = None
        self.settled()

        self.check(True, {})
        self.assertEqual([[True, False], [False, True]], self.changes())

    def test_order_of_an_administrator_counts(self):
        order = facts.Order(models.utcnow())
        for name in ('berlin', 'cairo'):
            use = facts.Use(states.AdminState.CORDONED, order)
            admin.set_use(self.ctx, name, use)
        self.settled()

        self.check(False, {'athens': 6})

    def test_outage_that_makes_it_unsafe_has_one_event_with_its_effect(self):
        self.limit(berlin=7)
        self.lose('cairo')
        self.settled()

        self.check(False, {'athens': 3})
        self.assertEqual([], self.events_of(self.stack_id, READINESS))
        self.assertEqual([[True, False]], self.changes())
        self.restore('cairo')
        self.settled()

        self.check(True, {})


class TestFreeze(ReadinessTestCase):
    """A stack that does not use one of the clouds."""

    # As if it were not set.
    health = {'max_down_clouds': None}
    weights_of_all = ('0.6', '0.4')

    def test_outage_elsewhere_after_which_one_more_would_freeze(self):
        self.check(True, {})
        self.lose('cairo')
        self.settled()

        self.check(False, {'athens': 6, 'berlin': 4})
        self.assertEqual({'athens', 'berlin'}, self.frozen_without())
        self.restore('cairo')
        self.settled()

        self.check(True, {})
        self.assertEqual([[True, False], [False, True]], self.changes())

    def test_failover_follows_when_a_cloud_elsewhere_ends_the_freeze(self):
        self.lose('cairo')
        self.lose('athens')
        self.settled()
        self.assertEqual('FROZEN', self.stack(self.stack_id).status)
        self.check(False, {'berlin': 4})

        self.restore('cairo')

        self.assertEqual((6, 10, 2), self.settled())

    def test_next_engine_finds_what_was_not_made_due(self):
        self.lose('cairo')
        self.engine = self.start_engine('test:2')
        self.engine.survey('athens')
        self.engine.reconcile()

        self.check(False, {'athens': 6, 'berlin': 4})

    def test_stack_that_knows_the_freezes_is_not_planned_again(self):
        self.engine.survey()

        self.assertEqual(0, self.engine.reconcile())
