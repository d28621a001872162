# SPDX-License-Identifier: Apache-2.0
import types

from oslotest import base

from heat_spreader.sdk import wait


def member(state='OK', target=6):
    return {
        'cloud': 'athens',
        'state': state,
        'target': target,
        'count': 6,
        'ready': 6,
    }


SERVING = [member()]


class TestOutcome(base.BaseTestCase):
    def outcome(self, status, observed=2, members=SERVING, **more):
        stack = types.SimpleNamespace(
            status=status, observed_generation=observed, members=members
        )
        return wait.outcome(stack, 2, **more)

    def test_waits_until_the_engine_has_observed_the_change(self):
        for status in (
            *('ACTIVE', 'DEGRADED', 'ERROR'),
            *('FROZEN', 'PAUSED', 'PENDING'),
        ):
            self.assertIs(wait.Outcome.WAIT, self.outcome(status, observed=1))

    def test_waits_while_members_are_scaling(self):
        self.assertIs(wait.Outcome.WAIT, self.outcome('SCALING'))

    def test_waits_for_a_pending_stack_with_members(self):
        self.assertIs(wait.Outcome.WAIT, self.outcome('PENDING'))

    def test_a_stack_without_members_is_done_at_once(self):
        self.assertIs(
            wait.Outcome.DONE, self.outcome('PENDING', observed=0, members=[])
        )

    def test_done_when_the_total_is_met_or_the_stack_is_paused(self):
        for status in ('ACTIVE', 'DEGRADED', 'PAUSED'):
            self.assertIs(wait.Outcome.DONE, self.outcome(status))

    def test_a_later_generation_is_accepted(self):
        self.assertIs(wait.Outcome.DONE, self.outcome('ACTIVE', observed=9))

    def test_an_error_counts_once_the_change_was_observed(self):
        self.assertIs(wait.Outcome.FAILED, self.outcome('ERROR'))

    def test_a_frozen_stack_fails(self):
        self.assertIs(wait.Outcome.FAILED, self.outcome('FROZEN'))

    def test_a_paused_stack_is_done_only_if_that_is_asked_for(self):
        moving = [member(target=7)]

        self.assertIs(
            wait.Outcome.FAILED, self.outcome('PAUSED', members=moving)
        )
        self.assertIs(
            wait.Outcome.DONE,
            self.outcome('PAUSED', members=moving, paused=True),
        )

    def test_fails_when_every_member_is_held(self):
        held = [member('REJECTED'), member('UNAUTHORIZED')]

        for status in ('DEGRADED', 'SCALING'):
            self.assertIs(
                wait.Outcome.FAILED, self.outcome(status, members=held)
            )
            self.assertIsNot(
                wait.Outcome.FAILED,
                self.outcome(status, members=[*held, member()]),
            )

    def test_waits_while_a_newer_service_reports_an_unknown_status(self):
        self.assertIs(wait.Outcome.WAIT, self.outcome('PONDERING'))
