# SPDX-License-Identifier: Apache-2.0
"""The failback of a stack, ordered by a user."""

import sqlalchemy as sa

from heat_spreader import states
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional.osc import base


class TestFailback(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        self.created = self.create(
            'web',
            '--weight=east=0.6',
            '--weight=west=0.4',
            '--failback=manual',
        )

    def let_fail_over(self, cloud, state):
        """As an engine does in an outage of the cloud."""
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Member)
                .where(models.Member.cloud == cloud)
                .values(failed_over=True, state=state)
            )

    def failed_over(self):
        with session.get_engine().begin() as connection:
            query = sa.select(models.Member.cloud)
            return connection.scalars(
                query.where(models.Member.failed_over)
            ).all()

    def test_failback_is_shown_and_changed(self):
        self.assertEqual('manual', self.created['failback'])

        self.run_command('stack', 'set', 'web', '--failback=auto')

        self.assertEqual('auto', self.ask('stack', 'show', 'web')['failback'])
        [row] = self.ask('stack', 'list', '--long')
        self.assertEqual('auto', row['Failback'])

    def test_order_ends_the_wait_of_what_is_back(self):
        self.let_fail_over('west', states.MemberState.WAITING)
        self.let_fail_over('east', states.MemberState.UNREACHABLE)

        self.run_command('stack', 'set', 'web', '--failback-now')

        self.assertEqual(['east'], self.failed_over())
        self.assertEqual(2, self.ask('stack', 'show', 'web')['generation'])
        event = self.ask('event', 'list', 'web')[-1]
        self.assertEqual(
            'failback of west waiting -> now.', event['Message'].split(': ')[1]
        )

    def test_order_that_nothing_waits_for_is_refused(self):
        self.let_fail_over('west', states.MemberState.UNREACHABLE)

        error = self.fails('stack', 'set', 'web', '--failback-now')

        self.assertIn(
            "No cloud of the stack 'web' waits for failback. Clouds that are "
            'not back yet: west.',
            error,
        )
        self.assertEqual(['west'], self.failed_over())

    def test_what_ends_the_failover_or_the_order_ends_the_wait(self):
        for option in ('--failback=auto', '--failover=none'):
            self.run_command(
                *('stack', 'set', 'web'),
                '--failback=manual',
                '--failover=even',
            )
            self.let_fail_over('west', states.MemberState.WAITING)

            self.run_command('stack', 'set', 'web', option)

            self.assertEqual([], self.failed_over())

    def test_other_changes_leave_it_waiting(self):
        self.let_fail_over('west', states.MemberState.WAITING)

        self.run_command('stack', 'set', 'web', '--count=12')
        self.run_command(
            *('stack', 'set', 'web', '--weight=east=0.5', '--weight=west=0.5')
        )

        self.assertEqual(['west'], self.failed_over())
