# SPDX-License-Identifier: Apache-2.0
"""The database is killed and started again under the running service."""

import contextlib
from concurrent import futures

import requests
import sqlalchemy as sa

from heat_spreader.db import models
from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import servers
from heat_spreader.tests.functional.engine import base

AWAY = 'The database cannot be used: '
BACK = 'The database can be used again.'


class DatabaseAway(servers.OnServer):
    def assert_unavailable(self, *request):
        status, document = self.api.request(*request)
        self.assertEqual(503, status, document)
        (error,) = document['errors']
        self.assertEqual('multicloud.unavailable', error['code'])

    def assert_every_answer_is_unavailable(self):
        path = f'/v1/stacks/{self.stack_id}'
        for request in (
            ('GET', '/healthcheck'),
            ('GET', '/v1/stacks'),
            ('GET', path),
            ('PATCH', path, {'count': 99}),
            ('DELETE', path),
        ):
            self.assert_unavailable(*request)

    def wait_for_words(self, words, times):
        """Wait until the engine has logged the text that many times."""
        process.wait_until(
            lambda: self.engine_process.log.read_text().count(words) >= times,
            lambda: self.give_up(f'not {times} times: {words}'),
        )

    def change(self, count):
        status, document = self.api.request(
            'PATCH', f'/v1/stacks/{self.stack_id}', {'count': count}
        )
        self.assertEqual(200, status, document)

    def kill_in_the_midst_of_an_update(self, count):
        """Lose the database once a cloud has taken the first update."""

        def kill(cloud, request):
            for each in self.clouds.values():
                each.observer = None
            self.server.kill()

        for each in self.clouds.values():
            each.observer = kill
        stacks_db.update(self.ctx, self.stack_id, {'count': count})

    def check_logs(self, outages):
        """Check that each outage and its end is logged once."""
        for log in (self.engine_process.log, self.api.log):
            text = log.read_text()
            self.assertNotIn(servers.PASSWORD, text)
            self.assertNotIn('Traceback', text)
        engine = self.engine_process.log.read_text()
        recorded = [engine.count(words) for words in (AWAY, BACK)]
        self.assertEqual([outages, outages], recorded, engine)
        # The worker that was started first still runs.
        self.assertEqual(1, engine.count('Clouds: '), engine)

    def test_service_continues_when_changes_are_accepted_again(self):
        self.api = self.start_api()
        self.start()
        self.wait_for(6, 2, 2)
        self.server.set_read_only(True)
        path = f'/v1/stacks/{self.stack_id}'
        for request in (
            ('GET', '/healthcheck'),
            ('PATCH', path, {'count': 99}),
            ('DELETE', path),
        ):
            self.assert_unavailable(*request)
        self.assertEqual(200, self.api.request('GET', path)[0])
        [*self.clouds.values()][-1].stop()
        self.wait_for_words(AWAY, 1)

        self.server.set_read_only(False)
        self.wait_for(7, 3, 2, status='DEGRADED')

        self.assertEqual(200, self.api.request('GET', '/healthcheck')[0])
        self.check_logs(outages=1)

    def test_locked_stack_leaves_every_other_request_answered(self):
        self.api = self.start_api(database_timeouts={'lock': 2})
        engine = sa.create_engine(self.server.url)
        self.addCleanup(engine.dispose)
        change = ('PATCH', f'/v1/stacks/{self.stack_id}', {'count': 20})
        with engine.connect() as other, futures.ThreadPoolExecutor(9) as pool:
            other.execute(sa.select(models.Stack).with_for_update())
            refused = [pool.submit(self.api.request, *change) for _ in 'x' * 9]
            for path in ('/healthcheck', '/v1/stacks', '/v1/clouds'):
                self.assertEqual(200, self.api.request('GET', path)[0])
            for each in refused:
                status, document = each.result()
                self.assertEqual(503, status, document)
                self.assertIn('locked', document['errors'][0]['detail'])
            other.rollback()
        self.change(20)

    def test_database_that_hangs_holds_neither_requests_nor_the_end(self):
        self.api = self.start_api(
            database_timeouts={'connect': 1, 'statement': 1, 'lock': 1}
        )
        self.change(20)
        self.server.suspend()
        self.assert_every_answer_is_unavailable()
        with futures.ThreadPoolExecutor(1) as pool:
            last = pool.submit(self.api.request, 'GET', '/v1/stacks')
            self.assertEqual(0, self.api.stop())
            with contextlib.suppress(requests.ConnectionError):
                self.assertEqual(503, last.result()[0])

    def test_service_continues_after_each_outage_and_nothing_is_lost(self):
        self.server.kill()
        self.api = self.start_api()
        self.start()
        self.assert_every_answer_is_unavailable()
        self.wait_for_words(AWAY, 1)

        self.server.start()
        self.wait_for(6, 2, 2)
        self.assertEqual(200, self.api.request('GET', '/healthcheck')[0])

        self.server.kill()
        self.assert_every_answer_is_unavailable()
        self.wait_for_words(AWAY, 2)
        self.server.start()
        self.change(20)
        self.wait_for(12, 4, 4)

        self.kill_in_the_midst_of_an_update(30)
        self.wait_for_words(AWAY, 3)
        self.server.start()
        self.wait_for(18, 6, 6)

        self.assertEqual(3, self.stack(self.stack_id).generation)
        self.check_logs(outages=3)
        self.check_no_violation()
        recorded = self.events_of(self.stack_id, 'MEMBER_PATCHED')
        self.assertEqual(self.patches(), len(recorded))
        self.assertEqual(
            2, len(self.events_of(self.stack_id, 'STACK_CHANGED'))
        )


class TestMariaDBAway(DatabaseAway, base.ProcessTestCase):
    server_class = servers.MariaDBServer


class TestPostgreSQLAway(DatabaseAway, base.ProcessTestCase):
    server_class = servers.PostgreSQLServer
