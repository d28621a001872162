# SPDX-License-Identifier: Apache-2.0
"""Orders for clouds while others change the same, on every database."""

import threading
from concurrent import futures

import sqlalchemy as sa

from heat_spreader import exception
from heat_spreader import states
from heat_spreader.db import admin
from heat_spreader.db import clouds
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import facts
from heat_spreader.tests.functional.db import admin as orders
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

# Seconds, for what takes none.
TIMEOUT = 60


@base.on_every_database(orders.Case)
class Checks:
    """Nothing that a check depends on changes before what it allows."""

    NAMES = ('a', 'b', 'c')

    def check(self, refuse):
        return admin.Check(self.NAMES, refuse)

    def test_a_refusal_changes_nothing(self):
        def refuse(ctx):
            raise exception.DrainRefused('No.')

        for change in (admin.set_use, admin.plan_use):
            self.assertRaises(
                exception.DrainRefused,
                change,
                *(self.ctx, 'a', orders.use(), self.check(refuse)),
            )

        self.assertEqual({}, clouds.get_all(self.ctx))
        self.assertEqual([], orders.messages(self.ctx))
        self.assertEqual([], orders.due(self.ctx))

    def test_a_check_is_repeated_if_a_cloud_has_changed_since(self):
        changes = [
            lambda: admin.set_use(base.user(), 'b', orders.use()),
            lambda: admin.plan_use(base.user(), 'c', orders.use()),
            lambda: admin.declare(
                base.user(), 'a', orders.DOWN, facts.Order(orders.NOW)
            ),
            lambda: clouds.save(
                base.user(),
                facts.Cloud('c', states.CloudState.DOWN, orders.NOW),
            ),
        ]
        checked = []

        def refuse(ctx):
            checked.append(dict(clouds.rows(ctx)))
            if changes:
                # Another client, while this one checks.
                with futures.ThreadPoolExecutor(1) as other:
                    other.submit(changes.pop(0)).result(TIMEOUT)

        admin.set_use(self.ctx, 'a', orders.use(), self.check(refuse))

        self.assertEqual(5, len(checked))
        self.assertEqual(orders.DOWN, checked[-1]['a'].declared)
        self.assert_row('a', admin_state=orders.DRAINING)

    def test_a_check_is_repeated_ten_times_at_most(self):
        def refuse(ctx):
            with futures.ThreadPoolExecutor(1) as other:
                now = models.utcnow()
                other.submit(
                    lambda: admin.set_use(
                        base.user(), 'b', orders.use(since=now)
                    )
                ).result(TIMEOUT)

        exc = self.assertRaises(
            exception.Conflict,
            admin.set_use,
            *(self.ctx, 'a', orders.use(), self.check(refuse)),
        )

        self.assertIn('Repeat the request', str(exc))

    def test_of_many_drains_at_once_each_check_sees_those_before(self):
        def refuse(ctx):
            rows = clouds.rows(ctx).values()
            if any(row.admin_state == orders.DRAINING for row in rows):
                raise exception.DrainRefused('One is drained already.')

        def drain(number):
            name = self.NAMES[number % len(self.NAMES)]
            try:
                admin.set_use(
                    base.user(), name, orders.use(), self.check(refuse)
                )
            except exception.DrainRefused:
                return None
            return name

        drained = [name for name in base.at_once(drain) if name]

        self.assertEqual(1, len(drained), drained)
        self.assertEqual(
            drained,
            [
                name
                for name, row in clouds.get_all(self.ctx).items()
                if row.admin_state == orders.DRAINING
            ],
        )


# With SQLite no other client could lock one stack alone.
@base.on_every_database(orders.Case, kinds=base.SERVERS)
class Locked:
    def test_a_stack_that_is_locked_meanwhile_is_made_due_afterwards(self):
        locked, release = threading.Event(), threading.Event()

        @session.writer
        def hold(ctx):
            query = sa.select(models.Stack).where(models.Stack.name == 'in-a')
            ctx.session.scalars(query.with_for_update()).all()
            locked.set()
            self.assertTrue(release.wait(TIMEOUT))

        with futures.ThreadPoolExecutor(2) as pool:
            holding = pool.submit(lambda: hold(base.user()))
            self.assertTrue(locked.wait(TIMEOUT))
            ordering = pool.submit(
                lambda: admin.set_use(
                    base.user(), 'a', orders.use(orders.CORDONED)
                )
            )
            # The order is in effect although the stack is locked.
            while 'a' not in clouds.get_all(self.ctx):
                self.assertFalse(ordering.done())
            self.assertEqual([], orders.due(self.ctx))
            release.set()
            holding.result()
            ordering.result()

        self.assertEqual(['in-a'], orders.due(self.ctx))
