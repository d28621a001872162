# SPDX-License-Identifier: Apache-2.0
"""Previews and explanations, as a user asks for them."""

from heat_spreader.tests.functional.osc import base


class TestPreview(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        self.create('web', '--weight=east=0.6', '--weight=west=0.4')

    def targets(self, *words):
        return {
            member['cloud']: member['target_then']
            for member in self.ask(*words)['members']
        }

    def test_lost_cloud_is_previewed(self):
        self.assertEqual(
            {'east': 10, 'west': 0},
            self.targets('stack', 'preview', 'web', '--down=west'),
        )

    def test_change_is_previewed_and_not_made(self):
        self.assertEqual(
            {'east': 12, 'west': 8},
            self.targets('stack', 'set', 'web', '--count=20', '--dry-run'),
        )
        self.assertEqual(
            {'east': 3, 'west': 4},
            self.targets(
                *('stack', 'weight', 'set', 'web', 'east', '0.3'),
                '--dry-run',
            ),
        )

        stack = self.ask('stack', 'show', 'web')
        self.assertEqual((10, 1), (stack['count'], stack['generation']))

    def test_new_stack_is_previewed_and_not_created(self):
        self.assertEqual(
            {'east': 5},
            self.targets(
                *('stack', 'create', 'other', '--count=5'),
                *('--parameter=size', '--weight=east=1', '--dry-run'),
            ),
        )
        self.assertEqual(1, len(self.ask('stack', 'list')))

    def test_members_are_explained(self):
        shown = self.ask('stack', 'explain', 'web', 'east')

        self.assertEqual(
            ['10 x 0.6 = 6.0: 6 whole seats; no remainder.', 'Target: 6.'],
            shown['east']['why'],
        )
        self.assertEqual(
            ['The stack in east has not been read yet.'],
            shown['east']['waits'],
        )

    def test_unknown_cloud_is_refused_as_in_the_real_request(self):
        self.assertIn(
            'mars', self.fails('stack', 'preview', 'web', '--down=mars')
        )
