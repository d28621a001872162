# SPDX-License-Identifier: Apache-2.0
"""A stack that does not do what was asked says why, and tries again."""

import functools

import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base

FIRST, SECOND, THIRD = base.NAMES
DENIED = faults.heat_error(403, 'Forbidden', 'You may only read stacks')


class TestUpdates(base.RefusalTestCase):
    def assert_explained(self, fault, text):
        self.clouds[THIRD].heat.fault = fault.only(method='PATCH')
        stacks_db.update(self.ctx, self.stack_id, {'count': 15})
        self.settle(self.stack_id)
        self.try_again(3)

        stack, member = (
            self.stack(self.stack_id),
            self.member(self.stack_id, THIRD),
        )
        self.assertEqual('ERROR', stack.status)
        self.assertIn(text, member.reason)
        self.assertIn(member.reason, stack.status_reason)
        self.assertGreater(member.failures, 2)
        self.assertGreater(len(self.attempts(THIRD)), 2)
        self.assertEqual('UP', self.cloud_states()[THIRD])
        patched = [
            event
            for event in self.events_of(self.stack_id, 'MEMBER_PATCHED')
            if event.cloud == THIRD and 'It failed' in event.message
        ]
        self.assertEqual(1, len(patched))
        return member

    def assert_failed(self, status):
        member = self.assert_explained(
            faults.answer(status), 'from 2 to 3 failed: '
        )
        self.assertEqual('FAILED', member.state)
        self.assertIn(str(status), member.reason)
        self.assertIn('The next attempt is at', member.reason)

    def test_update_answered_with_409_has_a_reason(self):
        self.assert_failed(409)

    def test_update_answered_with_500_has_a_reason(self):
        self.assert_failed(500)

    def test_update_answered_with_502_has_a_reason(self):
        self.assert_failed(502)

    def test_update_answered_with_503_has_a_reason(self):
        self.assert_failed(503)

    def test_update_that_is_never_answered_has_a_reason(self):
        member = self.assert_explained(faults.HANG, 'cannot be reached')

        self.assertEqual('FAILED', member.state)

    def test_credentials_that_may_only_read_are_held(self):
        self.clouds[THIRD].heat.fault = DENIED.only(method='PATCH')
        stacks_db.update(self.ctx, self.stack_id, {'count': 15})
        stack = self.settle(self.stack_id)

        member = self.member(self.stack_id, THIRD)
        self.assertEqual('UNAUTHORIZED', member.state)
        self.assertIn('You may only read stacks', member.reason)
        self.assertIn('The count 2 is held.', member.reason)
        self.assertEqual('UP', self.cloud_states()[THIRD])
        self.assertEqual(15, sum(self.counts_in_heat()))
        self.assertEqual('DEGRADED', stack.status)

    def test_credentials_that_may_only_read_shrink_once_they_may(self):
        self.clouds[THIRD].heat.fault = DENIED.only(method='PATCH')
        self.clouds[THIRD].update('web', 5)
        self.finish()
        self.settle(self.stack_id)
        self.try_again(2)
        self.assertEqual(
            'UNAUTHORIZED', self.member(self.stack_id, THIRD).state
        )
        self.assertEqual((4, 1, 5), self.counts_in_heat())

        self.clouds[THIRD].heat.fault = None
        self.try_again(1)
        self.finish()
        stack = self.settle(self.stack_id)
        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertEqual(('ACTIVE', ''), (stack.status, stack.status_reason))

    def test_reason_goes_with_its_cause(self):
        self.assert_explained(faults.answer(500), 'failed')
        self.clouds[THIRD].heat.fault = None
        self.try_again(1)
        self.settle(self.stack_id)

        member = self.member(self.stack_id, THIRD)
        self.assertEqual(('OK', ''), (member.state, member.reason))
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)


