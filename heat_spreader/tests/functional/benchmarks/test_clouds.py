# SPDX-License-Identifier: Apache-2.0
"""The emulated clouds of the benchmarks do what the engine has to handle."""

import argparse
import time

import requests
from oslotest import base

from benchmarks import cloud
from benchmarks import clouds
from benchmarks import emulation
from heat_spreader.tests import process

SILENCE = 0.3


class TestClouds(base.BaseTestCase):
    settle = 0.2

    def setUp(self):
        super().setUp()
        options = argparse.Namespace(
            latency=0, patch_latency=0, settle=self.settle
        )
        self.clouds = self.useFixture(
            emulation.Clouds(['one', 'two'], options)
        )
        self.clouds.fill(['web', 'db'], 1)
        self.session = requests.Session()
        self.session.trust_env = False
        self.addCleanup(self.session.close)
        self.log_in()

    def url(self, path, cloud=0):
        return f'http://{clouds.HOST}:{self.clouds.ports[cloud]}{path}'

    def send(self, method, path, cloud=0, **options):
        return self.session.request(
            method,
            self.url(f'{clouds.STACKS}{path}', cloud),
            **{'timeout': process.TIMEOUT, **options},
        )

    def log_in(self, timeout=process.TIMEOUT):
        answer = self.session.post(
            self.url('/identity/v3/auth/tokens'), json={}, timeout=timeout
        )
        token = answer.headers['X-Subject-Token']
        self.session.headers['X-Auth-Token'] = token

    def rows(self, query):
        return self.send('GET', query).json()['stacks']

    def path(self, name):
        (row,) = self.rows(f'?name={name}')
        return f'/{name}/{row["id"]}'

    def patch(self, path, count, **options):
        body = {'parameters': {'count': count}}
        return self.send('PATCH', path, json=body, **options)

    def test_update_is_done_a_while_after_it_is_accepted(self):
        path = self.path('web')
        begun = time.monotonic()

        self.assertEqual(202, self.patch(path, 3).status_code)
        process.wait_until(
            lambda: (
                self.rows('?name=web')[0]['stack_status'] == 'UPDATE_COMPLETE'
            ),
            lambda: 'the update did not end',
        )

        stack = self.send('GET', path).json()['stack']
        self.assertEqual('3', stack['parameters']['count'])
        (at,) = self.clouds.patches(since=begun)
        self.assertEqual([], self.clouds.patches(since=at))

    def test_members_are_counted_once_however_often_they_are_patched(self):
        begun = time.monotonic()
        web, db = self.path('web'), self.path('db')
        for path in (web, '/web/another-id'):
            self.patch(path, 3)
        self.assertIsNone(self.clouds.last_of_members(2, begun))

        self.patch(db, 3)

        *_, last = self.clouds.patches(since=begun)
        self.assertEqual(last, self.clouds.last_of_members(2, begun))

    def test_update_of_a_busy_stack_is_an_error_of_the_benchmark(self):
        path = self.path('web')
        self.patch(path, 3)
        self.patch(path, 4)

        self.assertRaises(AssertionError, self.clouds.requests)

    def test_list_has_pages(self):
        (first,) = self.rows('?limit=1')
        rest = self.rows(f'?limit=5&marker={first["id"]}')

        self.assertEqual('web', first['stack_name'])
        self.assertEqual(['db'], [row['stack_name'] for row in rest])

    def test_requests_are_counted_by_what_they_are_for(self):
        path = self.path('web')
        self.rows('?name=web&name=db')
        self.send('GET', path)

        self.assertEqual(
            {'auth': 1, 'find': 1, 'list': 1, 'read': 1},
            self.clouds.requests()['one'],
        )
        self.assertEqual(1, self.clouds.total('read', of=['one']))
        self.assertEqual(0, self.clouds.total('read', of=['two']))

    def test_faults_hit_what_they_are_named_for_and_end(self):
        path = self.path('web')
        calls = {
            'auth': lambda: self.log_in(SILENCE),
            'list': lambda: self.send('GET', '?limit=1', timeout=SILENCE),
            'read': lambda: self.send('GET', path, timeout=SILENCE),
            'patch': lambda: self.patch(path, 3, timeout=SILENCE),
        }
        for fault, silent in (
            ('hang', set(calls)),
            ('hang-patch', {'patch'}),
            ('hang-reads', {'read'}),
            ('hang-auth', {'auth'}),
            ('refuse', set(calls)),
        ):
            self.clouds.set_fault('one', fault)
            failed = set()
            for kind, call in calls.items():
                try:
                    call()
                except requests.RequestException:
                    failed.add(kind)
            self.assertEqual(silent, failed, fault)
            self.clouds.set_fault('one', None)
            self.log_in()
            self.assertEqual(200, self.send('GET', path).status_code)

    def test_throttling_cloud_answers_what_is_too_much_with_429(self):
        path = self.path('web')
        self.clouds.set_fault('one', 'throttle')

        codes = [self.send('GET', path) for _ in range(cloud.RATE + 1)]

        self.assertEqual(429, codes[-1].status_code)
        self.assertEqual('1', codes[-1].headers['Retry-After'])
        state = self.clouds.state()
        self.assertGreater(state['throttled']['one'], 0)
        self.assertEqual(1, state['highest']['one'])

    def test_hanging_keystone_goes_with_tokens_that_are_not_valid(self):
        self.clouds.set_fault('one', 'hang-auth')

        self.assertEqual(401, self.send('GET', '').status_code)

    def test_dripping_answer_begins_and_does_not_end(self):
        self.clouds.set_fault('one', 'drip')

        with self.send('GET', '?limit=1', stream=True) as answer:
            self.assertEqual(200, answer.status_code)
            self.assertEqual(b' ', answer.raw.read(1))
            self.clouds.set_fault('one', None)
            self.assertRaises(requests.RequestException, lambda: answer.text)
