# SPDX-License-Identifier: Apache-2.0
"""Every transition of the health of a cloud."""

import datetime

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import health

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)
GOOD = health.SurveyOutcome.GOOD
FAILED = health.SurveyOutcome.FAILED
UNAUTHORIZED = health.SurveyOutcome.UNAUTHORIZED
MISCONFIGURED = health.SurveyOutcome.MISCONFIGURED
THROTTLED = health.SurveyOutcome.THROTTLED
SLOW = health.SurveyOutcome.SLOW
ONCE = health.Thresholds(1, 1)


def after(state, *sights, thresholds=None, confirmed=True):
    """The states that a cloud goes through, a second between the sights.

    :param confirmed: what the witnesses say each time, or the times when they
        confirm an outage
    """
    seen = facts.Cloud('athens', states.CloudState(state), NOW)
    passed = []
    for number, sight in enumerate(sights, 1):
        seen = health.update(
            seen,
            sight,
            '',
            thresholds or health.Thresholds(),
            NOW + number * SECOND,
            confirmed is True or (confirmed and number in confirmed),
        )
        passed.append(str(seen.state))
    return passed


class TestUpdate(base.BaseTestCase):
    def test_table_covers_every_state_and_outcome(self):
        wanted = {
            (state, sight)
            for state in states.CloudState
            for sight in health.SurveyOutcome
            if sight is not THROTTLED
        }

        self.assertEqual(wanted, set(health.TRANSITIONS))

    def test_new_cloud_is_up_when_it_answers(self):
        self.assertEqual(['UP'], after('UNKNOWN', GOOD))

    def test_slow_cloud_is_not_down(self):
        self.assertEqual(
            ['SUSPECT', 'SUSPECT', 'UP', 'SUSPECT', 'SUSPECT', 'UP'],
            after('UP', *[FAILED, FAILED, SLOW] * 2),
        )

    def test_slow_cloud_is_not_back_before_it_was_read(self):
        self.assertEqual(
            ['RECOVERING', 'RECOVERING', 'RECOVERING', 'UP'],
            after('DOWN', GOOD, SLOW, GOOD, GOOD),
        )
        for state in ('UNKNOWN', 'UNAUTHORIZED', 'MISCONFIGURED'):
            self.assertEqual(['UNKNOWN'], after(state, SLOW))
        self.assertEqual(['DOWN'], after('DOWN', SLOW))

    def test_new_cloud_needs_the_threshold_to_be_down(self):
        self.assertEqual(
            ['UNKNOWN', 'UNKNOWN', 'DOWN'], after('UNKNOWN', *[FAILED] * 3)
        )

    def test_third_failure_in_a_row_is_down(self):
        self.assertEqual(
            ['SUSPECT', 'SUSPECT', 'DOWN', 'DOWN'],
            after('UP', *[FAILED] * 4),
        )

    def test_one_failed_survey_after_a_long_healthy_run_moves_nothing(self):
        self.assertEqual('SUSPECT', after('UP', *[GOOD] * 50, FAILED)[-1])

    def test_success_resets_the_count_of_failures(self):
        flapping = after('UP', *[FAILED, FAILED, GOOD] * 10)

        self.assertNotIn('DOWN', flapping)

    def test_second_success_in_a_row_is_up(self):
        self.assertEqual(
            ['RECOVERING', 'UP', 'UP'], after('DOWN', GOOD, GOOD, GOOD)
        )

    def test_failure_resets_the_count_of_successes(self):
        flapping = after('DOWN', *[GOOD, FAILED] * 10)

        self.assertNotIn('UP', flapping)

    def test_thresholds_of_one_act_at_once(self):
        self.assertEqual(
            ['DOWN', 'UP'], after('UP', FAILED, GOOD, thresholds=ONCE)
        )

    def test_failover_delay_holds_the_failover(self):
        thresholds = health.Thresholds(failover_delay=4 * SECOND)

        self.assertEqual(
            [*['SUSPECT'] * 4, 'DOWN'],
            after('UP', *[FAILED] * 5, thresholds=thresholds),
        )

    def test_cloud_that_fails_again_while_it_recovers_is_down_at_once(self):
        thresholds = health.Thresholds(failover_delay=9 * SECOND)

        self.assertEqual(
            ['RECOVERING', 'DOWN'],
            after('DOWN', GOOD, FAILED, thresholds=thresholds),
        )

    def test_failback_delay_holds_the_return(self):
        thresholds = health.Thresholds(failback_delay=3 * SECOND)

        self.assertEqual(
            ['RECOVERING', 'RECOVERING', 'RECOVERING', 'UP'],
            after('DOWN', *[GOOD] * 4, thresholds=thresholds),
        )

    def test_each_outage_soon_after_another_doubles_what_a_return_takes(self):
        needed = [self.surveys_to_return(outages) for outages in range(1, 8)]

        self.assertEqual([2, 4, 8, 16, 32, 32, 32], needed)

    def surveys_to_return(self, outages, apart=SECOND, **thresholds):
        """How many good surveys bring a cloud back after its last outage."""
        thresholds = health.Thresholds(**thresholds)
        seen, now = facts.Cloud('athens', states.CloudState.UP, NOW), NOW
        for _ in range(outages):
            now += apart
            while seen.state != health.DOWN:
                seen = health.update(seen, FAILED, '', thresholds, now)
            surveys = 0
            while seen.state != health.UP:
                seen = health.update(seen, GOOD, '', thresholds, now)
                surveys += 1
        return surveys

    def test_outages_that_are_far_apart_double_nothing(self):
        window = 5 * SECOND

        self.assertEqual(
            [2, 4],
            [
                self.surveys_to_return(3, apart, flap_window=window)
                for apart in (5 * SECOND, 3 * SECOND)
            ],
        )

    def test_without_a_flap_window_no_outage_doubles_anything(self):
        self.assertEqual(
            2, self.surveys_to_return(5, flap_window=datetime.timedelta())
        )

    def test_cloud_that_fails_while_it_recovers_has_one_outage(self):
        seen = facts.Cloud('athens', states.CloudState.UP, NOW)
        for sight in [*[FAILED] * 3, *[GOOD, FAILED] * 5]:
            seen = health.update(seen, sight, '', health.Thresholds(), NOW)

        self.assertEqual((NOW,), seen.outages)

    def test_reason_says_what_a_cloud_that_recovers_needs(self):
        thresholds = health.Thresholds(failback_delay=90 * SECOND)
        seen = facts.Cloud(
            'athens', health.DOWN, NOW, outages=(NOW, NOW + SECOND)
        )
        seen = health.update(seen, GOOD, 'It is slow.', thresholds, NOW)

        self.assertEqual(
            'It is slow. It went down 2 times within 10 minutes, so it is UP '
            'only after 4 successful surveys in a row, instead of 2; still to '
            'come: 3. failback_delay holds it until 2026-01-01 00:01:30 UTC.',
            seen.reason,
        )

    def test_reason_of_a_single_outage_has_no_damping(self):
        seen = facts.Cloud('athens', health.DOWN, NOW, outages=(NOW,))
        seen = health.update(seen, GOOD, '', health.Thresholds(), NOW)

        self.assertEqual(
            'It is UP after 2 successful surveys in a row; still to come: 1.',
            seen.reason,
        )

    def test_unauthorized_is_neither_up_nor_down(self):
        for state in states.CloudState:
            self.assertEqual(['UNAUTHORIZED'], after(state, UNAUTHORIZED))

    def test_misconfigured_is_neither_up_nor_down(self):
        for state in states.CloudState:
            self.assertEqual(['MISCONFIGURED'], after(state, MISCONFIGURED))

    def test_misconfigured_cloud_is_up_when_it_answers(self):
        self.assertEqual(['UP'], after('MISCONFIGURED', GOOD))

    def test_misconfigured_cloud_can_go_down(self):
        self.assertEqual(
            ['MISCONFIGURED', 'MISCONFIGURED', 'DOWN'],
            after('MISCONFIGURED', *[FAILED] * 3),
        )

    def test_unauthorized_cloud_is_up_when_it_accepts_the_credentials(self):
        self.assertEqual(['UP'], after('UNAUTHORIZED', GOOD))

    def test_unauthorized_cloud_can_go_down(self):
        self.assertEqual(
            ['UNAUTHORIZED', 'UNAUTHORIZED', 'DOWN'],
            after('UNAUTHORIZED', *[FAILED] * 3),
        )

    def test_throttling_does_not_change_the_health(self):
        for state in states.CloudState:
            self.assertEqual([state], after(state, THROTTLED))

    def test_unchanged_cloud_gives_an_equal_value(self):
        for sight in (GOOD, FAILED, UNAUTHORIZED, MISCONFIGURED):
            seen = facts.Cloud('athens', states.CloudState.UP, NOW)
            for _ in range(5):
                before = seen
                seen = health.update(
                    seen, sight, 'why', health.Thresholds(), NOW
                )

            self.assertEqual(before, seen)

    def test_since_is_when_the_state_began(self):
        seen = facts.Cloud('athens', states.CloudState.UP, NOW)
        for number in range(1, 6):
            seen = health.update(
                seen, FAILED, '', health.Thresholds(), NOW + number * SECOND
            )

        self.assertEqual(NOW + 3 * SECOND, seen.since)


