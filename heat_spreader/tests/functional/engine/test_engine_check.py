# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-manage engine check, in the process of the test."""

import argparse
import contextlib
import datetime
import io
import socket
import types

import sqlalchemy as sa
from oslotest import base

from heat_spreader.cmd import engine_check
from heat_spreader.db import engines
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.tests.functional import fixtures
from heat_spreader.tests.functional.db import base as db_base


class TestCheck(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.useFixture(fixtures.Database())
        self.ctx = db_base.user()

    def check(self, *words):
        """Return the exit code and the output."""
        parser = argparse.ArgumentParser()
        engine_check.add_commands(parser.add_subparsers())
        command = parser.parse_args(['engine', 'check', *words])
        timeouts = types.SimpleNamespace(heartbeat_timeout=15)
        conf = types.SimpleNamespace(command=command, engine=timeouts)
        with contextlib.redirect_stdout(io.StringIO()) as output:
            return command.run(conf), output.getvalue()

    def test_an_engine_of_this_host_with_a_heartbeat_is_alive(self):
        engines.register(self.ctx, 'one', socket.gethostname(), '1.0')

        self.assertEqual(0, self.check()[0])

    def test_an_engine_of_another_host_does_not_count(self):
        engines.register(self.ctx, 'one', 'elsewhere', '1.0')

        code, output = self.check()
        self.assertEqual(1, code)
        self.assertIn(f'No engine runs on {socket.gethostname()}', output)
        self.assertEqual(0, self.check('--host', 'elsewhere')[0])

    def test_an_engine_without_a_recent_heartbeat_is_dead(self):
        engines.register(self.ctx, 'one', 'host', '1.0')
        engines.register(self.ctx, 'two', 'host', '1.0')
        past = models.utcnow() - datetime.timedelta(seconds=20)
        with session.get_engine().begin() as connection:
            connection.execute(
                sa.update(models.Engine).values(heartbeat_at=past)
            )

        code, output = self.check('--host', 'host')
        self.assertEqual(1, code)
        self.assertIn('was 20 s ago', output)

        engines.beat(self.ctx, 'two')
        self.assertEqual(0, self.check('--host', 'host')[0])
