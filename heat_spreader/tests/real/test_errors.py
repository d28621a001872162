# SPDX-License-Identifier: Apache-2.0
"""Mistakes and outages as people at a terminal see them, on real clouds."""

import signal
import socket
import subprocess

from heat_spreader.tests import process
from heat_spreader.tests.real import base
from heat_spreader.tests.real.testbed import templates


class ErrorTestCase(base.RealTestCase):
    """Four in all; the real client in a process for each command."""

    counts = (2, 1, 1)

    def start(self, *words, **variables):
        """Start the client, with variables besides those of the user."""
        with process.interruptible():
            started = subprocess.Popen(
                [process.SCRIPTS / 'openstack', *words],
                env=process.environ(
                    **(variables or self.bed.openrc(self.user))
                ),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        for step in (
            started.stderr.close,
            started.stdout.close,
            started.wait,
            started.kill,
        ):
            self.addCleanup(step)
        return started

    def errors(self, *words, status=1, **variables):
        """What a command that fails writes to stderr, as one line."""
        started = self.start(*words, **variables)
        _, errors = started.communicate(timeout=base.TIMEOUT)
        self.assertEqual(status, started.returncode, errors)
        self.assertNotIn('Traceback', errors)
        return ' '.join(errors.split())

    def assert_refused(self, text, *words, status=1):
        self.assertIn(text, self.errors('multicloud', *words, status=status))


class TestMistakes(ErrorTestCase):
    def test_mistyped_names_are_answered_with_the_nearest(self):
        self.create('0.5', '0.25', '0.25', count=4)
        typo = f'{self.name[:-1]}_'

        for nearest, words in (
            (self.name, ('stack', 'show', typo)),
            ('athens', ('stack', 'set', self.name, '--weight=atens=1')),
            ('berlin', ('stack', 'weight', 'unset', self.name, 'berlni')),
            ('cairo', ('stack', 'list', '--cloud=ciaro')),
            ('cairo', ('event', 'list', self.name, '--cloud=ciaro')),
        ):
            self.assert_refused(f"Did you mean '{nearest}'", *words)
        self.assert_refused(
            "unknown option '--cuont'. Did you mean '--count'",
            *('stack', 'set', self.name, '--cuont=5'),
            status=2,
        )
        for words, nearest in (
            (('openstack', 'multicloud', 'stack', 'shwo'), 'stack show'),
            (('heat-spreader', 'shwo'), "Did you mean 'show'"),
        ):
            program, *rest = words
            mistyped = process.run(process.SCRIPTS / program, *rest)
            self.assertEqual(2, mistyped.returncode)
            # The client of OpenStack writes its suggestions to stdout.
            self.assertIn(nearest, mistyped.stdout + mistyped.stderr)

    def test_wait_that_fails_says_what_the_template_has_and_how_to_go_on(self):
        self.addCleanup(self.delete)
        errors = self.errors(
            *('multicloud', 'stack', 'create', self.name, '--count=4'),
            *('--parameter=siz', '--wait', '--weight=athens=1'),
        )

        self.assertIn(
            "The parameter 'siz' of the stack in athens does not exist; the "
            "number parameter is 'count'.",
            errors,
        )
        self.assertIn('The stack exists now.', errors)
        self.assertIn(f'"stack set {self.name}"', errors)

    def test_value_out_of_range_is_answered_with_the_option_to_give(self):
        limited = templates.group('count')
        limited['parameters']['count']['constraints'] = [
            {'range': {'min': 0, 'max': 3}}
        ]
        cairo = self.clouds[2]
        cairo.delete_stack(self.name)
        cairo.create_stack(self.name, 1, limited)
        self.create('0.2', '0.2', '0.6', count=10)

        # The others have taken what is missing.
        shown = ' '.join(self.openstack('stack', 'show', self.name).split())

        self.assertIn('DEGRADED, 10 of 10 instances are ready.', shown)
        self.assertIn('6 is out of range', shown)
        self.assertIn('--max cairo=3', shown)
        self.assertRegex(shown, r'attempt is at|cairo is tried again')


class TestOutages(ErrorTestCase):
    def setUp(self):
        super().setUp()
        self.create('0.5', '0.25', '0.25', count=4)

    def test_wrong_password_is_shown_with_its_file_and_host(self):
        self.addCleanup(self.correct)
        self.site.write_clouds_yaml(password='wrong')
        self.site.restart_engine()
        self.wait_until(
            lambda: self.cloud_states()['cairo'] == 'UNAUTHORIZED', 'rejected'
        )
        self.wait_until(
            lambda: self.member('cairo')['state'] == 'UNAUTHORIZED', 'held'
        )

        shown = self.openstack('stack', 'show', self.name)

        # A path may be wrapped.
        text = ''.join(shown.split())
        self.assertIn(str(self.site.clouds_yaml), text)
        self.assertIn(f'onthehost{socket.gethostname()}', text)
        self.assertIn('UNAUTHORIZEDheldat1', text)

    def correct(self):
        self.site.write_clouds_yaml()
        self.site.restart_engine()
        self.wait_until(
            lambda: self.cloud_states()['cairo'] == 'UP', 'up again'
        )

    def test_keystone_that_does_not_answer_is_named(self):
        # A token that the service has not seen yet.
        with self.bed.connection(self.user) as connection:
            token = connection.authorize()
        self.addCleanup(self.bed.home.keystone.start)
        self.bed.home.keystone.kill()

        errors = self.errors(
            *('multicloud', 'stack', 'list'),
            OS_AUTH_TYPE='admin_token',
            OS_ENDPOINT=self.spreader.url,
            OS_TOKEN=token,
        )

        self.assertIn(
            f'The Keystone at {self.bed.home.auth_url} does not answer', errors
        )
        self.assertIn('HTTP 503', errors)

    def test_interrupts_and_readers_that_have_enough_leave_no_traceback(self):
        waiting = self.start(
            *('multicloud', 'stack', 'set', self.name),
            *('--count=6', '--wait'),
        )
        self.assertIn(self.name, waiting.stderr.readline())
        waiting.send_signal(signal.SIGINT)
        errors = waiting.stderr.read()
        self.assertIn('Stopped waiting; the engine continues', errors)
        self.assertNotIn('Traceback', errors)
        self.assertEqual(130, waiting.wait(base.TIMEOUT))

        for words in (
            ('stack', 'show'),
            ('event', 'list'),
            ('stack', 'weight', 'list'),
        ):
            listing = self.start('multicloud', *words, self.name)
            listing.stdout.close()
            self.assertEqual('', listing.stderr.read(), words)
            self.assertEqual(0, listing.wait(base.TIMEOUT))
