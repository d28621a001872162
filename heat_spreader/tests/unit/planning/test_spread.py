# SPDX-License-Identifier: Apache-2.0
"""Spreading by examples; test_spread_contract.py has the properties."""

import collections
import fractions

from oslotest import base

from heat_spreader.planning import specification
from heat_spreader.planning import spread

THIRDS = {
    'athens': '0.333333',
    'berlin': '0.333333',
    'cairo': '0.333333',
}
USUAL = {'athens': '0.6', 'berlin': '0.2', 'cairo': '0.2'}


def specify(count, weights, failover='even', stack_id='id', **limits):
    return specification.Specification(
        name=stack_id,
        stack_name='web',
        count_parameter='size',
        count=count,
        failover=failover,
        parts=tuple(
            specification.Part(
                cloud, fractions.Fraction(weight), *limits.get(cloud, ())
            )
            for cloud, weight in weights.items()
        ),
    )


def spread_of(wanted, *args):
    """The spread of a specification, whose name is that of its stack."""
    return spread.spread(wanted.name, wanted, *args)


def targets(*args, cannot_serve=(), drained=(), held=(), keeps=(), **kwargs):
    restrictions = spread.Restrictions(
        frozenset(cannot_serve), frozenset(drained), dict(held), dict(keeps)
    )
    return spread_of(specify(*args, **kwargs), restrictions).targets


class TestExamples(base.BaseTestCase):
    def test_ten_instances_at_06_02_02_are_6_2_2(self):
        self.assertEqual(
            {'athens': 6, 'berlin': 2, 'cairo': 2}, targets(10, USUAL)
        )

    def test_even_failover_of_the_third_cloud_is_7_3_0(self):
        result = spread_of(specify(10, USUAL), spread.Restrictions({'cairo'}))

        self.assertEqual(
            {'athens': 7, 'berlin': 3, 'cairo': 0}, result.targets
        )
        self.assertEqual(
            {
                'athens': fractions.Fraction('0.7'),
                'berlin': fractions.Fraction('0.3'),
                'cairo': 0,
            },
            result.effective_weights,
        )

    def test_proportional_failover_divides_by_weight(self):
        result = spread_of(
            specify(12, USUAL, 'proportional'), spread.Restrictions({'cairo'})
        )

        self.assertEqual(
            {'athens': 9, 'berlin': 3, 'cairo': 0}, result.targets
        )

    def test_no_failover_leaves_the_share_where_it_is(self):
        result = spread_of(
            specify(10, USUAL, 'none'), spread.Restrictions({'athens'})
        )

        self.assertEqual(
            {'athens': 6, 'berlin': 2, 'cairo': 2}, result.targets
        )
        self.assertEqual(0, result.unplaced)

    def test_standby_takes_over_although_it_has_no_weight(self):
        weights = {'athens': '1', 'standby': '0'}

        self.assertEqual({'athens': 4, 'standby': 0}, targets(4, weights))
        for failover in ('even', 'proportional'):
            self.assertEqual(
                {'athens': 0, 'standby': 4},
                targets(4, weights, failover, cannot_serve={'athens'}),
            )

    def test_five_at_thirds_sums_to_five(self):
        self.assertEqual(5, sum(targets(5, THIRDS).values()))

    def test_eleventh_instance_moves_one_cloud_only(self):
        before, after = targets(10, USUAL), targets(11, USUAL)

        self.assertEqual(
            [0, 0, 1], sorted(after[cloud] - before[cloud] for cloud in before)
        )

    def test_weights_below_one_place_less_than_the_count(self):
        self.assertEqual({'athens': 9}, targets(10, {'athens': '0.9'}))

    def test_held_surplus_is_taken_from_the_others(self):
        self.assertEqual(
            {'athens': 8, 'berlin': 1, 'cairo': 1},
            targets(10, USUAL, held={'athens': 8}),
        )

    def test_shortage_of_a_held_cloud_is_given_to_the_others(self):
        self.assertEqual(
            {'athens': 2, 'berlin': 4, 'cairo': 4},
            targets(10, USUAL, held={'athens': 2}),
        )

    def test_held_cloud_of_unknown_count_keeps_its_share_free(self):
        self.assertEqual(
            {'athens': 6, 'berlin': 2, 'cairo': 2},
            targets(10, USUAL, held={'athens': None}),
        )

    def test_held_total_wins_over_minima(self):
        self.assertEqual(
            {'athens': 10, 'berlin': 0, 'cairo': 0},
            targets(10, USUAL, held={'athens': 10}, berlin=(2,)),
        )

    def test_full_cloud_spills_to_the_others(self):
        self.assertEqual(3, targets(10, USUAL, athens=(0, 3))['athens'])
        self.assertEqual(10, sum(targets(10, USUAL, athens=(0, 3)).values()))

    def test_instances_that_fit_in_no_cloud_are_unplaced(self):
        limits = dict.fromkeys(USUAL, (0, 2))

        result = spread_of(specify(10, USUAL, **limits))

        self.assertEqual([2, 2, 2], list(result.targets.values()))
        self.assertEqual(4, result.unplaced)

    def test_everything_is_unplaced_when_no_cloud_can_serve(self):
        result = spread_of(specify(10, USUAL), spread.Restrictions(set(USUAL)))

        self.assertEqual(0, sum(result.targets.values()))
        self.assertEqual(10, result.unplaced)

    def test_nothing_is_placed_without_weights(self):
        result = spread_of(specify(10, {}))

        self.assertEqual(({}, 0), (result.targets, result.unplaced))

    def test_single_instances_are_distributed_evenly_over_clouds(self):
        winners = collections.Counter()
        for number in range(3000):
            result = targets(1, THIRDS, stack_id=f'stack-{number}')
            winners[max(result, key=result.get)] += 1

        for cloud in THIRDS:
            self.assertTrue(900 < winners[cloud] < 1100, winners)
