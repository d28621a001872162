# SPDX-License-Identifier: Apache-2.0
"""When an engine may act, and when it takes another one for dead."""

import types

import fixtures
from oslotest import base

from heat_spreader import exception
from heat_spreader.db import models
from heat_spreader.engine import heartbeat


class Database:
    """The table of engines: the number of heartbeats by id."""

    def __init__(self):
        self.beats = {}
        self.owners = set()

    def lease_owners(self, ctx):
        return set(self.owners)

    def free(self, ctx, engine_ids):
        self.owners -= engine_ids

    def register(self, ctx, engine_id, host, version):
        self.beats[engine_id] = 0
        return models.utcnow()

    def beat(self, ctx, engine_id):
        if engine_id not in self.beats:
            return None
        self.beats[engine_id] += 1
        return models.utcnow()

    def running(self, ctx):
        return dict(self.beats)

    def stop(self, ctx, engine_id, beats=None):
        if beats not in (None, self.beats.get(engine_id)):
            return False
        return self.beats.pop(engine_id, None) is not None


class TestHeartbeat(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.log = self.useFixture(fixtures.FakeLogger())
        self.database = Database()
        self.clock = 1000.0
        for name, value in (
            ('engines', self.database),
            ('time', types.SimpleNamespace(monotonic=lambda: self.clock)),
        ):
            self.useFixture(fixtures.MockPatchObject(heartbeat, name, value))
        self.beats = self.start()

    def start(self, interval=3.0, timeout=15.0):
        beats = heartbeat.Heartbeat(
            types.SimpleNamespace(
                heartbeat_interval=interval, heartbeat_timeout=timeout
            )
        )
        beats.beat()
        return beats

    def test_engine_acts_only_while_its_heartbeat_is_young(self):
        self.assertTrue(self.beats.may_act())
        self.clock += 11.9
        self.assertTrue(self.beats.may_act())
        self.clock += 0.2

        self.assertFalse(self.beats.may_act())
        self.assertIn('nothing is sent to any cloud', self.log.output)
        self.beats.beat()
        self.assertTrue(self.beats.may_act())

    def test_engine_stops_before_the_others_take_over(self):
        other = self.start()
        other.beat()
        while other.alive == 2:
            self.clock += 3
            if self.beats.may_act():
                self.assertIn(self.beats.id, self.database.beats)
            other.beat()

        self.assertNotIn(self.beats.id, self.database.beats)
        self.assertFalse(self.beats.may_act())

    def test_engine_that_was_declared_dead_continues_under_a_new_id(self):
        before = self.beats.id
        self.database.stop(None, before)

        self.beats.beat()

        self.assertNotEqual(before, self.beats.id)
        self.assertTrue(self.beats.may_act(self.beats.id))
        self.assertFalse(self.beats.may_act(before))
        self.assertIn('took this one for dead', self.log.output)

    def test_late_write_counts_from_its_start(self):
        beat = self.database.beat

        def late(*args):
            self.clock += 13
            return beat(*args)

        self.database.beat = late
        self.beats.beat()

        self.assertFalse(self.beats.may_act())

    def test_engine_with_a_heartbeat_is_never_declared_dead(self):
        other = self.start()
        for _ in range(20):
            self.clock += 3
            self.beats.beat()
            other.beat()

        self.assertEqual((2, 2), (self.beats.alive, other.alive))

    def test_leases_of_engines_that_do_not_run_are_free(self):
        other = self.start()
        self.database.owners = {'gone', self.beats.id, other.id}
        self.beats.beat()
        self.assertEqual({self.beats.id, other.id}, self.database.owners)
        for _ in range(6):
            self.clock += 3
            self.beats.beat()

        self.assertEqual({self.beats.id}, self.database.owners)

    def test_engines_prefer_different_stacks(self):
        others = [self.start() for _ in range(2)]
        every = [self.beats, *others]
        for each in every:
            each.beat()
        names = [f'stack-{number}' for number in range(60)]

        for name in names:
            self.assertEqual(1, sum(each.prefers(name) for each in every))
        for each in every:
            self.assertTrue(any(map(each.prefers, names)))

    def test_timeout_of_less_than_three_intervals_is_refused(self):
        exc = self.assertRaises(
            exception.ConfigurationInvalid, self.start, 3.0, 8.0
        )

        self.assertIn('heartbeat_timeout = 8', str(exc))
