# SPDX-License-Identifier: Apache-2.0
"""Drains that would do harm are refused, with the numbers."""

import dataclasses
import datetime

from oslotest import base

from heat_spreader import context
from heat_spreader import states
from heat_spreader.db import clouds
from heat_spreader.db import events
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import drill
from heat_spreader.planning import facts
from heat_spreader.tests.functional import fixtures

DRAIN = {'admin_state': 'DRAINING'}
LATER = {'from': '2999-11-30T22:00Z', 'until': '2999-12-01T06:00Z'}
FORCE = (
    'To drain it as far as the others can replace it, repeat the request with '
    'force.'
)


@session.writer
def _read(ctx, stack_id, counts):
    for member in ctx.session.get(models.Stack, stack_id).members:
        count = counts[member.cloud]
        member.count = member.ready = member.settled_count = count
        member.heat_id, member.heat_status = 'id', 'CREATE_COMPLETE'
        member.read_at = models.utcnow()


def read(stack_id, **counts):
    """Leave a stack as surveys that read these counts would have left it."""
    with context.for_engine() as ctx:
        _read(ctx, stack_id, counts)


class Case(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.api = self.useFixture(self.make_api())
        for name in ('east', 'north', 'west'):
            self.survey(name, states.CloudState.UP)

    def make_api(self):
        return fixtures.Api()

    def survey(self, name, state):
        with context.for_engine() as ctx:
            found = facts.Cloud(name, state, models.utcnow())
            clouds.save(ctx, found, checked_at=models.utcnow())

    def send(self, status, method, path, body, token='admin'):
        answer = self.api.request(method, path, body, token)
        self.assertEqual(status, answer.status_int, answer.text)
        return answer.json

    def order(self, status, cloud='east', **body):
        return self.send(status, 'PATCH', f'/v1/clouds/{cloud}', body)

    def refused(self, cloud='east', **body):
        """The message of a refusal, which changes nothing."""
        before = self.api.request('GET', f'/v1/clouds/{cloud}', None, 'admin')
        [error] = self.order(409, cloud, **body)['errors']
        self.assertEqual('multicloud.cloud.drain', error['code'])
        after = self.api.request('GET', f'/v1/clouds/{cloud}', None, 'admin')
        self.assertEqual(before.json, after.json)
        return error['detail']

    def create(self, name='web', count=10, token='member', **values):
        values = {'weights': {'east': 0.6, 'west': 0.4}, **values}
        stack = {'name': name, 'count': count, 'count_parameter': 'size'}
        return self.send(201, 'POST', '/v1/stacks', stack | values, token)


class TestClouds(Case):
    def test_a_drain_that_the_others_can_carry_is_accepted(self):
        self.create()

        self.assertEqual('DRAINING', self.order(200, **DRAIN)['admin_state'])

    def test_a_drain_that_leaves_instances_unplaced_is_refused(self):
        web = self.create(members={'west': {'max_count': 7}})
        self.create('shop', weights={'north': 0.5, 'west': 0.5})

        self.assertEqual(
            "The cloud 'east' is not drained. No other cloud could take 3 "
            f'instances: web ({web["id"]}) 3. {FORCE}',
            self.refused(**DRAIN),
        )

        self.order(200, **DRAIN, force=True)

    def test_ten_stacks_are_named_and_the_others_counted(self):
        for number in range(12):
            self.create(f'web{number}', 4, weights={'east': 1})

        message = self.refused(**DRAIN)

        self.assertIn('No other cloud could take 48 instances: ', message)
        self.assertEqual(10, message.count(') 4'))
        self.assertEqual(2, message.count('and 2 more.'), message)

    def test_the_last_cloud_that_serves_is_not_drained(self):
        web = self.create(weights={'east': 1})

        self.assertIn(
            f'No other cloud serves web ({web["id"]}).', self.refused(**DRAIN)
        )

    def test_a_drain_does_not_begin_while_another_cloud_is_down(self):
        self.create(weights={'east': 0.5, 'north': 0.3, 'west': 0.2})
        self.survey('west', states.CloudState.DOWN)

        self.assertEqual(
            "The cloud 'east' is not drained. Another cloud is down: west. "
            f'{FORCE}',
            self.refused(**DRAIN),
        )

    def test_a_cloud_that_is_declared_down_is_down(self):
        self.order(200, 'west', declared='DOWN')
        self.assertIn('Another cloud is down: west.', self.refused(**DRAIN))

    def test_a_cloud_that_is_declared_up_is_not(self):
        self.survey('west', states.CloudState.DOWN)
        self.order(200, 'west', declared='UP')

        self.order(200, **DRAIN)

    def test_what_is_down_now_does_not_hinder_a_drain_at_a_later_time(self):
        self.survey('west', states.CloudState.DOWN)

        self.order(200, **DRAIN, **LATER)

    def test_two_drains_are_never_planned_for_the_same_time(self):
        self.create()
        self.order(200, 'west', **DRAIN, **LATER)

        self.assertIn(
            'No other cloud could take 6 instances',
            self.refused(**DRAIN, **LATER),
        )
        self.order(
            200,
            'east',
            admin_state='DRAINING',
            **{'from': LATER['until'], 'until': '2999-12-01T16:00Z'},
        )

    def test_a_drain_that_ends_before_does_not_hinder_a_plan(self):
        self.create()
        soon = models.utcnow() + datetime.timedelta(hours=1)
        self.order(200, 'west', **DRAIN, until=soon.isoformat())

        self.refused(**DRAIN)
        self.order(200, **DRAIN, **LATER)

    def test_a_member_that_is_drained_takes_nothing(self):
        web = self.create(
            members={'west': {'admin_state': 'DRAINING'}},
        )

        self.assertIn(
            f'No other cloud serves web ({web["id"]}).', self.refused(**DRAIN)
        )

    def test_a_cordoned_cloud_takes_nothing_of_a_drained_one(self):
        web = self.create()
        read(web['id'], east=6, west=4)
        self.order(200, 'west', admin_state='CORDONED')

        self.assertIn(
            f'No other cloud could take 6 instances: web ({web["id"]}) 6.',
            self.refused(**DRAIN),
        )

    def test_many_stacks_are_checked_in_parts(self):
        for number in range(7):
            self.create(f'web{number}', weights={'east': 1})
        self.useFixture(
            fixtures.fixtures.MonkeyPatch('heat_spreader.snapshot._CHUNK', 2)
        )

        self.assertIn('could take 70 instances', self.refused(**DRAIN))


class TestReports(Case):
    def test_an_owner_sees_the_numbers_of_that_stack_alone(self):
        web, shop = self.create('web'), self.create('shop')
        numbers = {web['id']: 3, shop['id']: 1}
        report = drill.Report(190, numbers, {shop['id']: 2})
        with context.for_engine() as ctx:
            write(ctx, report)

        self.assertEqual(
            (numbers, {shop['id']: 2}), self.read('/v1/clouds/east', 'admin')
        )
        self.assertEqual(
            ({web['id']: 3}, {}), self.read(f'/v1/stacks/{web["id"]}')
        )
        self.assertEqual(
            (numbers, {shop['id']: 2}),
            self.read('/v1', query='?cloud=east', token='admin'),
        )

    def test_a_project_sees_only_the_numbers_of_its_own_stacks(self):
        mine, theirs = self.create('mine'), self.create('web', token='other')
        numbers = {mine['id']: 3, theirs['id']: 1}
        with context.for_engine() as ctx:
            write(ctx, drill.Report(190, numbers, {}))

        self.assertEqual(({mine['id']: 3}, {}), self.read('/v1'))
        self.assertEqual(
            ({theirs['id']: 1}, {}), self.read('/v1', token='other')
        )

    def read(self, path, token='member', query=''):
        """What is unplaced and missing in the report, as a persona sees it."""
        url = f'{path}/events{query}'
        answer = self.api.request('GET', url, None, token)
        event = answer.json['events'][0]
        self.assertNotIn('shop', event['message'])
        report = event['details']['report']
        self.assertEqual(190, report['seconds'])
        return report['unplaced'], report['missing']


@session.writer
def write(ctx, report):
    """Write the event that ends a drill of east."""
    events.add(
        ctx,
        states.EventKind.CLOUD_ADMIN,
        report.sentence,
        cloud='east',
        report=dataclasses.asdict(report),
    )


class TestMembers(Case):
    def test_the_member_of_one_stack_is_drained_alone(self):
        web = self.create()
        url = f'/v1/stacks/{web["id"]}'

        changed = self.send(
            200, 'PATCH', url, {'members': {'east': DRAIN}}, 'member'
        )

        self.assertEqual(
            ['DRAINING', 'ENABLED'],
            [member['admin_state'] for member in changed['members']],
        )

    def test_a_drain_that_leaves_instances_unplaced_is_refused(self):
        web = self.create(members={'west': {'max_count': 7}})
        url = f'/v1/stacks/{web["id"]}'
        change = {'count': 11, 'members': {'east': DRAIN}}

        refused = self.send(409, 'PATCH', url, change, 'member')

        self.assertIn(
            f'No other cloud could take 4 instances: web ({web["id"]}) 4.',
            refused['errors'][0]['detail'],
        )
        self.assertEqual(web, self.send(200, 'GET', url, None, 'member'))
        forced = self.send(
            200, 'PATCH', url, {**change, 'force': True}, 'member'
        )
        self.assertEqual('DRAINING', forced['members'][0]['admin_state'])

    def test_a_new_stack_is_checked_too(self):
        stack = {
            'name': 'web',
            'count': 10,
            'count_parameter': 'size',
            'weights': {'east': 1},
            'members': {'east': DRAIN},
        }

        self.send(409, 'POST', '/v1/stacks', stack, 'member')

        listed = self.send(200, 'GET', '/v1/stacks', None, 'member')
        self.assertEqual([], listed['stacks'])
        self.send(201, 'POST', '/v1/stacks', {**stack, 'force': True})
