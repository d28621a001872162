# SPDX-License-Identifier: Apache-2.0
"""Which texts a request may have, and how a refused one is shown."""

from oslotest import base

from heat_spreader.tests.functional import fixtures

REFUSED = {
    'a control character': 'a\x1b[31mb',
    'a delete': 'a\x7fb',
    'a C1 control character': 'a\x9bb',
    'right-to-left override': 'a\u202eb',
    'an isolate': 'a\u2066b',
    'a zero-width space': 'a\u200bb',
    'a zero-width joiner': 'a\u200db',
    'a byte order mark': '\ufeffa',
    'a tag': 'a\U000e0041b',
    'a line separator': 'a\u2028b',
    'a private character': 'a\ue000b',
    'an unassigned character': 'a\u0378b',
    'a letter with its accent apart': 'e\u0301',
    'a dot': '.',
    'two dots': '..',
    'a slash': 'a/b',
    'a blank at the end': 'a ',
    '256 characters': 'a' * 256,
}
ACCEPTED = ('a', '\u00e9', '\u0418\u043c\u044f', '\u540d\u524d', '...', 'a b')
ACCEPTED += ('\U0001f600', 'a' * 255)


class TestNames(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(fixtures.Api())

    def create(self, name):
        body = {
            'name': name,
            'stack_name': 'heat',
            'count': 1,
            'count_parameter': 'size',
        }
        return self.api.request('POST', '/v1/stacks', body)

    def test_names_that_could_deceive_are_refused(self):
        for what, name in REFUSED.items():
            answer = self.create(name)

            self.assertEqual(400, answer.status_int, what)
            (error,) = answer.json['errors']
            self.assertTrue(error['detail'].isprintable(), what)
            self.assertTrue(error['detail'].startswith('name must be'), what)

    def test_names_in_any_script_are_accepted(self):
        for name in ACCEPTED:
            answer = self.create(name)

            self.assertEqual(201, answer.status_int, answer.text)
            self.assertEqual(name, answer.json['name'])
