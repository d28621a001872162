# SPDX-License-Identifier: Apache-2.0
"""Commands run against a service that exists only in requests-mock."""

import argparse
import io
import types

from oslotest import base

from heat_spreader.tests.unit.sdk import fixtures


class CommandTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.service = self.useFixture(fixtures.Service())
        self.requests = self.service.requests
        self.requests.get(fixtures.STACK, json=fixtures.stack())
        self.requests.get(fixtures.STACKS, json={'stacks': [fixtures.stack()]})
        self.requests.get(fixtures.CLOUDS, json={'clouds': []})
        self.app = types.SimpleNamespace(
            client_manager=types.SimpleNamespace(
                multicloud=self.service.client
            ),
            options=types.SimpleNamespace(verbose_level=1),
            stdin=io.StringIO(),
            stdout=io.StringIO(),
            stderr=io.StringIO(),
            NAME='openstack',
        )

    def parse(self, command, *words):
        """The parsed arguments of a command."""
        return command(self.app, None).get_parser('it').parse_args(words)

    def refused(self, command, *words):
        """Return the error of a command for invalid arguments."""
        parser = command(self.app, None).get_parser('it')
        parser.error = _raise
        exc = self.assertRaises(Refused, parser.parse_args, words)
        return str(exc)

    def run_command(self, command, *words):
        """Run a command; return its exit status. Its output is in the app."""
        return command(self.app, None).run(self.parse(command, *words))

    def take(self, command, *words):
        """Columns to values, or a list of them for a Lister."""
        columns, data = command(self.app, None).take_action(
            self.parse(command, *words)
        )
        if isinstance(data, tuple):
            return dict(zip(columns, data, strict=True))
        return [dict(zip(columns, row, strict=True)) for row in data]

    def sent(self):
        """The body of the last request that brought one."""
        return next(
            request.json()
            for request in reversed(self.requests.request_history)
            if request.body
        )


class Refused(argparse.ArgumentTypeError):
    pass


def _raise(message):
    raise Refused(message)
