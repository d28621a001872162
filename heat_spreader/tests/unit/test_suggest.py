# SPDX-License-Identifier: Apache-2.0
from oslotest import base

from heat_spreader import suggest


class TestSuggestions(base.BaseTestCase):
    def test_nearest_name_comes_first(self):
        names = ['berlin', 'athens', 'athena']

        self.assertEqual(
            ['athens', 'athena'], suggest.nearest('athnes', names)
        )

    def test_swapped_letters_are_nearer_than_others(self):
        self.assertEqual(
            ['east', 'west'], suggest.nearest('esat', ['east', 'west'])
        )

    def test_case_does_not_matter_and_the_name_is_as_it_is_written(self):
        self.assertEqual(['Berlin'], suggest.nearest('BERLIN', ['Berlin']))

    def test_the_begin_of_a_long_name_is_near(self):
        names = ['web-frontend-of-the-shop', 'db']

        self.assertEqual(names[:1], suggest.nearest('web', names))

    def test_what_is_not_near_is_not_suggested(self):
        for name in ('', 'zzz', '🔥'):
            self.assertEqual([], suggest.nearest(name, ['athens', 'berlin']))
            self.assertEqual('', suggest.did_you_mean(name, ['athens']))

    def test_at_most_three_are_named_in_one_question(self):
        names = [f'web{n}' for n in range(9)]

        self.assertEqual(3, len(suggest.nearest('web', names)))
        self.assertEqual(
            "Did you mean 'web0', 'web1' or 'web2'?",
            suggest.question(names[:3]),
        )
        self.assertEqual(
            "Did you mean 'athens'?", suggest.did_you_mean('athen', ['athens'])
        )

    def test_only_the_begin_of_a_name_is_compared(self):
        """What two long names would take is more than anyone waits for."""
        name = 'athens' + 'ab' * 10**6

        self.assertEqual([name], suggest.nearest(name + 'b', [name]))
