# SPDX-License-Identifier: Apache-2.0
"""The page of a stack, where the engine tests do not lead."""

import types

from oslotest import base

from heat_spreader.osc import page
from heat_spreader.tests.unit.sdk import fixtures

CLOUD = {
    'state': 'UP',
    'admin_state': 'ENABLED',
    'admin_until': None,
    'planned': None,
    'declared': None,
    'failures': 0,
    'failures_needed': 3,
    'successes': 2,
    'successes_needed': 2,
    'answered_at': '2026-11-22T10:00:00Z',
}


def cloud(name, **values):
    return types.SimpleNamespace(name=name, **(CLOUD | values))


class TestPage(base.BaseTestCase):
    def render(self, clouds=(), **values):
        stack = types.SimpleNamespace(**fixtures.stack(**values))
        known = {each.name: each for each in clouds}
        lines = page.render(stack, known, [], 80)
        for line in lines:
            self.assertLessEqual(len(line), 80)
        return ' '.join(' '.join(lines).split())

    def suspect(self, **values):
        members = [
            fixtures.member(),
            fixtures.member('berlin', weight=0.2),
            fixtures.member('cairo', weight=0.2),
        ]
        clouds = [cloud('cairo', state='SUSPECT', failures=1)]
        clouds += values.pop('clouds', [])
        return self.render(clouds, members=members, **values)

    def test_cordoned_cloud_takes_nothing_of_a_suspect(self):
        text = self.suspect(clouds=[cloud('berlin', admin_state='CORDONED')])

        self.assertIn('at the third its 0.2 goes to athens.', text)

    def test_share_of_a_suspect_stays_without_failover(self):
        self.assertIn(
            'cairo does not answer (1 of 3); its share 0.2 stays where it is.',
            self.suspect(failover='none'),
        )

    def test_failback_by_hand_is_explained(self):
        members = [
            fixtures.member(),
            fixtures.member('cairo', state='WAITING'),
        ]

        self.assertIn(
            'What comes next: "stack set web --failback-now" gives cairo',
            self.render(members=members, status='DEGRADED'),
        )

    def test_paused_stack_waits_for_its_user(self):
        text = self.render(
            status='PAUSED', status_reason='The user paused the stack.'
        )

        self.assertIn('What is being done: The user paused the stack.', text)
        self.assertIn('What comes next: Nothing until "stack set web', text)

    def test_retry_has_its_time_unless_the_reason_has_it(self):
        rejected = fixtures.member(
            state='REJECTED',
            reason='No more.',
            retry_at='2999-01-01T00:00:00Z',
        )
        self.assertRegex(
            self.render(members=[rejected], status='ERROR'),
            r'athens is tried again in \d+d, at 2999-01-01 00:00 UTC\.',
        )
        rejected['reason'] = 'No more. Tried again at 2999-01-01 00:00 UTC.'
        self.assertNotIn(
            'athens is tried again',
            self.render(members=[rejected], status='ERROR'),
        )

    def test_orders_and_plans_have_their_times(self):
        planned = {'admin_state': 'DRAINING', 'from': '2999-12-01T06:00:00Z'}
        member = fixtures.member(
            admin_state='CORDONED', admin_until='2999-11-01T06:00:00Z'
        )
        text = self.render(
            [cloud('athens', planned=planned)], members=[member]
        )

        self.assertIn(
            'athens is CORDONED for this stack until 2999-11-01 06:00 UTC.',
            text,
        )
        self.assertIn('athens will be DRAINING at 2999-12-01 06:00 UTC.', text)

    def test_change_that_no_engine_has_seen_is_what_is_being_done(self):
        text = self.render(generation=2, status='PENDING')

        self.assertIn('The engine has not acted on the last change', text)

    def test_stack_without_weights_has_no_table(self):
        text = self.render(members=[], status='PENDING')

        self.assertIn('No cloud has a weight yet.', text)

    def test_long_reason_is_wrapped_and_not_cut(self):
        reason = 'Heat says no, ' * 30 + 'finally.'
        failed = fixtures.member(state='FAILED', reason=reason)

        text = self.render(members=[failed], status='ERROR')

        self.assertIn(reason, text)
