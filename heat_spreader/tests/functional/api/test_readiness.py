# SPDX-License-Identifier: Apache-2.0
"""What the loss of a cloud would do, as administrators ask for it."""

from heat_spreader import context
from heat_spreader import states
from heat_spreader.api.controllers import readiness
from heat_spreader.db import limits
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import room
from heat_spreader.tests.functional.api import test_drains


@session.writer
def note(ctx, stack_id, unplaced):
    """Leave what a pass would have found."""
    row = ctx.session.get(models.Stack, stack_id)
    row.survives = not unplaced
    for member in row.members:
        member.unplaced_without = unplaced.get(member.cloud, 0)


@session.writer
def know_flavor(ctx, stack_id, cloud, cores, ram):
    """Leave what an engine would have read."""
    row = ctx.session.get(models.Member, (stack_id, cloud))
    row.flavor_cores, row.flavor_ram = cores, ram


class Case(test_drains.Case):
    def setUp(self):
        super().setUp()
        self.survey('vault', states.CloudState.UP)

    def create(self, name='web', maximum=None, **weights):
        body = {
            'name': name,
            'count': 10,
            'count_parameter': 'size',
            'weights': weights,
        }
        if maximum:
            body['members'] = {'west': {'max_count': maximum}}
        return self.send(201, 'POST', '/v1/stacks', body)['id']

    def patch(self, target, name, value):
        before = getattr(target, name)
        self.addCleanup(setattr, target, name, before)
        setattr(target, name, value)


class TestClouds(Case):
    def show(self, cloud='east'):
        return self.send(200, 'GET', f'/v1/clouds/{cloud}/readiness', None)

    def test_numbers_of_a_loss_are_sums_over_the_stacks(self):
        self.create('a', 7, east=0.6, west=0.4)
        unsafe = self.create('b', 7, east=0.6, west=0.4)
        self.create('c', east=0.4, north=0.3, west=0.3)
        self.create('elsewhere', north=0.5, west=0.5)

        found = self.show()

        self.assertEqual(
            {
                'name': 'east',
                'stacks': 3,
                'instances': 16,
                'moves': {'west': 8, 'north': 2},
                'estimates': {},
                'unplaced': 6,
                'frozen': False,
                'stacks_harmed': 2,
            },
            {key: found[key] for key in found if key != 'harmed'},
        )
        self.assertIn(
            {'id': unsafe, 'name': 'b', 'unplaced': 3}, found['harmed']
        )

    def test_every_cloud_is_in_the_list(self):
        self.create(east=0.6, west=0.4)

        found = self.send(200, 'GET', '/v1/clouds/readiness', None)['clouds']

        self.assertEqual(
            {'east': 6, 'west': 4, 'north': 0, 'vault': 0},
            {each['name']: each['instances'] for each in found},
        )
        self.assertEqual(self.show('west'), found[-1])

    def test_named_stacks_are_limited_and_counted(self):
        self.patch(readiness, 'NAMED', 2)
        for number in range(3):
            self.create(f'web{number}', 7, east=0.6, west=0.4)

        found = self.show()

        self.assertEqual(2, len(found['harmed']))
        self.assertEqual((3, 9), (found['stacks_harmed'], found['unplaced']))

    def test_cloud_after_which_everything_freezes_moves_nothing(self):
        self.create(east=0.6, west=0.4)
        self.survey('north', states.CloudState.DOWN)

        found = self.show()

        self.assertTrue(found['frozen'])
        self.assertEqual(({}, 6), (found['moves'], found['unplaced']))

    def test_unknown_cloud_is_not_found(self):
        self.send(404, 'GET', '/v1/clouds/nowhere/readiness', None)

    def test_query_is_refused(self):
        self.send(400, 'GET', '/v1/clouds/readiness?limit=3', None)


class TestStacks(Case):
    def test_stack_that_no_pass_has_seen_is_not_known(self):
        stack_id = self.create(east=1)
        shown = self.send(200, 'GET', f'/v1/stacks/{stack_id}', None)

        self.assertEqual(
            {'survives': None, 'unplaced': {}, 'frozen': []},
            shown['readiness'],
        )

    def test_list_is_filtered_by_what_survives(self):
        ids = {}
        for name, unplaced in (('safe', {}), ('unsafe', {'east': 6})):
            ids[name] = self.create(name, east=0.6, west=0.4)
            with context.for_engine() as ctx:
                note(ctx, ids[name], unplaced)
        self.create('unknown', north=1)

        for wanted, name in (('true', 'safe'), ('false', 'unsafe')):
            path = f'/v1/stacks?survives={wanted}&all_projects=true'
            [found] = self.send(200, 'GET', path, None)['stacks']
            self.assertEqual(name, found['name'])
        self.assertEqual(
            {'survives': False, 'unplaced': {'east': 6}, 'frozen': []},
            found['readiness'],
        )
        self.send(400, 'GET', '/v1/stacks?survives=perhaps', None)


class TestLimits(Case):
    def setUp(self):
        super().setUp()
        limit = room.Limit(35, 40)
        found = dict.fromkeys(room.NAMES, limit)
        self.limits = room.Limits(found, models.utcnow())
        with context.for_engine() as ctx:
            limits.save(ctx, 'west', self.limits, None)

    def cloud(self, token):
        return self.send(200, 'GET', '/v1/clouds/west', None, token)

    def test_only_an_administrator_sees_the_limits(self):
        shown = self.cloud('admin')['limits']

        self.assertEqual({'used': 35, 'maximum': 40}, shown['instances'])
        self.assertIsNone(self.cloud('reader')['limits'])

    def test_room_is_estimated_for_the_sum_of_all_stacks(self):
        for name in ('a', 'b'):
            self.create(name, east=0.4, west=0.6)
        path = '/v1/clouds/east/readiness'
        found = self.send(200, 'GET', path, None)

        self.assertEqual({'west': 8}, found['moves'])
        self.assertEqual(
            {
                'limit': 'instances',
                'needed': 8,
                'free': 5,
                'lacking': 3,
                'unknown': 2,
                'read_at': found['estimates']['west']['read_at'],
            },
            found['estimates']['west'],
        )
        self.assertEqual(0, found['unplaced'])

    def test_flavors_that_are_known_count_for_cores_and_ram(self):
        ids = {n: self.create(n, east=0.4, west=0.6) for n in ('a', 'b')}
        with context.for_engine() as ctx:
            know_flavor(ctx, ids['a'], 'east', 100, 1)
            know_flavor(ctx, ids['a'], 'west', 4, 1)
        found = self.send(200, 'GET', '/v1/clouds/east/readiness', None)

        estimate = found['estimates']['west']
        self.assertEqual(
            ('cores', 16, 5, 11, 1),
            tuple(
                estimate[key]
                for key in ('limit', 'needed', 'free', 'lacking', 'unknown')
            ),
        )
