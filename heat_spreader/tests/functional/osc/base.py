# SPDX-License-Identifier: Apache-2.0
"""Commands as a user types them, against the API as it is served."""

import json

from oslotest import base

from heat_spreader.tests.functional.osc import fixtures


class ShellTestCase(base.BaseTestCase):
    """Without authentication, unless ``options`` and ``settings`` differ."""

    settings = {'api': {'auth_strategy': 'noauth'}}

    def setUp(self):
        super().setUp()
        self.served = self.useFixture(fixtures.Served(**self.settings))
        self.shell = self.useFixture(fixtures.Shell(*self.options()))

    def options(self):
        """The global options of every command."""
        return ('--os-auth-type=none', f'--os-endpoint={self.served.url}')

    def run_command(self, *words):
        """Return the output of a command, which must succeed."""
        result = self.shell.run('multicloud', *words)
        self.assertEqual((0, ''), (result.status, result.err))
        return result.out

    def ask(self, *words):
        """Return the JSON output of a command, which must succeed."""
        return json.loads(self.run_command(*words, '--format=json'))

    def fails(self, *words):
        """Return the errors of a command, which must fail without output."""
        result = self.shell.run('multicloud', *words)
        self.assertEqual((1, ''), (result.status, result.out))
        return result.err

    def create(self, name='web', *words, count=10):
        """A new stack, as the command shows it."""
        return self.ask(
            'stack',
            'create',
            name,
            f'--count={count}',
            '--parameter=size',
            *words,
        )
