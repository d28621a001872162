# SPDX-License-Identifier: Apache-2.0
import decimal

from oslotest import base

from heat_spreader import schema
from heat_spreader.planning import specification

SCHEMA = schema.mapping(schema.STACK, required=list(schema.REQUIRED))


class TestProblems(base.BaseTestCase):
    def problems(self, **values):
        new = {'name': 'web', 'count': 1, 'count_parameter': 'size'}
        return schema.problems({**new, **values}, SCHEMA, 'It')

    def test_each_has_its_path(self):
        self.assertEqual([], self.problems(weights={'a': 1}))
        (found,) = self.problems(weights={'a': decimal.Decimal('0.1234567')})
        self.assertEqual(('weights', 'a'), found[0])
        (found,) = self.problems(members={'a': {'minimum': 1}})
        self.assertEqual(
            (
                ('members', 'a', 'minimum'),
                'members.a must not include "minimum". Allowed: min_count, '
                'max_count.',
            ),
            found,
        )

    def test_keys_that_are_missing_are_named_once(self):
        self.assertEqual(
            [((), 'It must include: count, count_parameter.')],
            schema.problems({'name': 'web'}, SCHEMA, 'It'),
        )


class TestStack(base.BaseTestCase):
    def test_every_field_of_a_specification_can_be_written(self):
        fields = {*specification.FIELDS, 'weights', 'members'}

        self.assertEqual(fields, set(schema.STACK))
