# SPDX-License-Identifier: Apache-2.0
"""Orders for clouds on every database: made, begun, ended."""

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import clouds
from heat_spreader.planning import facts
from heat_spreader.tests.functional.db import admin as orders
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests


@base.on_every_database(orders.Case)
class Orders:
    def test_a_cloud_that_was_never_surveyed_gets_its_row(self):
        admin.set_use(self.ctx, 'a', orders.use(orders.CORDONED))

        self.assert_row(
            state=states.CloudState.UNKNOWN,
            checked_at=None,
            admin_state=orders.CORDONED,
            admin_since=orders.NOW,
            admin_until=None,
            admin_reason='new switches',
            admin_by='u1',
            planned_state=None,
            declared=None,
        )
        self.assertTrue(clouds.claim(self.ctx, 'a', 'e1'))

    def test_an_order_is_an_event_and_makes_the_stacks_there_due(self):
        admin.set_use(
            self.ctx,
            'a',
            orders.use(until=orders.NOW + orders.HOUR, drill=True),
        )

        self.assert_made_due()
        event = orders.last_event(self.ctx)
        self.assertEqual(
            ('CLOUD_ADMIN', 'a', None, self.ctx.request_id),
            (event.kind, event.cloud, event.stack_id, event.request_id),
        )
        self.assertEqual(
            'The cloud a went from ENABLED to DRAINING until 2026-12-01 '
            '07:00:00 UTC, ordered by the user u1: new switches',
            event.message,
        )
        self.assertEqual(
            {
                'changes': {'admin_state': [orders.ENABLED, orders.DRAINING]},
                'since': '2026-12-01T06:00:00+00:00',
                'until': '2026-12-01T07:00:00+00:00',
                'reason': 'new switches',
                'by': 'u1',
                'drill': True,
            },
            event.details,
        )

    def test_a_later_order_replaces_the_one_in_effect_as_a_whole(self):
        admin.set_use(
            self.ctx,
            'a',
            orders.use(until=orders.NOW + orders.HOUR, drill=True),
        )

        later = facts.Order(orders.NOW + orders.HOUR)
        admin.set_use(self.ctx, 'a', facts.Use(orders.ENABLED, later))

        self.assert_row(
            admin_state=orders.ENABLED,
            admin_since=orders.NOW + orders.HOUR,
            admin_until=None,
            admin_reason='',
            admin_by=None,
            drill=False,
        )

    def test_a_plan_changes_nothing_that_is_in_effect(self):
        admin.set_use(self.ctx, 'a', orders.use(orders.CORDONED))

        admin.plan_use(
            self.ctx, 'a', orders.use(since=orders.NOW + orders.HOUR)
        )

        self.assert_row(
            admin_state=orders.CORDONED,
            planned_state=orders.DRAINING,
            planned_from=orders.NOW + orders.HOUR,
            planned_by='u1',
        )

    def test_a_second_plan_is_refused_until_the_first_is_cancelled(self):
        admin.plan_use(
            self.ctx, 'a', orders.use(since=orders.NOW + orders.HOUR)
        )

        self.assertRaises(
            exception.CloudPlanned,
            admin.plan_use,
            self.ctx,
            'a',
            orders.use(orders.CORDONED),
        )
        self.assert_row(planned_state=orders.DRAINING)

        admin.cancel_plan(self.ctx, 'a')
        self.assert_row(planned_state=None, planned_from=None)
        admin.plan_use(self.ctx, 'a', orders.use(orders.CORDONED))
        self.assert_row(planned_state=orders.CORDONED)

    def test_a_declaration_ends(self):
        order = facts.Order(
            orders.NOW, orders.NOW + orders.HOUR, 'the link is cut', 'u1'
        )
        admin.declare(self.ctx, 'a', orders.DOWN, order)
        self.assert_row(declared=orders.DOWN, declared_by='u1')
        self.assert_made_due()

        admin.declare(self.ctx, 'a', None, facts.Order(orders.NOW, by='u2'))

        self.assert_row(declared=None, declared_until=None, declared_by=None)
        self.assert_made_due()
        self.assertEqual(
            'The cloud a is no longer declared DOWN, ordered by the user u2.',
            orders.messages(self.ctx)[-1],
        )

    def test_what_is_not_there_is_ended_without_an_event(self):
        admin.declare(self.ctx, 'a', None, facts.Order(orders.NOW))
        admin.cancel_plan(self.ctx, 'a')

        self.assertEqual([], orders.messages(self.ctx))
        self.assertEqual([], orders.due(self.ctx))

    def test_a_survey_keeps_what_is_ordered(self):
        admin.set_use(self.ctx, 'a', orders.use(orders.CORDONED))

        clouds.save(
            self.ctx, facts.Cloud('a', states.CloudState.UP, orders.NOW)
        )

        self.assert_row(
            state=states.CloudState.UP, admin_state=orders.CORDONED
        )


