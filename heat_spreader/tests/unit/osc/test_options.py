# SPDX-License-Identifier: Apache-2.0
import argparse
import datetime
import json

from oslotest import base

from heat_spreader.osc import options


class TestValues(base.BaseTestCase):
    def assertRefused(self, value_type, text, why):
        self.assertRaisesRegex(
            argparse.ArgumentTypeError, why, value_type, text
        )

    def test_a_weight_is_sent_with_exactly_its_digits(self):
        for text, number in (
            ('0', '0.0'),
            ('1', '1.0'),
            ('.5', '0.5'),
            ('1.', '1.0'),
            ('0.333333', '0.333333'),
            ('0.1', '0.1'),
            ('0.50000000', '0.5'),
        ):
            self.assertEqual(number, json.dumps(options.weight(text)))

    def test_a_weight_is_a_plain_decimal(self):
        for text in ('', '-0.1', '1e-3', 'half', 'nan', 'inf', '0,5', '1_0'):
            self.assertRefused(options.weight, text, 'is not a weight')

    def test_digits_of_other_scripts_are_not_a_weight(self):
        self.assertRefused(options.weight, '٣', 'is not a weight')
        self.assertRefused(options.whole, '٣', 'is not a whole number')

    def test_a_weight_is_at_most_1(self):
        self.assertRefused(options.weight, '1.000001', 'is more than 1')

    def test_a_weight_has_at_most_six_places(self):
        self.assertRefused(options.weight, '0.1234567', 'more than six')

    def test_a_whole_number_is_not_negative(self):
        self.assertEqual(0, options.whole('0'))
        for text in ('-1', '1.0', 'ten', ''):
            self.assertRefused(options.whole, text, 'not a whole number')

    def test_a_maximum_can_be_none(self):
        self.assertIsNone(options.whole_or_none('none'))
        self.assertEqual(3, options.whole_or_none('3'))

    def test_a_limit_is_at_least_1(self):
        self.assertEqual(1, options.positive('1'))
        self.assertRefused(
            options.positive, '0', 'is not a whole number, 1 or more'
        )

    def test_a_sort_key_may_have_a_direction(self):
        self.assertEqual(('name', 'asc'), options.sort('name'))
        self.assertEqual(('name', 'desc'), options.sort('name:desc'))
        for text in ('', ':asc', 'name:up'):
            self.assertRefused(options.sort, text, 'is not of the form KEY')

    def test_a_value_of_a_cloud_follows_the_last_equals_sign(self):
        pair = options.of_cloud(options.whole)

        self.assertEqual(('athens', 3), pair('athens=3'))
        self.assertEqual(('a=b', 3), pair('a=b=3'))
        for text in ('athens', '=3', ''):
            self.assertRefused(pair, text, 'is not of the form CLOUD=VALUE')

    def test_an_invalid_value_is_reported_with_its_cloud(self):
        self.assertRefused(
            options.of_cloud(options.weight),
            'athens=2',
            "for the cloud 'athens': the weight '2' is more than 1",
        )


class TestTimes(base.BaseTestCase):
    def assertRefused(self, value_type, text, why):
        self.assertRaisesRegex(
            argparse.ArgumentTypeError, why, value_type, text
        )

    def test_a_time_has_a_zone(self):
        for text in (
            '2026-12-01T06:00Z',
            '2026-12-01T08:00+02:00',
            '2026-12-01 06:00:00.0Z',
        ):
            self.assertEqual(
                datetime.datetime(2026, 12, 1, 6, tzinfo=datetime.UTC),
                options.time(text),
            )

    def test_a_time_without_a_zone_is_refused(self):
        for text in ('2026-12-01T06:00', '2026-12-01'):
            self.assertRefused(options.time, text, 'has no time zone: add Z')

    def test_what_is_no_time_is_refused(self):
        for text in ('', 'tomorrow', '06:00Z', '4h'):
            self.assertRefused(options.time, text, 'is not a time such as')

    def test_a_duration_is_the_sum_of_its_parts(self):
        for text, seconds in (
            ('90s', 90),
            ('30m', 1800),
            ('4h', 14400),
            ('2d', 172800),
            ('1d12h', 129600),
            ('1h30m5s', 5405),
        ):
            self.assertEqual(
                datetime.timedelta(seconds=seconds), options.duration(text)
            )

    def test_what_is_no_duration_is_refused(self):
        for text, why in (
            ('', 'is not a duration'),
            ('4', 'is not a duration'),
            ('4 h', 'is not a duration'),
            ('-4h', 'is not a duration'),
            ('1.5h', 'is not a duration'),
            ('2w', 'is not a duration'),
            ('1h1h', 'has a unit more than once'),
            ('0h', 'is no time at all'),
            ('9999999d', 'is too long'),
            ('999999999999999999999d', 'is too long'),
        ):
            self.assertRefused(options.duration, text, why)
