# SPDX-License-Identifier: Apache-2.0
"""What a drill has shown."""

import dataclasses

from oslotest import base

from heat_spreader import states
from heat_spreader.planning import drill
from heat_spreader.planning import facts
from heat_spreader.tests.unit.planning import stories

SINCE = stories.ORDER.since.isoformat()


class TestNote(base.BaseTestCase):
    def note(self, before, missing, unplaced, **use):
        member = stories.member('athens', '1', 3)
        use = {'state': states.AdminState.DRAINING, 'drill': True, **use}
        cloud = dataclasses.replace(
            member.cloud, use=facts.Use(order=stories.ORDER, **use)
        )
        member = dataclasses.replace(member, cloud=cloud)
        return drill.of_member(member, before, missing, unplaced)

    def test_worst_of_all_passes_is_kept(self):
        first = self.note({}, 0, 3)
        self.assertEqual(drill.Note(SINCE, 0, 3), first)
        self.assertEqual(
            drill.Note(SINCE, 2, 3), self.note(first.values, 2, 1)
        )

    def test_note_of_an_earlier_drill_is_forgotten(self):
        before = {'since': 'earlier', 'missing': 5, 'unplaced': 5}

        self.assertEqual(drill.Note(SINCE, 0, 1), self.note(before, 0, 1))

    def test_there_is_no_note_without_a_drill(self):
        self.assertIsNone(self.note({}, 1, 1, drill=False))
        self.assertIsNone(self.note({}, 1, 1, state=states.AdminState.ENABLED))


class TestReport(base.BaseTestCase):
    def test_drill_without_problems_is_a_short_sentence(self):
        self.assertEqual(
            'the others carried it after 3 min 10 s, nothing was unplaced, '
            'and ready capacity never went below the total.',
            drill.Report(190, {}, {}).sentence,
        )

    def test_problems_are_counted_and_no_stack_is_named(self):
        unplaced = {'id-of-web': 4, 'id-of-shop': 1}
        self.assertEqual(
            'the others never carried all of it, 5 of 2 stacks were unplaced, '
            'and ready capacity went below the total by 1 of 1 stack.',
            drill.Report(None, unplaced, {'id-of-web': 1}).sentence,
        )

    def test_durations_are_in_the_units_that_people_use(self):
        self.assertEqual(
            ['0 s', '59 s', '2 min', '1 h 1 s'],
            [drill.duration(n) for n in (0, 59, 120, 3601)],
        )
