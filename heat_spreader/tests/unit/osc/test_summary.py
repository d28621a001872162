# SPDX-License-Identifier: Apache-2.0
import itertools
import types

from oslotest import base

from heat_spreader.osc import summary

STACK = '6a3f4e0c-7c5b-4f0d-9a52-0d8f9e1b2c3d'


class TestSummarize(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.events, self.numbers = [], itertools.count()

    def add(self, kind, message, stack_id=STACK, request=None, **details):
        number = next(self.numbers)
        self.events.append(
            types.SimpleNamespace(
                kind=kind,
                message=message,
                stack_id=stack_id,
                cloud=details.pop('cloud', None),
                request_id=request or f'req-{number}',
                created_at=f'2026-12-01T12:00:{number:02}Z',
                details={'changes': details},
            )
        )

    def cloud(self, before, after, name='cairo'):
        self.add(
            'CLOUD_STATE',
            f'{name}: {before} -> {after}.',
            stack_id=None,
            cloud=name,
            state=[before, after],
        )

    def patch(self, message, request, **changes):
        self.add('MEMBER_PATCHED', message, request=request, **changes)

    def status(self, before, after):
        self.add(
            'STACK_STATUS',
            f'web: {before} -> {after}.',
            status=[before, after],
        )

    def summarized(self):
        return [each.message for each in summary.summarize(self.events)]

    def test_an_outage_is_four_things(self):
        self.cloud('UP', 'SUSPECT')
        self.cloud('SUSPECT', 'DOWN')
        self.patch('athens: 6 -> 7 because cairo is DOWN.', 'pass-1')
        self.patch(
            'berlin: 2 -> 3 because cairo is DOWN. web: ACTIVE -> SCALING.',
            'pass-1',
            status=['ACTIVE', 'SCALING'],
        )
        self.status('SCALING', 'DEGRADED')
        self.cloud('DOWN', 'RECOVERING')
        self.cloud('RECOVERING', 'UP')
        self.patch(
            'cairo: 0 -> 2 because it grows. web: DEGRADED -> SCALING.',
            'pass-2',
            status=['DEGRADED', 'SCALING'],
        )
        self.patch('athens: 7 -> 6 because it shrinks.', 'pass-3')
        self.status('SCALING', 'ACTIVE')

        self.assertEqual(
            [
                'cairo: SUSPECT -> DOWN.',
                'athens: 6 -> 7, berlin: 2 -> 3 because cairo is DOWN. web: '
                'ACTIVE -> SCALING. web: SCALING -> DEGRADED.',
                'cairo: RECOVERING -> UP.',
                'cairo: 0 -> 2 because it grows. web: DEGRADED -> SCALING. '
                'athens: 7 -> 6 because it shrinks. web: SCALING -> ACTIVE.',
            ],
            self.summarized(),
        )
        self.assertEqual(
            '2026-12-01T12:00:02Z',
            summary.summarize(self.events)[1].created_at,
        )

    def test_updates_are_joined_by_their_reason(self):
        for message in (
            'a: 7 -> 6 because its share has shrunk.',
            'b: 3 -> 2 because its share has shrunk.',
            'c: 3 -> 2 because its share has shrunk. web: A -> B.',
            'd: 1 -> 2 because its last update failed.',
            'e: 1 -> 2 because its last update failed.',
        ):
            self.patch(message, 'pass-1')

        self.assertEqual(
            [
                'a: 7 -> 6, b: 3 -> 2, c: 3 -> 2 because the share of each '
                'has shrunk. web: A -> B. d: 1 -> 2 because its last update '
                'failed. e: 1 -> 2 because its last update failed.'
            ],
            self.summarized(),
        )

    def test_cloud_that_is_suspect_now_is_shown(self):
        self.cloud('UP', 'SUSPECT')
        self.cloud('UP', 'SUSPECT', name='athens')
        self.cloud('SUSPECT', 'UP', name='athens')

        self.assertEqual(
            ['cairo: UP -> SUSPECT.', 'athens: SUSPECT -> UP.'],
            self.summarized(),
        )

    def test_what_a_user_does_is_shown_for_itself(self):
        self.patch(
            'athens: 6 -> 7 because its share has grown. web: ACTIVE -> '
            'SCALING.',
            'pass-1',
            status=['ACTIVE', 'SCALING'],
        )
        self.add('STACK_CHANGED', 'Changed by the user u: count 10 -> 9.')
        self.patch('athens: 7 -> 6 because its share has shrunk.', 'pass-2')

        self.assertEqual(3, len(self.summarized()))

    def test_events_of_other_stacks_are_shown_apart(self):
        self.status('ACTIVE', 'SCALING')
        self.add(
            'STACK_STATUS',
            'api: SCALING -> ACTIVE.',
            stack_id='other',
            status=['SCALING', 'ACTIVE'],
        )

        self.assertEqual(2, len(self.summarized()))
