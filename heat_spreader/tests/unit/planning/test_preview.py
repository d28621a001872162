# SPDX-License-Identifier: Apache-2.0
"""What the engine would do, wave by wave, and under hypotheses."""

import dataclasses

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import facts
from heat_spreader.planning import preview
from heat_spreader.tests.unit.planning import stories

NOW = stories.NOW
member, stack = stories.member, stories.stack


def waves(found):
    """The new counts of each wave, by cloud."""
    return [{u.cloud: u.new for u in wave} for wave in found.waves]


class TestWaves(base.BaseTestCase):
    def test_growth_is_the_first_wave_and_shrinking_the_second(self):
        found = preview.make(
            stack(
                member('athens', '0.2', 6),
                member('berlin', '0.2', 2),
                member('cairo', '0.6', 2),
            ),
            NOW,
        )

        self.assertEqual([{'cairo': 6}, {'athens': 2}], waves(found))
        self.assertEqual(
            ('ACTIVE', True, ()),
            (found.last.status, found.ended, found.unread),
        )

    def test_stack_at_its_targets_has_no_waves(self):
        found = preview.make(stack(member('athens', '1', 10)), NOW)

        self.assertEqual([], waves(found))
        self.assertIs(found.first, found.last)

    def test_update_on_its_way_ends_before_what_waits_for_it(self):
        found = preview.make(
            stack(
                member('athens', '0.4', 6),
                member(
                    'berlin', '0.6', 6, status='UPDATE_IN_PROGRESS', ready=4
                ),
            ),
            NOW,
        )

        self.assertEqual('SCALING', found.first.status)
        self.assertEqual([{'athens': 4}], waves(found))
        self.assertEqual('ACTIVE', found.last.status)

    def test_unanswered_update_ends(self):
        found = preview.make(
            stack(
                member('athens', '0.4', 4, unanswered=True),
                member('berlin', '0.6', 4),
            ),
            NOW,
        )

        self.assertEqual([{'berlin': 6}], waves(found))
        self.assertEqual('ACTIVE', found.last.status)

    def test_unread_member_has_a_target_and_no_update(self):
        found = preview.make(
            stack(
                member('athens', '0.6', 10),
                member('berlin', '0.4', None, read=False),
            ),
            NOW,
        )

        self.assertEqual({'athens': 6, 'berlin': 4}, targets(found))
        self.assertEqual(
            ([], ('berlin',), 'PENDING'),
            (waves(found), found.unread, found.last.status),
        )

    def test_paused_stack_and_frozen_engine_send_nothing(self):
        members = member('athens', '1', 2)

        paused = preview.make(stack(members, paused=True), NOW)
        frozen = preview.make(stack(members), NOW, 'All are down.')

        self.assertEqual(([], 'PAUSED'), (waves(paused), paused.last.status))
        self.assertEqual(([], 'FROZEN'), (waves(frozen), frozen.last.status))

    def test_time_stands_still_so_a_later_attempt_is_no_wave(self):
        found = preview.make(
            stack(
                member(
                    'athens',
                    '1',
                    10,
                    status='UPDATE_FAILED',
                    ready=4,
                    retry_at=NOW + stories.MINUTE,
                )
            ),
            NOW,
        )

        self.assertEqual(([], 'ERROR'), (waves(found), found.last.status))

    def test_count_that_was_changed_in_heat_is_set_back_once(self):
        found = preview.make(
            stack(member('athens', '1', 12, sent_count=10)), NOW
        )

        self.assertEqual([{'athens': 10}], waves(found))
        self.assertEqual('ACTIVE', found.last.status)

    def test_cloud_that_was_replaced_waits_when_it_is_back(self):
        lost = stack(
            member('athens', '0.6', 6),
            member('berlin', '0.4', 4, 'DOWN'),
            failback='manual',
        )
        replaced = preview.make(lost, NOW)
        [athens, berlin] = lost.members
        berlin = dataclasses.replace(
            berlin,
            cloud=preview.in_service(berlin.cloud, NOW),
            failed_over=True,
        )
        athens = dataclasses.replace(
            athens, heat=dataclasses.replace(athens.heat, count=10, ready=10)
        )

        back = preview.make(
            dataclasses.replace(lost, members=(athens, berlin)), NOW
        )

        self.assertEqual([{'athens': 10}], waves(replaced))
        self.assertEqual([{'berlin': 0}], waves(back))
        self.assertIn('Waits for failback', back.last.status_reason)


def targets(found):
    return {m.cloud: m.target for m in found.last.members}


class TestHypotheses(base.BaseTestCase):
    def supposed(self, cloud, **hypotheses):
        hypotheses = preview.Hypotheses(
            **{name: frozenset(names) for name, names in hypotheses.items()}
        )
        found = preview.suppose({cloud.name: cloud}, hypotheses, NOW)
        return found[cloud.name]

    def test_cloud_that_is_not_named_stays_as_it_is(self):
        cloud = member('athens', '1', 1, 'SUSPECT').cloud

        self.assertIs(cloud, self.supposed(cloud, down=['berlin']))

    def test_lost_cloud_is_down_and_what_is_ordered_stays(self):
        cloud = member('athens', '1', 1, admin_state='CORDONED').cloud

        found = self.supposed(cloud, down=['athens'])

        self.assertEqual(
            (states.CloudState.DOWN, 'CORDONED', NOW),
            (found.state, found.admin_state, found.since),
        )

    def test_cloud_that_is_back_is_in_full_service(self):
        cloud = member(
            'athens', '1', 1, 'DOWN', admin_state='DRAINED', declared='DOWN'
        ).cloud

        found = self.supposed(cloud, back=['athens'])

        self.assertEqual(
            (states.CloudState.UP, facts.Use(), None),
            (found.state, found.use, found.declared),
        )

    def test_cloud_may_be_back_and_drained(self):
        cloud = member('athens', '1', 1, 'DOWN').cloud

        found = self.supposed(cloud, back=['athens'], drained=['athens'])

        self.assertEqual(
            (states.CloudState.UP, 'DRAINING'),
            (found.state, found.admin_state),
        )
