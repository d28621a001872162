# SPDX-License-Identifier: Apache-2.0
import decimal

from oslotest import base

from heat_spreader.osc import documents

TWO = """\
# Kept in git
name: web
weights:
  athens: 0.6
  berlin:
    0.4
---

---
name: api
"""


class TestParse(base.BaseTestCase):
    def assert_invalid(self, reason, text):
        exc = self.assertRaises(documents.Invalid, documents.parse, text)
        self.assertEqual(reason, str(exc))

    def value(self, text):
        (document,) = documents.parse(f'key: {text}')
        return document.value['key']

    def test_each_value_has_the_line_of_its_key(self):
        web, api = documents.parse(TWO)

        self.assertEqual(
            {
                (): 2,
                ('name',): 2,
                ('weights',): 3,
                ('weights', 'athens'): 4,
                ('weights', 'berlin'): 5,
            },
            web.lines,
        )
        self.assertEqual((3, 10), (api.number, api.line(('name',))))

    def test_what_is_missing_has_the_line_of_what_should_have_it(self):
        web, _ = documents.parse(TWO)

        self.assertEqual(3, web.line(('weights', 'cairo', 'x')))
        self.assertEqual(2, web.line(('count',)))

    def test_empty_documents_are_none(self):
        self.assertEqual([], documents.parse('---\n# Nothing\n---\n'))

    def test_numbers_are_exact(self):
        self.assertEqual(decimal.Decimal('0.1'), self.value('0.1'))
        self.assertEqual(decimal.Decimal('0.000001'), self.value('1.0e-06'))
        self.assertIsInstance(self.value('1'), int)

    def test_what_is_no_number_in_json_is_text(self):
        for text in ('.nan', '.inf', '2026-12-01'):
            self.assertEqual(text, self.value(text))

    def test_keys_are_text_and_unique(self):
        self.assert_invalid(
            'line 2: the key no is not text; write it in quotes',
            'weights:\n  no: 0.5\n',
        )
        self.assert_invalid(
            'line 3: the key a is there more than once', 'a: 1\nb: 1\na: 2\n'
        )

    def test_references_are_refused(self):
        self.assert_invalid(
            'line 2: references to other parts (*NAME) are not allowed',
            'a: &x [1]\nb: [*x, *x]\n',
        )

    def test_what_is_not_yaml_is_refused_with_its_line(self):
        self.assert_invalid(
            'line 2: mapping values are not allowed here', 'a: 1\n b: 2\n'
        )
        self.assert_invalid(
            "line 1: could not determine a constructor for the tag '!x'",
            'a: !x 1\n',
        )
        exc = self.assertRaises(documents.Invalid, documents.parse, '\x07')
        self.assertIn('it is not YAML: unacceptable character', str(exc))

    def test_deep_nesting_is_refused(self):
        self.assert_invalid('it is nested too deeply', '[' * 2_000)
