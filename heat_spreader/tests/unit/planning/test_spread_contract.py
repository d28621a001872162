# SPDX-License-Identifier: Apache-2.0
"""The contract of spreading, each property on 10,000 cases at least."""

import dataclasses
import fractions
import math
import random

import hypothesis
from hypothesis import strategies as st
from oslotest import base

from heat_spreader.planning import spread
from heat_spreader.tests.unit.planning import strategies


class TestSpreadContract(base.BaseTestCase):
    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications())
    def test_sum_of_the_targets_is_exact(self, spec):
        number = min(
            spec.count,
            math.ceil(spec.count * sum(p.weight for p in spec.parts)),
        )

        result = spread.spread(spec.name, spec)

        self.assertEqual(number, sum(result.targets.values()))
        self.assertEqual(0, result.unplaced)

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications())
    def test_every_cloud_gets_the_floor_or_the_ceiling(self, spec):
        result = spread.spread(spec.name, spec)

        for part in spec.parts:
            quota = spec.count * part.weight
            self.assertIn(
                result.targets[part.cloud],
                (math.floor(quota), math.ceil(quota)),
            )

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications())
    def test_whole_products_are_met_exactly(self, spec):
        scaled = dataclasses.replace(
            spec,
            count=20,
            parts=tuple(
                dataclasses.replace(
                    p, weight=fractions.Fraction(math.floor(p.weight * 20), 20)
                )
                for p in spec.parts
            ),
        )

        result = spread.spread(spec.name, scaled)

        for part in scaled.parts:
            self.assertEqual(20 * part.weight, result.targets[part.cloud])

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications(limits=True))
    def test_minima_and_maxima_are_respected(self, spec):
        result = spread.spread(spec.name, spec)

        for part in spec.parts:
            self.assertTrue(
                part.min_count <= result.targets[part.cloud] <= part.limit
            )
        self.assertEqual(
            spec.total, sum(result.targets.values()) + result.unplaced
        )
        if result.unplaced:
            self.assertTrue(
                all(
                    result.targets[p.cloud] == p.limit
                    for p in spec.parts
                    if p.weight
                )
            )

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications(limits=True), st.data())
    def test_no_cloud_loses_because_others_fail(self, spec, data):
        clouds = [part.cloud for part in spec.parts]
        down = data.draw(st.sets(st.sampled_from(clouds)))

        before = spread.spread(spec.name, spec).targets
        after = spread.spread(
            spec.name, spec, spread.Restrictions(frozenset(down))
        )

        for cloud in set(clouds) - down:
            self.assertGreaterEqual(after.targets[cloud], before[cloud])
        self.assertEqual(
            spec.total, sum(after.targets.values()) + after.unplaced
        )

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications(limits=True), st.data())
    def test_held_counts_stay_and_the_total_is_not_exceeded(self, spec, data):
        clouds = [part.cloud for part in spec.parts]
        down = data.draw(st.sets(st.sampled_from(clouds)))
        held = data.draw(
            st.dictionaries(
                st.sampled_from(clouds),
                st.one_of(st.none(), st.integers(0, spec.count + 5)),
            )
        )

        result = spread.spread(
            spec.name, spec, spread.Restrictions(frozenset(down), held=held)
        )

        kept = 0
        for cloud in held.keys() - down:
            if held[cloud] is not None:
                self.assertEqual(held[cloud], result.targets[cloud])
            kept += result.targets[cloud]
        self.assertEqual(
            max(spec.total, sum(result.targets.values())),
            sum(result.targets.values()) + result.unplaced,
        )
        left = sum(result.targets[cloud] for cloud in down)
        self.assertLessEqual(
            sum(result.targets.values()),
            max(spec.total, kept + left),
        )

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications(limits=True), st.data())
    def test_effective_weights_keep_their_sum(self, spec, data):
        clouds = [part.cloud for part in spec.parts]
        down = data.draw(st.sets(st.sampled_from(clouds)))
        hypothesis.assume(len(down) < len(clouds))

        result = spread.spread(
            spec.name, spec, spread.Restrictions(frozenset(down))
        )

        self.assertEqual(
            sum(part.weight for part in spec.parts),
            sum(result.effective_weights.values()),
        )

    @strategies.CONTRACT
    @hypothesis.given(strategies.specifications(limits=True), st.data())
    def test_order_of_the_clouds_does_not_matter(self, spec, data):
        clouds = [part.cloud for part in spec.parts]
        down = data.draw(st.sets(st.sampled_from(clouds)))
        held = data.draw(
            st.dictionaries(st.sampled_from(clouds), st.integers(0, 20))
        )
        shuffled = list(spec.parts)
        random.Random(data.draw(st.integers(0, 99))).shuffle(shuffled)

        self.assertEqual(
            spread.spread(
                spec.name,
                spec,
                spread.Restrictions(frozenset(down), held=held),
            ),
            spread.spread(
                spec.name,
                dataclasses.replace(spec, parts=tuple(shuffled)),
                spread.Restrictions(
                    frozenset(sorted(down, reverse=True)),
                    held=dict(reversed(held.items())),
                ),
            ),
        )