@base.on_every_database(orders.Case)
class Advance:
    """What the engine that surveys a cloud begins and ends."""

    def setUp(self):
        super().setUp()
        clouds.claim(self.ctx, 'a', 'e1')

    def advance(self, now, owner='e1'):
        return admin.advance(self.ctx, 'a', now, owner)

    def test_what_is_over_ends_with_an_event(self):
        admin.set_use(
            self.ctx, 'a', orders.use(until=orders.NOW + orders.HOUR)
        )
        admin.declare(
            self.ctx,
            'a',
            orders.DOWN,
            facts.Order(orders.NOW, orders.NOW + orders.HOUR),
        )
        self.settle()

        self.assertEqual(set(), self.advance(orders.NOW + orders.HOUR))

        self.assert_row(
            admin_state=orders.ENABLED,
            admin_since=orders.NOW + orders.HOUR,
            admin_until=None,
            declared=None,
            declared_until=None,
        )
        self.assert_made_due()
        self.assertEqual(
            [
                'The cloud a is no longer declared DOWN: the time that an '
                'administrator ordered is over.',
                'The cloud a went from DRAINING to ENABLED: the time that the '
                'user u1 ordered is over.',
            ],
            orders.messages(self.ctx)[-2:],
        )

    def test_what_is_planned_begins_and_keeps_its_end(self):
        admin.plan_use(
            self.ctx,
            'a',
            orders.use(
                orders.DRAINING,
                orders.NOW,
                orders.NOW + orders.HOUR,
                drill=True,
            ),
        )
        self.settle()

        self.advance(orders.NOW)

        self.assert_row(
            admin_state=orders.DRAINING,
            admin_since=orders.NOW,
            admin_until=orders.NOW + orders.HOUR,
            admin_by='u1',
            drill=True,
            planned_state=None,
            planned_from=None,
            planned_drill=False,
        )
        self.assert_made_due()

    def test_a_plan_that_begins_replaces_what_ends_then(self):
        admin.set_use(
            self.ctx,
            'a',
            orders.use(orders.CORDONED, until=orders.NOW + orders.HOUR),
        )
        admin.plan_use(
            self.ctx,
            'a',
            orders.use(orders.DRAINING, orders.NOW + orders.HOUR),
        )

        self.advance(orders.NOW + orders.HOUR)

        self.assert_row(admin_state=orders.DRAINING, planned_state=None)

    def test_a_plan_whose_time_has_passed_never_begins(self):
        admin.plan_use(
            self.ctx,
            'a',
            orders.use(orders.DRAINING, orders.NOW, orders.NOW + orders.HOUR),
        )

        self.advance(orders.NOW + orders.HOUR)

        self.assert_row(admin_state=orders.ENABLED, planned_state=None)
        self.assertIn('was never DRAINING', orders.messages(self.ctx)[-1])

    def test_nothing_happens_before_its_time(self):
        admin.set_use(
            self.ctx,
            'a',
            orders.use(orders.CORDONED, until=orders.NOW + orders.HOUR),
        )
        admin.plan_use(
            self.ctx,
            'a',
            orders.use(orders.DRAINING, orders.NOW + orders.HOUR),
        )
        self.settle()
        before = orders.messages(self.ctx)

        self.advance(orders.NOW)

        self.assert_row(
            admin_state=orders.CORDONED, planned_state=orders.DRAINING
        )
        self.assertEqual(before, orders.messages(self.ctx))
        self.assertEqual([], orders.due(self.ctx))

    def test_an_engine_without_the_lease_changes_nothing(self):
        admin.set_use(
            self.ctx, 'a', orders.use(until=orders.NOW + orders.HOUR)
        )

        self.advance(orders.NOW + orders.HOUR, owner='e2')

        self.assert_row(admin_state=orders.DRAINING)
