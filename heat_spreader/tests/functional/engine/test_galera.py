# SPDX-License-Identifier: Apache-2.0
"""An API and an engine on each of the two nodes of a Galera cluster."""

import collections
import threading
from concurrent import futures

from heat_spreader.db import stacks as stacks_db
from heat_spreader.tests import process
from heat_spreader.tests.functional.db import galera
from heat_spreader.tests.functional.db import servers
from heat_spreader.tests.functional.engine import base

STACKS = ('web', 'shop')
USERS = 3
CHANGES = 12


class TestGalera(servers.OnServer, base.ProcessTestCase):
    server_class = galera.Cluster

    def setUp(self):
        super().setUp()
        self.apis, self.engines = [], []
        for number, node in enumerate(self.server.nodes):
            database = {'connection': node.url}
            self.apis.append(
                self.start_api(f'api-{number}', database=database)
            )
            self.engines.append(
                self.start(f'engine-{number}', database=database)
            )

    def create_stacks(self):
        self.ids = {}
        for name in STACKS:
            for cloud in self.clouds.values():
                cloud.add_stack(name, 1)
            self.ids[name] = self.create(['0.6', '0.2', '0.2'], name=name)
        self.stack_id = self.ids['web']

    def test_no_change_is_lost_where_both_nodes_are_written_to(self):
        begin = threading.Barrier(2 * USERS)
        answers = collections.Counter()

        def change(user):
            api = self.apis[user % 2]
            begin.wait()
            for number in range(CHANGES):
                for name, stack_id in self.ids.items():
                    status, document = api.request(
                        'PATCH',
                        f'/v1/stacks/{stack_id}',
                        # Never the first one, 10, nor that of another: each
                        # is a change.
                        {'count': 11 + user + number * 2 * USERS},
                    )
                    yield status, name, document

        def run(user):
            return [*change(user)]

        with futures.ThreadPoolExecutor(2 * USERS) as pool:
            for each in pool.map(run, range(2 * USERS)):
                for status, name, document in each:
                    answers[status, name] += 1
                    self.assertEqual(200, status, document)

        for name, stack_id in self.ids.items():
            stack = stacks_db.get(self.ctx, stack_id)
            self.assertEqual(1 + answers[200, name], stack.generation)
            self.assertEqual(
                answers[200, name],
                len(self.events_of(stack_id, 'STACK_CHANGED')),
            )
        self.wait_until_done()
        self.check_no_violation()
        self.check_logs()

    def check_logs(self):
        for program in (*self.apis, *self.engines):
            self.assertNotIn('Traceback', program.text(), program.name)

    def wait_until_done(self):
        """Every stack is at the total that was asked for last."""

        def find_wrong():
            for name, stack_id in self.ids.items():
                stack = stacks_db.get(self.ctx, stack_id)
                there = sum(
                    cloud.stack(name).count for cloud in self.clouds.values()
                )
                if (stack.count, 'ACTIVE') != (there, stack.status):
                    return f'{name} is {stack.status} with {there}'
            return None

        process.wait_until(
            lambda: not find_wrong(), lambda: self.give_up(find_wrong())
        )

    def test_node_that_leaves_or_loses_its_quorum_is_unavailable(self):
        ended = threading.Event()
        second = self.server.nodes[1]
        with futures.ThreadPoolExecutor(2) as pool:
            changed = [
                pool.submit(self.keep_changing, api, ended)
                for api in self.apis
            ]
            try:
                second.stop()
                self.wait_for_health(200, 503)
                second.start()
                self.wait_for_health(200, 200)
                second.kill()
                self.wait_for_health(503, 503)
            finally:
                ended.set()
            acknowledged = sum(each.result() for each in changed)
        for request in (
            ('GET', '/v1/stacks'),
            ('PATCH', f'/v1/stacks/{self.stack_id}', {'count': 99}),
        ):
            status, document = self.apis[0].request(*request)
            self.assertEqual(503, status, document)
            self.assertIn('is not ready', document['errors'][0]['detail'])

        second.start()
        self.wait_for_health(200, 200)
        self.wait_until_done()

        # One that was reported as lost at the COMMIT may have been made.
        stack = stacks_db.get(self.ctx, self.stack_id)
        self.assertLessEqual(1 + acknowledged, stack.generation)
        self.assertNotEqual(99, stack.count)
        self.check_no_violation()
        self.check_logs()

    def wait_for_health(self, *wanted):
        """Wait until the health checks of the APIs are answered so."""

        def health():
            return tuple(
                api.request('GET', '/healthcheck')[0] for api in self.apis
            )

        process.wait_until(
            lambda: health() == wanted, lambda: f'{health()} is not {wanted}'
        )

    def keep_changing(self, api, ended):
        """Change a stack again and again; return how many were accepted."""
        accepted = 0
        while not ended.is_set():
            count = 5 + accepted % 10
            status, document = api.request(
                'PATCH', f'/v1/stacks/{self.stack_id}', {'count': count}
            )
            self.assertIn(status, (200, 503), document)
            accepted += status == 200
            ended.wait(0.05)
        return accepted
