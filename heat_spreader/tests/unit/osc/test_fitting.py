# SPDX-License-Identifier: Apache-2.0
import hypothesis
from hypothesis import strategies
from oslotest import base

from heat_spreader.osc import fitting

TEXTS = strategies.text('ab -\n', max_size=40)


class TestWidths(base.BaseTestCase):
    def test_columns_with_room_keep_their_widths(self):
        rows = [['athens', '10'], ['bo', '100']]

        self.assertEqual([6, 5], fitting.widths(['Name', 'Count'], rows, 11))

    def test_widest_column_is_made_narrower_and_names_stay_whole(self):
        rows = [['north-europe-1', 'word ' * 20]]

        self.assertEqual([14, 26], fitting.widths(['Name', 'Why'], rows, 40))

    def test_names_stay_whole_before_addresses_do(self):
        rows = [['north-europe-1', 'at https://keystone.example.org:5000/v3']]

        self.assertEqual([14, 14], fitting.widths(['Name', 'Why'], rows, 28))
        self.assertEqual([14, 24], fitting.widths(['Name', 'Why'], rows, 38))

    def test_columns_that_cannot_fit_have_no_widths(self):
        rows = [['a' * 20, 'b' * 20]]

        self.assertEqual([10, 10], fitting.widths(['A', 'B'], rows, 20))
        self.assertIsNone(fitting.widths(['A', 'B'], rows, 19))
        # A title is never cut.
        self.assertIsNone(fitting.widths(['A', 'A long title'], rows, 21))

    @hypothesis.given(
        strategies.lists(strategies.lists(TEXTS, min_size=3, max_size=3)),
        strategies.integers(1, 80),
    )
    def test_wrapped_cells_are_as_wide_as_their_columns(self, rows, room):
        sizes = fitting.widths(['A', 'B', 'C'], rows, room)

        hypothesis.assume(sizes is not None)
        self.assertLessEqual(sum(sizes), room)
        for row in rows:
            for text, size in zip(row, sizes, strict=True):
                for line in fitting.lines(text, max(1, size)):
                    self.assertLessEqual(len(line), max(1, size))


class TestLines(base.BaseTestCase):
    def test_long_line_is_continued_further_right(self):
        self.assertEqual(
            ['one two', '  three', 'four'],
            fitting.lines('one two three\nfour', 7, '  '),
        )

    def test_names_are_broken_only_if_they_are_too_long(self):
        self.assertEqual(['in', 'north-1'], fitting.lines('in north-1', 8))
        self.assertEqual(
            ['north-eu', 'rope'], fitting.lines('north-europe', 8)
        )
