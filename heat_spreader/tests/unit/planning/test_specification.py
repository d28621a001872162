# SPDX-License-Identifier: Apache-2.0
"""The rules over what a user asks for, without a row."""

import decimal
import fractions

from oslotest import base

from heat_spreader.planning import specification

NEW = {
    'name': 'workers',
    'stack_name': 'workers',
    'count_parameter': 'size',
    'count': 10,
}


def weights(**given):
    return {cloud: decimal.Decimal(weight) for cloud, weight in given.items()}


class SpecificationTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.before = specification.create(
            {
                **NEW,
                'weights': weights(athens='0.6', berlin='0.2'),
                'members': {'berlin': {'min_count': 1, 'max_count': 3}},
            }
        )

    def change(self, **values):
        return specification.change(self.before, values)

    def assert_invalid(self, text, **values):
        exc = self.assertRaises(
            specification.InvalidSpecification, self.change, **values
        )
        self.assertIn(text, str(exc))


class TestCreate(SpecificationTestCase):
    def test_missing_values_have_their_defaults(self):
        created = specification.create(NEW)

        self.assertEqual(
            ('even', False, ()),
            (created.failover, created.paused, created.parts),
        )

    def test_parts_are_in_the_order_of_their_clouds(self):
        created = specification.create(
            {**NEW, 'weights': weights(cairo='0.2', athens='0.6')}
        )

        self.assertEqual(
            ['athens', 'cairo'], [part.cloud for part in created.parts]
        )


class TestChange(SpecificationTestCase):
    def test_values_that_are_not_given_stay_unchanged(self):
        after = self.change(count=12)

        self.assertEqual(12, after.count)
        self.assertEqual(self.before.parts, after.parts)
        self.assertEqual('workers', after.name)

    def test_weights_replace_all_and_a_cloud_that_stays_keeps_its_limits(self):
        after = self.change(weights=weights(berlin='0.5', cairo='0.5'))

        half = fractions.Fraction(1, 2)
        self.assertEqual(
            (
                specification.Part('berlin', half, 1, 3),
                specification.Part('cairo', half),
            ),
            after.parts,
        )

    def test_null_removes_a_limit(self):
        after = self.change(
            members={'berlin': {'min_count': None, 'max_count': None}}
        )

        self.assertEqual(
            (0, None), (after.parts[1].min_count, after.parts[1].max_count)
        )

    def test_weights_of_more_than_1_are_invalid(self):
        self.assert_invalid(
            'The weights add up to 1.000001',
            weights=weights(athens='0.9', berlin='0.100001'),
        )

    def test_limits_of_a_cloud_without_a_weight_are_invalid(self):
        self.assert_invalid(
            "The cloud 'cairo' has limits but no weight",
            members={'cairo': {'min_count': 1}},
        )

    def test_minimum_that_is_greater_than_the_maximum_is_invalid(self):
        self.assert_invalid(
            'the min_count 4 is greater than the max_count 3',
            members={'berlin': {'min_count': 4}},
        )

    def test_minima_of_more_than_the_count_are_invalid(self):
        self.assert_invalid('The min_counts add up to 1', count=0)

    def test_invalid_change_changes_nothing(self):
        before = self.before

        self.assert_invalid('The min_counts', count=0)
        self.assertEqual(before, self.before)


class TestComplete(SpecificationTestCase):
    def complete(self, **given):
        return self.change(weights=weights(**given)).complete

    def test_weights_that_add_up_to_1_are_complete(self):
        self.assertTrue(self.complete(athens='0.6', berlin='0.4'))
        self.assertFalse(self.complete(athens='0.6', berlin='0.3'))
        self.assertFalse(self.complete())

    def test_rounded_thirds_are_complete(self):
        third = '0.333333'
        self.assertTrue(self.complete(athens=third, berlin=third, cairo=third))
        self.assertFalse(self.complete(athens='0.999997', berlin='0'))


class TestDifferences(SpecificationTestCase):
    def test_only_fields_that_differ_are_named(self):
        after = self.change(
            count=12, weights=weights(athens='0.600000', cairo='0.2')
        )

        self.assertEqual(
            {
                'count': [10, 12],
                'weight of berlin': ['0.2', None],
                'min_count of berlin': [1, None],
                'max_count of berlin': [3, None],
                'weight of cairo': [None, '0.2'],
            },
            specification.differences(self.before, after),
        )

    def test_new_specification_differs_in_every_field(self):
        changes = specification.differences(None, self.before)

        self.assertEqual([None, '0.6'], changes['weight of athens'])
        self.assertEqual([None, 10], changes['count'])
        self.assertNotIn('max_count of athens', changes)


class TestFormatWeight(base.BaseTestCase):
    def test_weight_is_formatted_without_trailing_zeros(self):
        for text in ('0', '1', '0.2', '0.000001', '0.333333'):
            self.assertEqual(
                text, specification.format_weight(fractions.Fraction(text))
            )