class TestReads(base.RefusalTestCase):
    def let_reads_fail(self, fault):
        heat = self.clouds[THIRD].stack('web')
        self.clouds[THIRD].update('web', 3)
        self.clouds[THIRD].heat.fault = fault.only(path=heat.id)
        return self.settle(self.stack_id)

    def assert_explained(self, fault, state):
        stack = self.let_reads_fail(fault)

        member = self.member(self.stack_id, THIRD)
        self.assertEqual(state, member.state)
        since = f'{member.unread_since:%Y-%m-%d %H:%M:%S} UTC'
        self.assertIn(f'has been unreadable since {since}', member.reason)
        self.assertIn('Its count was 2', member.reason)
        self.assertEqual('DEGRADED', stack.status)
        self.assertIn(member.reason, stack.status_reason)
        self.assertEqual('UP', self.cloud_states()[THIRD])
        self.engine.turn()
        events = self.events_of(self.stack_id, 'MEMBER_STATE')
        self.assertEqual(1, len(events))
        self.assertIn(member.reason, events[0].message)

    def test_stack_whose_read_fails_says_so_and_what_it_had(self):
        self.assert_explained(faults.answer(500), 'UNKNOWN')

    def test_stack_that_may_not_be_read_says_so_and_what_it_had(self):
        self.assert_explained(DENIED, 'UNAUTHORIZED')

    def test_stack_that_is_read_as_nonsense_says_so_and_what_it_had(self):
        self.assert_explained(faults.NOT_JSON, 'UNKNOWN')

    def test_stack_that_may_not_be_read_is_held_and_the_others_go_on(self):
        self.let_reads_fail(DENIED)
        stacks_db.update(
            self.ctx,
            self.stack_id,
            {'weights': self.weights('0.2', '0.4', '0.4')},
        )
        self.settle(self.stack_id)

        self.assertEqual(2, self.member(self.stack_id, THIRD).target)
        self.assertEqual([], self.attempts(THIRD))
        self.assertEqual(8, sum(self.counts_in_heat()[:2]))

        self.clouds[THIRD].heat.fault = None
        stack = self.settle(self.stack_id)
        self.assertEqual((2, 4, 4), self.counts_in_heat())
        self.assertEqual(('ACTIVE', ''), (stack.status, stack.status_reason))

    def test_stack_that_was_never_readable_says_so(self):
        for fault, status in (
            (DENIED, 'ERROR'),
            (faults.answer(500), 'PENDING'),
        ):
            self.clouds[THIRD].heat.fault = fault.only(
                path=self.clouds[THIRD].add_stack(f'new-{status}', 1).id
            )
            later = stacks_db.create(
                self.ctx,
                {
                    'name': status,
                    'stack_name': f'new-{status}',
                    'count_parameter': 'count',
                    'count': 2,
                    'weights': {THIRD: self.weights('1')[FIRST]},
                },
            )
            stack = self.settle(later.id)

            self.assertEqual(status, stack.status)
            member = self.member(later.id, THIRD)
            self.assertIn(member.read_error, member.reason)
            self.assertIn(member.read_error, stack.status_reason)

    def test_unreadable_stack_that_is_gone_is_missing(self):
        self.clouds[THIRD].delete('web')
        self.settle(self.stack_id)
        heat = self.clouds[THIRD].add_stack('web', 2)
        self.clouds[THIRD].heat.fault = DENIED.only(path=heat.id)
        self.settle(self.stack_id)
        self.assertEqual(
            'UNAUTHORIZED', self.member(self.stack_id, THIRD).state
        )

        self.clouds[THIRD].delete('web')
        self.settle(self.stack_id)
        self.assertEqual('MISSING', self.member(self.stack_id, THIRD).state)

    def test_nothing_shrinks_on_what_cannot_be_read(self):
        heat = self.clouds[THIRD].stack('web')
        self.clouds[THIRD].update('web', 3)
        self.clouds[THIRD].heat.fault = faults.answer(500).only(path=heat.id)
        self.settle(self.stack_id)
        stacks_db.update(
            self.ctx,
            self.stack_id,
            {'weights': self.weights('0.2', '0.4', '0.4')},
        )
        self.settle(self.stack_id)

        self.assertEqual((6, 4), self.counts_in_heat()[:2])


