# SPDX-License-Identifier: Apache-2.0
"""The command line of heat-spreader-manage."""

import argparse
import contextlib
import datetime
import io

from oslotest import base

from heat_spreader.cmd import manage

COMMANDS = (
    (),
    ('db',),
    ('db', 'stamp'),
    ('db', 'sync'),
    ('db', 'version'),
    ('purge',),
    ('purge', 'events'),
    ('witness',),
    ('witness', 'check'),
)


class TestCommandLine(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.parser = argparse.ArgumentParser()
        manage.add_commands(self.parser.add_subparsers(required=True))

    def ended(self, *words):
        """Return the exit code and the output."""
        output = io.StringIO()
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(output),
        ):
            exc = self.assertRaises(
                SystemExit, self.parser.parse_args, list(words)
            )
        return exc.code, output.getvalue()

    def test_every_command_has_help(self):
        for words in COMMANDS:
            code, output = self.ended(*words, '--help')
            self.assertEqual(0, code)
            self.assertIn('usage:', output)

    def test_incomplete_commands_are_refused(self):
        for words in ((), ('db',), ('db', 'stamp'), ('purge', 'events')):
            self.assertEqual(2, self.ended(*words)[0], words)

    def age(self, text):
        return self.parser.parse_args(
            ['purge', 'events', '--older-than', text]
        ).age

    def test_an_age_is_in_days_or_has_a_unit(self):
        for text, expected in (
            ('0', datetime.timedelta(0)),
            ('30', datetime.timedelta(days=30)),
            ('30d', datetime.timedelta(days=30)),
            ('12h', datetime.timedelta(hours=12)),
            ('2w', datetime.timedelta(weeks=2)),
        ):
            self.assertEqual(expected, self.age(text), text)

    def test_an_invalid_age_is_refused(self):
        for text in ('', 'soon', '-1', '1.5', '3m', '1 d', '99999', '\u0663'):
            code, output = self.ended(
                'purge', 'events', f'--older-than={text}'
            )
            self.assertEqual(2, code, text)
            self.assertIn(repr(text), output)
