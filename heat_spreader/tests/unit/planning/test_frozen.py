# SPDX-License-Identifier: Apache-2.0
"""When nothing may be changed anywhere, and why."""

import dataclasses
import datetime

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import health

NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


class TestFrozen(base.BaseTestCase):
    def clouds(self, *names):
        return [
            facts.Cloud(f'cloud-{number}', states.CloudState(name))
            for number, name in enumerate(names)
        ]

    def test_no_cloud_reachable_freezes(self):
        self.assertIn('No cloud', health.frozen(self.clouds('DOWN'), 0))

    def test_clouds_that_only_the_engine_does_not_reach_freeze(self):
        self.assertIn(
            'No cloud', health.frozen(self.clouds('UNSEEN', 'DOWN'), 0)
        )
        self.assertIsNone(
            health.frozen(self.clouds('UNSEEN', 'UNSEEN', 'UP'), 1)
        )

    def test_one_cloud_left_does_not_freeze(self):
        clouds = self.clouds('DOWN', 'DOWN', 'UP')

        self.assertIsNone(health.frozen(clouds, 0))

    def test_more_down_than_allowed_freezes(self):
        clouds = self.clouds('DOWN', 'DOWN', 'UP')

        self.assertIsNone(health.frozen(clouds, 2))
        self.assertIn('2 clouds are down', health.frozen(clouds, 1))

    def test_freeze_says_which_clouds_are_down_since_when(self):
        clouds = [
            facts.Cloud('athens', health.DOWN, NOW),
            facts.Cloud('berlin', health.UP, NOW),
            facts.Cloud('cairo', health.DOWN, NOW + 61 * SECOND),
        ]

        self.assertIn(
            '(athens since 2026-01-01 00:00:00 UTC, cairo since '
            '2026-01-01 00:01:01 UTC)',
            health.frozen(clouds),
        )

    def test_unless_set_fewer_than_half_may_be_down_and_one_in_any_case(self):
        allowed = {}
        for number in range(2, 8):
            for down in range(1, number):
                clouds = ['DOWN'] * down + ['UP'] * (number - down)
                if health.frozen(self.clouds(*clouds)) is None:
                    allowed[number] = down

        self.assertEqual({2: 1, 3: 1, 4: 1, 5: 2, 6: 2, 7: 3}, allowed)

    def test_clouds_that_come_back_together_freeze(self):
        first = facts.Cloud('a', health.UP, NOW + SECOND)
        second = facts.Cloud('b', health.RECOVERING, NOW)
        down = facts.Cloud('c', health.DOWN, NOW)

        self.assertIn('coming back', health.frozen([first, second, down], 0))
        self.assertIsNone(health.frozen([first, down], 0))

    def test_cloud_that_answers_just_after_the_first_is_up_is_waited_for(self):
        first = facts.Cloud('a', health.UP, NOW + SECOND)
        for seconds, waited in ((2, True), (100, True), (200, False)):
            second = facts.Cloud(
                'b',
                health.RECOVERING,
                NOW + seconds * SECOND,
                outages=(NOW - SECOND,),
            )
            reason = health.frozen([first, second], 0)
            self.assertEqual(waited, reason is not None, seconds)

    def test_single_recovering_cloud_does_not_freeze(self):
        up = facts.Cloud('a', health.UP, NOW)
        back = facts.Cloud('b', health.RECOVERING, NOW + SECOND)

        self.assertIsNone(health.frozen([up, back], 0))

    def test_cloud_that_was_not_surveyed_since_the_first_return_freezes(self):
        first = facts.Cloud('a', health.UP, NOW + 10 * SECOND)
        down = facts.Cloud('b', health.DOWN, NOW, checked_at=NOW + 9 * SECOND)

        self.assertIn('coming back', health.frozen([first, down], 0))
        surveyed = dataclasses.replace(down, checked_at=NOW + 11 * SECOND)
        self.assertIsNone(health.frozen([first, surveyed], 0))

    def test_outage_of_one_cloud_does_not_freeze_before_its_next_survey(self):
        up = facts.Cloud('a', health.UP, NOW)
        down = facts.Cloud('b', health.DOWN, NOW + SECOND, checked_at=NOW)

        self.assertIsNone(health.frozen([up, down], 0))

    def test_cloud_that_is_declared_down_does_not_count_as_down(self):
        clouds = self.clouds('DOWN', 'DOWN', 'UP')
        self.assertIn('--declare down', health.frozen(clouds, 1))

        clouds[0] = dataclasses.replace(
            clouds[0], declared=states.Declared.DOWN
        )
        self.assertIsNone(health.frozen(clouds, 1))

    def test_declared_state_decides_whether_any_cloud_is_reachable(self):
        up, down = self.clouds('UP', 'DOWN')
        declared_down = dataclasses.replace(up, declared=states.Declared.DOWN)
        declared_up = dataclasses.replace(down, declared=states.Declared.UP)

        self.assertIn('No cloud', health.frozen([declared_down, down], 0))
        self.assertIsNone(health.frozen([declared_up, down], 0))

    def test_declared_cloud_does_not_come_back(self):
        first = facts.Cloud('a', health.UP, NOW + SECOND)
        second = facts.Cloud('b', health.RECOVERING, NOW)
        self.assertIn('coming back', health.frozen([first, second], 0))

        second = dataclasses.replace(second, declared=states.Declared.DOWN)
        self.assertIsNone(health.frozen([first, second], 0))

    def test_cloud_that_is_drained_is_reachable(self):
        use = facts.Use(states.AdminState.DRAINED)
        one = facts.Cloud('a', health.UP, NOW, use=use)

        self.assertIsNone(health.frozen([one], 0))

    def test_no_clouds_at_all_is_not_frozen(self):
        self.assertIsNone(health.frozen([], 0))
