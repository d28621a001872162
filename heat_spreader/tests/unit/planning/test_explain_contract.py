# SPDX-License-Identifier: Apache-2.0
"""The sentences that explain a target are right, and lead to it."""

import re

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader.planning import explain
from heat_spreader.planning import facts
from heat_spreader.planning import plan
from heat_spreader.tests.unit.planning import stories
from heat_spreader.tests.unit.planning import strategies

NOW = stories.NOW
member = stories.member
# Each example explains up to six members.
SETTINGS = hypothesis.settings(strategies.CONTRACT, max_examples=1_000)


class TestContract(base.BaseTestCase):
    @SETTINGS
    @hypothesis.given(
        strategies.specifications(limits=True),
        st.lists(
            st.sampled_from(
                [
                    {},
                    {},
                    {'cloud_state': 'DOWN'},
                    {'cloud_state': 'UNAUTHORIZED'},
                    {'admin_state': 'CORDONED'},
                    {'admin_state': 'DRAINING'},
                    {'status': 'UPDATE_FAILED'},
                ]
            ),
            min_size=len(strategies.CLOUDS),
            max_size=len(strategies.CLOUDS),
        ),
        st.integers(0, 9),
    )
    def test_every_sum_is_right_and_leads_to_the_target(
        self, wanted, conditions, count
    ):
        members = tuple(
            member(
                part.cloud,
                part.weight,
                count,
                limits=(part.min_count, part.max_count),
                **condition,
            )
            for part, condition in zip(wanted.parts, conditions, strict=False)
        )
        planned = plan.make(facts.Stack('id', wanted, members), NOW)
        explanation = explain.Explanation(planned)
        for each in planned.members:
            sentences = explanation.target(each.cloud)
            self.assertEqual(f'Target: {each.target}.', sentences[-1])
            text = ' '.join(sentences)
            sums = re.findall(r'\b(\d+) ([+-]) (\d+)[^=().]*? = (\d+)', text)
            for first, sign, second, result in sums:
                total = int(first) + int(f'{sign}{second}')
                self.assertEqual(total, int(result), text)
            self.assertEqual(each.target, self.last(sentences), text)

    @staticmethod
    def last(sentences):
        """The number that the sentences before the target lead to."""
        value = 0
        for sentence in sentences[:-1]:
            for pattern in (
                r'= [\d.]+: (\d+) whole seats?;',
                r'The (?:minimum|maximum) is (\d+)\.$',
                r'came here: \d+ \+ 1 = (\d+)\.',
                r'(?:maximum|other clouds): (\d+)\.$',
                r'it keeps (\d+) of its share',
                r'\d+ [+-] \d+ [^=()]*= (\d+)[.:]',
                r'^\d+ - \d+ = (\d+):',
                r'held at the last count, (\d+)\.',
                r'share of (\d+) stays',
                r'does not serve this stack now: (\d+)',
            ):
                if found := re.search(pattern, sentence):
                    value = int(found[1])
            if found := re.search(r': its weight [\d.]+ goes', sentence):
                value = 0
            if stays := re.match('What stays: ', sentence):
                value = sum(
                    map(
                        int,
                        re.findall(
                            r'(\d+) (?:by|that)', sentence[stays.end() :]
                        ),
                    )
                )
        return value
