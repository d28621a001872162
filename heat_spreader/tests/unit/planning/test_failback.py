# SPDX-License-Identifier: Apache-2.0
"""What is planned for a cloud that waits for the failback of a stack."""

import dataclasses

from oslotest import base

from heat_spreader.planning import plan
from heat_spreader.planning import rules
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, updates, targets = stories.member, stories.updates, stories.targets


def stack(counts=(7, 3, 0), weights=('0.6', '0.2', '0.2'), **known):
    """A stack with manual failback; what is known of cairo, and wanted."""
    wanted = {
        name: known.pop(name)
        for name in ('count', 'failback', 'failover', 'paused')
        if name in known
    }
    more = known.pop('others', {})
    members = [
        member(cloud, weight, count, **more)
        for cloud, weight, count in zip(
            ('athens', 'berlin'), weights, counts, strict=False
        )
    ]
    cairo = member('cairo', weights[2], counts[2], **known)
    return stories.stack(*members, cairo, **{'failback': 'manual', **wanted})


def waiting(*args, **known):
    return stack(*args, failed_over=True, **known)


def failed_over(planned):
    return [m.cloud for m in planned.members if m.failed_over]


class TestOutage(base.BaseTestCase):
    """What is noted while a cloud is down."""

    def noted(self, stack, frozen=None):
        return failed_over(plan.make(stack, NOW, frozen))

    def test_cloud_whose_share_others_take_over_is_noted(self):
        for state in ('DOWN', 'RECOVERING'):
            self.assertEqual(
                ['cairo'], self.noted(stack((6, 2, 2), cloud_state=state))
            )

    def test_nothing_is_noted_with_automatic_failback(self):
        self.assertEqual(
            [], self.noted(stack(cloud_state='DOWN', failback='auto'))
        )

    def test_nothing_is_noted_while_nothing_is_taken_over(self):
        lost = {'cloud_state': 'DOWN'}
        self.assertEqual([], self.noted(stack(**lost, failover='none')))
        self.assertEqual([], self.noted(stack(**lost, paused=True)))
        self.assertEqual([], self.noted(stack(**lost), frozen='No.'))
        self.assertEqual([], self.noted(stack(**lost, count=0)))
        full = {'limits': (0, 2)}
        self.assertEqual([], self.noted(stack(**lost, others=full)))

    def test_standby_that_had_nothing_is_not_noted(self):
        weights = ('0.6', '0.4', '0')
        self.assertEqual(
            [], self.noted(stack((6, 4, 0), weights, cloud_state='DOWN'))
        )

    def test_stack_that_is_missing_is_not_noted(self):
        for known in (
            {'id': None},
            {'duplicate_of': 'athens'},
            {'cloud_state': 'UNAUTHORIZED'},
            {'cloud_state': 'SUSPECT'},
            {'cloud_state': 'DOWN', 'allowed': False},
        ):
            self.assertEqual([], self.noted(stack(**known)), known)

    def test_note_is_kept_whatever_comes_next(self):
        for known in (
            {'cloud_state': 'DOWN'},
            {'cloud_state': 'UNAUTHORIZED'},
            {'id': None},
            {'paused': True},
            {},
        ):
            self.assertEqual(['cairo'], self.noted(waiting(**known)), known)
        self.assertEqual(['cairo'], self.noted(waiting(), frozen='No.'))


