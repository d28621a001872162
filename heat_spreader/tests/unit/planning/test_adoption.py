# SPDX-License-Identifier: Apache-2.0
import decimal
import fractions

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader import states
from heat_spreader.planning import adoption
from heat_spreader.planning import specification
from heat_spreader.planning import spread
from heat_spreader.tests.unit.planning import strategies


def running(**counts):
    return [adoption.Running(cloud, n) for cloud, n in counts.items()]


# Each case is of up to ten clouds.
SETTINGS = hypothesis.settings(strategies.CONTRACT, max_examples=500)


@st.composite
def counts(draw, largest=adoption.LARGEST):
    """Counts of up to ten clouds, zeros included, of any size."""
    size = draw(st.integers(1, 10))
    highest = draw(st.sampled_from([3, 100, largest // size]))
    drawn = draw(
        st.lists(st.integers(0, highest), min_size=size, max_size=size)
    )
    hypothesis.assume(sum(drawn))
    return {f'cloud{number}': count for number, count in enumerate(drawn)}


class TestContract(base.BaseTestCase):
    @SETTINGS
    @hypothesis.given(counts(), st.uuids())
    def test_spreading_the_total_gives_the_counts_again(self, given, uuid):
        found = adoption.adopt(running(**given))

        spec = specification.create(
            {
                'name': 'web',
                'stack_name': 'web',
                'count_parameter': 'size',
                'count': found.count,
                'weights': {
                    # As the column keeps them.
                    cloud: int(weight / fractions.Fraction(states.WEIGHT_STEP))
                    * states.WEIGHT_STEP
                    for cloud, weight in found.weights.items()
                },
            }
        )
        self.assertEqual(1, spec.weight)
        self.assertTrue(spec.complete)
        result = spread.spread(str(uuid), spec)
        self.assertEqual((given, 0), (result.targets, result.unplaced))


class TestExamples(base.BaseTestCase):
    def weights(self, **given):
        found = adoption.adopt(running(**given)).weights
        return {
            cloud: str(decimal.Decimal(w.numerator) / w.denominator)
            for cloud, w in found.items()
        }

    def test_weights_are_the_proportions(self):
        self.assertEqual(
            {'athens': '0.6', 'berlin': '0.2', 'cairo': '0.2'},
            self.weights(athens=6, berlin=2, cairo=2),
        )

    def test_a_cloud_without_instances_is_a_standby(self):
        self.assertEqual(
            {'athens': '1', 'berlin': '0'}, self.weights(athens=3, berlin=0)
        )

    def test_weights_that_are_not_round_add_up_to_1(self):
        self.assertEqual(
            {'athens': '0.333334', 'berlin': '0.333333', 'cairo': '0.333333'},
            self.weights(athens=1, berlin=1, cairo=1),
        )

    def test_the_largest_total_is_exact_where_rounding_is_worst(self):
        # Nine clouds lose almost as much as the one that is rounded up.
        count = adoption.LARGEST // 10 - 1
        given = {f'c{number}': count for number in range(9)}
        given['last'] = adoption.LARGEST - sum(given.values())
        found = adoption.adopt(running(**given))
        parts = tuple(
            specification.Part(cloud, weight)
            for cloud, weight in sorted(found.weights.items())
        )
        spec = specification.Specification(
            name='web',
            stack_name='web',
            count_parameter='size',
            count=found.count,
            parts=parts,
        )

        self.assertEqual(given, spread.spread('id', spec).targets)


class TestRefusals(base.BaseTestCase):
    def refused(self, *running):
        exc = self.assertRaises(
            adoption.CannotAdopt, adoption.adopt, list(running)
        )
        return str(exc)

    def test_every_cloud_that_is_not_read_is_named(self):
        self.assertEqual(
            'Not every count is known. The stack in berlin has not been read '
            'yet. cairo is down. Adopt the stack without berlin and cairo, or '
            'try again when all can be read.',
            self.refused(
                adoption.Running('athens', 3),
                adoption.Running('berlin', None),
                # What was read before says nothing about now.
                adoption.Running(
                    'cairo',
                    2,
                    states.MemberState.UNREACHABLE,
                    'cairo is down.',
                ),
            ),
        )

    def test_nothing_has_no_proportions(self):
        self.assertIn('Every count is 0', self.refused(*running(a=0, b=0)))

    def test_a_total_that_weights_cannot_give_is_refused(self):
        self.assertIn(
            'The counts add up to 500001.',
            self.refused(*running(a=adoption.LARGEST, b=1)),
        )
