# SPDX-License-Identifier: Apache-2.0
import concurrent.futures
import pathlib
import threading
from unittest import mock

import fixtures
from oslotest import base

from heat_spreader import exception
from heat_spreader.clouds import connection

ENTRY = """
clouds:
  east:
    auth_type: none
    auth: {endpoint: 'http://east.example/v1/p'}
"""


class TestConnect(base.BaseTestCase):
    def test_makes_a_client_without_retries_or_redirects(self):
        path = pathlib.Path(
            self.useFixture(fixtures.TempDir()).join('clouds.yaml')
        )
        path.write_text(ENTRY)
        heat = connection.connect('east', [str(path)], 1.5, 2.5)
        self.assertEqual('http://east.example/v1/p', heat.get_endpoint())
        self.assertEqual((1.5, 2.5), heat.session.timeout)
        self.assertIs(False, heat.session.redirect)
        self.assertEqual(0, heat.connect_retries)
        self.assertEqual(0, heat.status_code_retries)
        self.assertEqual(str(path), heat.session.source)


class TestShared(base.BaseTestCase):
    def test_threads_share_one_attempt_and_its_outcome(self):
        waiting, attempts = threading.Barrier(6 + 1), []

        class Watched(concurrent.futures.Future):
            def result(self, timeout=None):
                if not self.done():
                    waiting.wait(60)
                return super().result(timeout)

        def connect():
            attempts.append(threading.get_ident())
            waiting.wait(60)
            raise exception.CloudUnreachable('Hangs.')

        shared = connection.Shared(connect)
        with (
            mock.patch.object(concurrent.futures, 'Future', Watched),
            concurrent.futures.ThreadPoolExecutor(7) as pool,
        ):
            futures = [pool.submit(shared.get) for _ in range(7)]
            for future in futures:
                self.assertIsInstance(
                    future.exception(60), exception.CloudUnreachable
                )
        self.assertEqual(1, len(attempts))

    def test_a_failed_attempt_is_made_again(self):
        outcomes = [ValueError('No'), 'connection']

        def connect():
            outcome = outcomes.pop(0)
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        shared = connection.Shared(connect)
        self.assertRaises(ValueError, shared.get)
        self.assertEqual('connection', shared.get())
        self.assertEqual('connection', shared.get())

    def test_only_the_connection_in_use_is_dropped(self):
        made = ['second', 'first']
        shared = connection.Shared(made.pop)
        first = shared.get()
        shared.drop(first)
        self.assertEqual('second', shared.get())
        shared.drop(first)
        shared.drop(None)
        self.assertEqual('second', shared.get())
