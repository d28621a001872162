# SPDX-License-Identifier: Apache-2.0
"""The flavors of groups, read after the limits for the same estimate."""

import datetime

import fixtures

from heat_spreader.db import flavors as db
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.engine import flavors
from heat_spreader.planning import room
from heat_spreader.tests.functional.emulator import faults
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.engine import test_quota

SMALL, LARGE = room.Flavor(1, 2048), room.Flavor(8, 16384)
DAY = datetime.timedelta(days=1)


@session.writer
def grow_old(ctx, stack_id):
    """Let the flavors of a stack be read long ago."""
    for member in ctx.session.get(models.Stack, stack_id).members:
        if member.flavor_read_at:
            member.flavor_read_at -= DAY


class TestFlavors(test_quota.QuotaTestCase):
    def setUp(self):
        super().setUp()
        self.athens = self.clouds['athens']
        self.athens.set_flavors(small=(1, 2048), large=(8, 16384))
        self.athens.set_flavor('web', 'small')
        self.stack_id = self.create(['0.6', '0.4', '0'])
        self.engine.turn()

    def turn(self, old=True):
        """Let the engine read in athens until the turn has ended."""
        if old:
            self.grow_old()
        quota = self.engine.surveys['athens'].quota
        self.engine.survey('athens')
        self.engine.survey('athens')
        for _ in range(10):
            request = quota._request or quota.flavors._request
            if not request:
                return
            request.future.exception(base.process.TIMEOUT)
            self.engine.survey('athens')
        self.fail('The turn does not end.')

    def templates(self):
        """How many templates athens was asked for."""
        return len(
            [
                request
                for request in self.athens.requests
                if request.path.endswith('/template')
            ]
        )

    def flavors(self):
        return db.get_all(self.ctx)

    def row(self):
        return self.member(self.stack_id, 'athens')

    def test_flavor_is_read_once(self):
        known = {(self.stack_id, 'athens'): SMALL}
        self.turn(old=False)
        self.assertEqual((1, known), (self.templates(), self.flavors()))
        self.assertEqual('small', self.row().flavor)

        self.turn()
        self.assertEqual((1, known), (self.templates(), self.flavors()))

    def test_reads_change_nothing_that_a_pass_needs(self):
        before = self.row()
        self.turn(old=False)

        after = self.row()
        self.assertIsNotNone(after.flavor)
        self.assertEqual(before.known_at, after.known_at)
        self.assertEqual(0, self.engine.reconcile())

    def test_changed_template_is_read_again_after_a_day(self):
        self.turn(old=False)
        self.athens.set_flavor('web', 'large')
        grow_old(self.ctx, self.stack_id)
        self.turn()

        self.assertEqual(2, self.templates())
        self.assertEqual({(self.stack_id, 'athens'): LARGE}, self.flavors())

    def test_stack_that_was_created_again_is_read_again(self):
        self.turn(old=False)
        self.athens.add_stack('web', 1)
        self.athens.set_flavor('web', 'large')
        self.engine.turn()
        self.turn()

        self.assertEqual(LARGE, self.flavors()[self.stack_id, 'athens'])

    def test_group_without_flavor_is_asked_for_once(self):
        self.athens.set_flavor('web', None)
        for _ in range(2):
            self.turn()

        self.assertEqual((1, {}), (self.templates(), self.flavors()))

    def test_flavor_that_nova_does_not_show_has_no_size(self):
        self.athens.set_flavor('web', 'private')
        self.turn(old=False)

        self.assertEqual('private', self.row().flavor)
        self.assertEqual({}, self.flavors())

    def test_cloud_without_nova_is_asked_for_no_template(self):
        for _ in range(4):
            self.engine.survey('berlin')

        paths = [request.path for request in self.clouds['berlin'].requests]
        self.assertNotIn('template', ''.join(paths))
        self.assertEqual('UP', self.cloud_states()['berlin'])

    def test_stack_that_cannot_be_read_does_not_stop_the_others(self):
        second = self.add('also')
        self.athens.heat.fault = faults.html(500).only(path='/stacks/web/')
        self.turn(old=False)

        self.assertEqual({(second, 'athens'): SMALL}, self.flavors())
        self.assertIsNotNone(self.row().flavor_read_at)

    def test_next_turn_goes_on_with_those_that_were_not_read(self):
        self.useFixture(fixtures.MockPatchObject(flavors, 'STACKS', 1))
        second = self.add('also')
        for old, expected in ((False, 1), (True, 2), (True, 2)):
            self.turn(old)
            self.assertEqual(
                (expected, expected), (self.templates(), len(self.flavors()))
            )
        self.assertEqual(SMALL, self.flavors()[second, 'athens'])

    def test_cloud_that_is_down_is_asked_for_nothing(self):
        self.athens.fault = faults.REFUSE
        self.grow_old()
        for _ in range(4):
            self.engine.survey('athens')

        self.assertEqual((0, {}), (self.templates(), self.flavors()))

    def add(self, name):
        """Add a stack of the flavor small in athens."""
        for each in self.clouds.values():
            each.add_stack(name, 1)
        self.athens.set_flavor(name, 'small')
        weights = ['0.6', '0.4', '0']
        stack_id = self.create(weights, name=name, stack_name=name)
        self.engine.turn()
        return stack_id