@st.composite
def orders(draw):
    """A specification, and clouds that are drained and cordoned or drained.

    :returns: the specification, the drained clouds, and what each cloud that
        may get nothing more keeps
    """
    spec = draw(strategies.specifications(limits=True))
    clouds = st.sampled_from([part.cloud for part in spec.parts])
    drained = draw(st.sets(clouds))
    cordoned = draw(st.sets(clouds))
    counts = st.one_of(st.none(), st.integers(0, spec.count + 5))
    return spec, drained, {c: draw(counts) for c in drained | cordoned}


class TestOrders(base.BaseTestCase):
    @hypothesis.settings(strategies.CONTRACT, max_examples=3_000)
    @hypothesis.given(strategies.specifications(limits=True))
    def test_short_way_without_trouble_leads_to_the_same(self, spec):
        self.assertEqual(
            spread.spread(spec.name, spec, spread.Restrictions()),
            spread.spread(spec.name, spec),
        )

    @hypothesis.settings(strategies.CONTRACT, max_examples=3_000)
    @hypothesis.given(orders())
    def test_sum_is_exact_and_nothing_grows_that_may_not(self, ordered):
        spec, drained, keeps = ordered
        result = spread.spread(
            spec.name, spec, spread.Restrictions(drained=drained, keeps=keeps)
        )

        self.assertEqual(
            spec.total, sum(result.targets.values()) + result.unplaced
        )
        for cloud, count in keeps.items():
            if count is not None:
                self.assertLessEqual(result.targets[cloud], count)
        if not result.unplaced:
            return
        # Only where every cloud has all that it may have.
        for part in spec.parts:
            limit = part.limit
            if keeps.get(part.cloud) is not None:
                limit = min(limit, keeps[part.cloud])
            if result.effective_weights[part.cloud]:
                self.assertGreaterEqual(result.targets[part.cloud], limit)

    @hypothesis.settings(strategies.CONTRACT, max_examples=3_000)
    @hypothesis.given(orders())
    def test_no_cloud_loses_because_others_are_drained(self, ordered):
        spec, drained, keeps = ordered
        before = spread.spread(spec.name, spec).targets
        after = spread.spread(
            spec.name, spec, spread.Restrictions(drained=drained, keeps=keeps)
        ).targets

        for cloud in before.keys() - keeps.keys():
            self.assertGreaterEqual(after[cloud], before[cloud])

    @hypothesis.settings(strategies.CONTRACT, max_examples=3_000)
    @hypothesis.given(orders())
    def test_outage_of_drained_clouds_changes_no_other_target(self, ordered):
        spec, drained, keeps = ordered
        # What stays by a minimum is lost, and replaced.
        spec = dataclasses.replace(
            spec,
            parts=tuple(
                dataclasses.replace(p, min_count=0)
                if p.cloud in drained
                else p
                for p in spec.parts
            ),
        )
        restrictions = spread.Restrictions(drained=drained, keeps=keeps)
        before = spread.spread(spec.name, spec, restrictions)
        after = spread.spread(
            spec.name,
            spec,
            dataclasses.replace(restrictions, cannot_serve=drained),
        )

        for cloud in before.targets.keys() - drained:
            self.assertEqual(before.targets[cloud], after.targets[cloud])
        self.assertEqual(before.effective_weights, after.effective_weights)