class TestRollback(base.RefusalTestCase):
    def begin(self):
        """Have cairo grow from 2 to 3, and the others with it."""
        stacks_db.update(self.ctx, self.stack_id, {'count': 15})
        self.engine.turn()

    def assert_failed_update(self, *words):
        stack = self.settle(self.stack_id)

        member = self.member(self.stack_id, THIRD)
        self.assertEqual(('FAILED', 1), (member.state, member.failures))
        for text in words:
            self.assertIn(text, member.reason)
        self.assertIn(member.reason, stack.status_reason)
        self.assertEqual('ERROR', stack.status)
        self.assertEqual((9, 3), self.counts_in_heat()[:2])
        self.assertEqual(1, len(self.attempts(THIRD)))
        self.engine.turn()
        self.assertEqual(1, len(self.attempts(THIRD)))

        self.try_again(1)
        self.settle(self.stack_id)
        self.assertEqual((9, 3, 3), self.counts_in_heat())
        self.assertEqual('ACTIVE', self.stack(self.stack_id).status)

    def test_update_that_fails_again_and_again_is_one_event(self):
        def fail():
            self.clouds[THIRD].fail_next('web', 2, 'The image is damaged')

        fail()
        self.begin()
        self.settle(self.stack_id)
        before = len(self.events_of(self.stack_id))
        for failures in (2, 3, 4):
            fail()
            self.try_again(1)
            self.engine.turn()
            stack, member = (
                self.stack(self.stack_id),
                self.member(self.stack_id, THIRD),
            )
            self.assertEqual('FAILED', member.state)
            self.assertIn('The image is damaged', member.reason)
            self.assertIn('Heat is working on the next', member.reason)
            self.assertEqual('ERROR', stack.status)
            self.settle(self.stack_id)
            member = self.member(self.stack_id, THIRD)
            self.assertEqual(failures, member.failures)
            self.assertEqual(failures, len(self.attempts(THIRD)))
        self.assertEqual(before, len(self.events_of(self.stack_id)))

        self.try_again(1)
        self.settle(self.stack_id)
        self.assertIn(
            f'{THIRD}: FAILED -> OK.',
            self.events_of(self.stack_id)[-1].message,
        )

    def test_update_that_is_rolled_back_is_a_failed_update(self):
        self.clouds[THIRD].roll_back_next('web', 'The image is damaged')
        self.begin()

        self.assert_failed_update(
            f'Heat rolled the update of {THIRD} from 2 to 3 back',
            'ROLLBACK_COMPLETE, The image is damaged',
        )

    def test_rollback_whose_cause_cannot_be_read_is_one_all_the_same(self):
        self.clouds[THIRD].roll_back_next('web', 'The image is damaged')
        self.clouds[THIRD].heat.fault = DENIED.only(path='/events')
        self.begin()

        self.assert_failed_update('Stack ROLLBACK completed successfully')

    def test_cancelled_update_is_a_failed_update(self):
        self.begin()
        self.clouds[THIRD].cancel('web', rollback=True)

        self.assert_failed_update(
            f'Heat rolled the update of {THIRD} from 2 to 3 back',
            'Stack UPDATE cancelled',
        )

    def test_update_cancelled_without_rollback_is_a_failed_update(self):
        self.begin()
        self.clouds[THIRD].cancel('web', rollback=False)

        self.assert_failed_update(
            f'{THIRD} has 2 of 3 instances ready', 'Stack UPDATE cancelled'
        )

    def test_nothing_elsewhere_shrinks_for_a_cancelled_growth(self):
        for rollback in (True, False):
            weights = {'weights': self.weights('0.2', '0.4', '0.4')}
            stacks_db.update(self.ctx, self.stack_id, weights)
            self.engine.turn()
            for name in (SECOND, THIRD):
                self.clouds[name].cancel('web', rollback)
            self.settle(self.stack_id)
            self.assertEqual(6, self.counts_in_heat()[0])

            weights = {'weights': self.weights('0.6', '0.2', '0.2')}
            stacks_db.update(self.ctx, self.stack_id, weights)
            self.settle(self.stack_id)
            self.assertEqual((6, 2, 2), self.counts_in_heat())


class TestOtherHands(base.RefusalTestCase):
    def test_count_that_something_else_changed_is_set_back_and_named(self):
        self.clouds[FIRST].update('web', 4)
        self.finish()
        self.settle(self.stack_id)

        self.assertEqual((6, 2, 2), self.counts_in_heat())
        self.assertIn(
            f'{FIRST}: 4 -> 6 because it was changed in Heat from 6 to 4.',
            self.events_of(self.stack_id, 'MEMBER_PATCHED')[-1].message,
        )

    def test_stack_that_is_being_deleted_says_so(self):
        self.clouds[THIRD]._settle_as('web', 'DELETE_FAILED')
        self.settle(self.stack_id)

        member = self.member(self.stack_id, THIRD)
        self.assertEqual('MISSING', member.state)
        self.assertIn('DELETE_FAILED, Stack DELETE_FAILED', member.reason)

    def test_value_that_cannot_be_a_count_says_why(self):
        for value, problem in (
            ('1000001', 'is not a whole number from 0 to 1000000'),
            ('-1', 'is not a whole number from 0 to 1000000'),
            ('6.5', 'is not a whole number from 0 to 1000000'),
            ('******', 'is hidden'),
            ('many', 'is not a whole number'),
        ):
            self.clouds[THIRD].heat.fault = faults.changed(
                functools.partial(_with_count, value)
            ).only(method='GET', path=self.clouds[THIRD].stack('web').id)
            with session.get_engine().begin() as connection:
                connection.execute(
                    sa.update(models.Member).values(heat_updated_at='')
                )
            self.settle(self.stack_id)

            member = self.member(self.stack_id, THIRD)
            self.assertEqual('PARAMETER_MISSING', member.state, value)
            self.assertIn(
                f"The parameter 'count' of the stack in {THIRD} {problem}.",
                member.reason,
            )


def _with_count(value, body):
    if 'stack' in body:
        body['stack']['parameters']['count'] = value
    return body