class TestVotes(base.BaseTestCase):
    """They decide what a cloud becomes that would be DOWN."""

    def test_outage_that_is_not_confirmed_is_unseen(self):
        for state in ('UP', 'UNKNOWN', 'UNAUTHORIZED', 'MISCONFIGURED'):
            self.assertEqual(
                ['UNSEEN', 'UNSEEN'],
                after(state, *[FAILED] * 4, confirmed=False)[2:],
            )

    def test_unseen_cloud_is_down_when_the_outage_is_confirmed(self):
        self.assertEqual(
            ['UNSEEN', 'UNSEEN', 'DOWN'],
            after('UP', *[FAILED] * 5, confirmed=[1, 2, 5])[2:],
        )

    def test_unseen_cloud_is_up_when_it_answers(self):
        self.assertEqual(['UP'], after('UNSEEN', GOOD))
        self.assertEqual(['UNKNOWN'], after('UNSEEN', SLOW))

    def test_confirmed_outage_needs_no_second_confirmation(self):
        self.assertEqual(
            ['DOWN', 'RECOVERING', 'DOWN', 'RECOVERING', 'UP'],
            after('DOWN', FAILED, GOOD, FAILED, GOOD, GOOD, confirmed=False),
        )

    def test_failover_delay_is_not_waited_for_twice(self):
        self.assertEqual(
            [*['SUSPECT'] * 4, 'UNSEEN', 'DOWN'],
            after(
                'UP',
                *[FAILED] * 6,
                thresholds=health.Thresholds(failover_delay=4 * SECOND),
                confirmed=[6],
            ),
        )

    def test_votes_are_needed_only_for_the_way_into_down(self):
        wanted = {'UP', 'UNSEEN', 'SUSPECT', 'UNKNOWN'}
        wanted |= {'UNAUTHORIZED', 'MISCONFIGURED'}
        for failures in (1, 2):
            found = {
                str(state)
                for state in states.CloudState
                for outcome in health.SurveyOutcome
                if health.depends_on_votes(
                    facts.Cloud('athens', state, NOW, failures=failures),
                    outcome,
                    health.Thresholds(),
                    NOW + SECOND,
                )
            }

            self.assertEqual(wanted if failures == 2 else set(), found)

    def test_reason_of_an_unseen_cloud_is_written_when_the_votes_change(self):
        before, later = (
            facts.Cloud('athens', health.UNSEEN, NOW, reason)
            for reason in ('2 of 3 reach it.', '3 of 3 reach it.')
        )

        self.assertTrue(health.has_changed(before, later))
        self.assertFalse(health.has_changed(before, before))


class TestForget(base.BaseTestCase):
    def test_restart_neither_forgets_nor_causes_an_outage(self):
        wanted = {
            'UNKNOWN': 'UNKNOWN',
            'UP': 'UNKNOWN',
            'SUSPECT': 'UNKNOWN',
            'DOWN': 'DOWN',
            'RECOVERING': 'RECOVERING',
            'UNAUTHORIZED': 'UNAUTHORIZED',
            'MISCONFIGURED': 'MISCONFIGURED',
            'UNSEEN': 'UNKNOWN',
        }
        for before, after_restart in wanted.items():
            seen = facts.Cloud('athens', states.CloudState(before), NOW)

            self.assertEqual(
                after_restart, health.forget(seen, NOW + SECOND).state
            )