class TestWaiting(base.BaseTestCase):
    def test_share_stays_spread_when_the_cloud_is_back(self):
        planned = plan.make(waiting(), NOW)

        self.assertEqual({}, updates(planned))
        self.assertEqual(
            {'athens': 7, 'berlin': 3, 'cairo': 0}, targets(planned)
        )
        self.assertEqual('DEGRADED', planned.status)
        self.assertEqual('WAITING', planned.members[2].state)

    def test_reasons_say_what_a_failback_would_do(self):
        planned = plan.make(waiting(), NOW)

        self.assertEqual(
            'Waits for failback: athens would get 6, berlin 2 and cairo 2. '
            'The option --failback-now of "stack set" orders it. cairo waits '
            'for failback: its weight 0.2 stays spread over the others. It '
            'would get 2.',
            planned.status_reason,
        )
        self.assertEqual(
            'cairo waits for failback: its weight 0.2 stays spread over the '
            'others. It would get 2.',
            planned.members[2].reason,
        )
        self.assertEqual(['OK', 'OK'], [m.state for m in planned.members[:2]])

    def test_failback_that_would_change_no_target_says_so(self):
        planned = plan.make(waiting((1, 0, 0), count=1), NOW)

        self.assertIn('which would change no target', planned.status_reason)

    def test_what_still_runs_there_is_removed_when_the_others_are_ready(self):
        planned = plan.make(waiting((7, 3, 2)), NOW)

        self.assertEqual({'cairo': (2, 0)}, updates(planned))
        self.assertIn('others have replaced it', planned.updates[0].why)
        self.assertEqual('SCALING', planned.status)
        self.assertEqual('SCALING', planned.members[2].state)
        self.assertIn('waits for failback', planned.members[2].reason)
        self.assertIn('Waits for failback: ', planned.status_reason)

    def test_what_still_runs_there_stays_until_the_others_are_ready(self):
        planned = plan.make(waiting((6, 2, 2)), NOW)
        self.assertEqual(
            {'athens': (6, 7), 'berlin': (2, 3)}, updates(planned)
        )
        self.assertIn('cairo waits for failback', planned.updates[0].why)

        planned = plan.make(
            waiting(
                (7, 3, 2), others={'ready': 2, 'status': 'UPDATE_IN_PROGRESS'}
            ),
            NOW,
        )
        self.assertEqual({}, updates(planned))

    def test_it_shrinks_as_the_others_become_ready(self):
        others = {'status': 'UPDATE_IN_PROGRESS'}
        wanted = waiting((7, 3, 2), others=others)
        berlin = dataclasses.replace(
            wanted.members[1],
            heat=dataclasses.replace(wanted.members[1].stack, ready=2),
        )
        wanted = dataclasses.replace(
            wanted, members=(wanted.members[0], berlin, wanted.members[2])
        )

        self.assertEqual({'cairo': (2, 1)}, updates(plan.make(wanted, NOW)))

    def test_as_many_stay_there_as_the_others_have_not_replaced(self):
        wanted = waiting((7, 3, 2))
        athens = dataclasses.replace(
            wanted.members[0],
            heat=dataclasses.replace(
                wanted.members[0].stack, status='UPDATE_FAILED', ready=6
            ),
            failures=1,
            retry_at=NOW + stories.MINUTE,
        )
        wanted = dataclasses.replace(
            wanted, members=(athens, *wanted.members[1:])
        )

        planned = plan.make(wanted, NOW)

        self.assertEqual({'cairo': (2, 1)}, updates(planned))

    def test_what_fits_nowhere_else_is_placed_there(self):
        planned = plan.make(waiting((4, 4, 0), others={'limits': (0, 4)}), NOW)

        self.assertEqual({'cairo': (0, 2)}, updates(planned))
        self.assertEqual(0, planned.unplaced)

    def test_maximum_there_holds_for_what_fits_nowhere_else(self):
        planned = plan.make(
            waiting((4, 4, 0), others={'limits': (0, 4)}, limits=(0, 1)),
            NOW,
        )

        self.assertEqual({'cairo': (0, 1)}, updates(planned))
        self.assertEqual(1, planned.unplaced)

    def test_minimum_there_is_met_while_it_waits(self):
        planned = plan.make(waiting((7, 3, 2), limits=(1, None)), NOW)

        self.assertEqual({'athens': (7, 6), 'cairo': (2, 1)}, updates(planned))

    def test_cloud_that_cannot_be_changed_is_expected_to_take_nothing(self):
        for state in ('UNAUTHORIZED', 'SUSPECT', 'UNKNOWN'):
            planned = plan.make(
                waiting(
                    (4, 4, 1), others={'limits': (0, 4)}, cloud_state=state
                ),
                NOW,
            )
            self.assertEqual({}, updates(planned), state)
            self.assertEqual(1, targets(planned)['cairo'], state)
            self.assertEqual(1, planned.unplaced, state)

    def test_changes_of_count_and_weights_leave_the_share_spread(self):
        self.assertEqual(
            {'athens': 14, 'berlin': 6, 'cairo': 0},
            targets(plan.make(waiting(count=20), NOW)),
        )
        planned = plan.make(waiting(weights=('0.4', '0.2', '0.4')), NOW)
        self.assertEqual(
            {'athens': 6, 'berlin': 4, 'cairo': 0}, targets(planned)
        )
        self.assertEqual(['cairo'], failed_over(planned))

    def test_cloud_that_rejects_credentials_does_not_get_its_share_back(self):
        planned = plan.make(
            waiting((7, 3, 2), cloud_state='UNAUTHORIZED'), NOW
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual(7, targets(planned)['athens'])
        self.assertEqual('UNAUTHORIZED', planned.members[2].state)
        self.assertIn('waits for failback', planned.members[2].reason)

    def test_suspended_stack_there_gets_no_update(self):
        planned = plan.make(
            waiting((7, 3, 2), status='SUSPEND_COMPLETE', ready=0), NOW
        )

        self.assertEqual({}, updates(planned))
        self.assertEqual(7, targets(planned)['athens'])

    def test_rejected_removal_is_tried_again_and_moves_nothing_else(self):
        rejected = {'rejection': 'No.', 'failures': 1}
        later = NOW + stories.MINUTE
        planned = plan.make(
            waiting((7, 3, 2), **rejected, retry_at=later), NOW
        )
        self.assertEqual({}, updates(planned))
        self.assertEqual('REJECTED', planned.members[2].state)

        planned = plan.make(waiting((7, 3, 2), **rejected, retry_at=NOW), NOW)
        self.assertEqual({'cairo': (2, 0)}, updates(planned))

        planned = plan.make(waiting(**rejected, retry_at=NOW), NOW)
        self.assertEqual('WAITING', planned.members[2].state)

    def test_nothing_there_shrinks_while_the_weights_are_not_complete(self):
        wanted = dataclasses.replace(
            waiting((7, 3, 2), weights=('0.5', '0.2', '0.2')),
            weights_complete=False,
        )

        self.assertEqual({}, updates(plan.make(wanted, NOW)))

    def test_count_that_something_else_raises_there_is_set_back(self):
        planned = plan.make(waiting((7, 3, 2), sent_count=0), NOW)

        self.assertEqual({'cairo': (2, 0)}, updates(planned))
        self.assertTrue(planned.updates[0].set_back)

    def test_paused_stack_only_explains_the_member(self):
        planned = plan.make(waiting(paused=True), NOW)

        self.assertEqual('The user paused the stack.', planned.status_reason)
        self.assertIn('waits for failback', planned.members[2].reason)


class TestNeedless(base.BaseTestCase):
    """Waiting ends by itself where no other cloud has any of the weight."""

    def test_last_cloud_that_can_serve_does_not_wait(self):
        planned = plan.make(
            waiting((0, 0, 0), others={'cloud_state': 'DOWN'}), NOW
        )

        self.assertEqual({'cairo': (0, 10)}, updates(planned))
        self.assertNotIn('cairo', failed_over(planned))
        self.assertEqual(['athens', 'berlin'], failed_over(planned))

    def test_cloud_that_lost_its_weight_does_not_wait(self):
        planned = plan.make(
            waiting((8, 2, 0), weights=('0.8', '0.2', '0')), NOW
        )

        self.assertEqual([], failed_over(planned))
        self.assertEqual('ACTIVE', planned.status)

    def test_standby_waits_if_it_would_get_the_weight_of_another(self):
        weights = ('1', '0', '0')
        wanted = waiting((0, 10, 0), weights)
        athens = dataclasses.replace(
            wanted.members[0],
            cloud=dataclasses.replace(wanted.members[0].cloud, state='DOWN'),
        )
        wanted = dataclasses.replace(
            wanted, members=(athens, *wanted.members[1:])
        )

        self.assertEqual({}, updates(plan.make(wanted, NOW)))

    def test_nothing_ends_while_nothing_may_be_changed(self):
        lost = {'others': {'cloud_state': 'DOWN'}}
        for planned in (
            plan.make(waiting((0, 0, 0), **lost), NOW, 'No.'),
            plan.make(waiting((0, 0, 0), paused=True, **lost), NOW),
        ):
            self.assertEqual(['cairo'], failed_over(planned))


class TestShare(base.BaseTestCase):
    def test_outage_and_missing_permission_take_precedence_over_waiting(self):
        for share, known in (
            (rules.Share.SPREAD, {'cloud_state': 'DOWN'}),
            (rules.Share.SPREAD, {'id': None}),
            (rules.Share.HELD, {'allowed': False}),
            (rules.Share.WAITING, {'cloud_state': 'UNKNOWN'}),
            (rules.Share.WAITING, {'cloud_state': 'UNSEEN'}),
            (rules.Share.WAITING, {}),
        ):
            found = member('cairo', '0.2', 2, failed_over=True, **known)
            self.assertIs(share, found.share, known)
