# SPDX-License-Identifier: Apache-2.0
"""The openstack command as a process, whose output or patience ends."""

import signal
import subprocess

from heat_spreader.tests import process
from heat_spreader.tests.functional.osc import base


class TestProcess(base.ShellTestCase):
    def setUp(self):
        super().setUp()
        self.create('web', '--weight=east=1')

    def start(self, *words):
        with process.interruptible():
            started = subprocess.Popen(
                [
                    *(process.SCRIPTS / 'openstack', *self.options()),
                    *('multicloud', *words),
                ],
                env=process.environ(),
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                text=True,
            )
        self.addCleanup(started.stderr.close)
        self.addCleanup(started.stdout.close)
        self.addCleanup(started.wait)
        self.addCleanup(started.kill)
        return started

    def errors(self, started):
        """What a process wrote to stderr until its end."""
        errors = started.stderr.read()
        started.wait(process.TIMEOUT)
        # No one is interested in an engine here.
        return [
            line
            for line in errors.splitlines()
            if not line.startswith('No engine has reported')
        ]

    def test_interrupt_ends_following_and_watching_without_a_traceback(self):
        for words in (
            ('event', 'list', '--follow'),
            ('stack', 'list', '--watch'),
        ):
            started = self.start(*words)
            self.assertIn('web', started.stdout.readline())
            started.send_signal(signal.SIGINT)

            self.assertEqual([], self.errors(started), words)
            self.assertEqual(130, started.returncode, words)

    def test_reader_that_has_enough_ends_a_command_without_a_traceback(self):
        for words in (
            ('event', 'list', 'web', '--follow'),
            ('stack', 'show', 'web'),
        ):
            started = self.start(*words)
            started.stdout.close()

            self.assertEqual([], self.errors(started), words)
            self.assertEqual(0, started.returncode, words)
