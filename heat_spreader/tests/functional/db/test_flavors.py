# SPDX-License-Identifier: Apache-2.0
"""Which members need a read of their flavor, and what was read of them."""

import datetime

import sqlalchemy as sa

from heat_spreader.db import flavors
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.planning import room
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

NOW = datetime.datetime(2026, 11, 23, 8, tzinfo=datetime.UTC)
HOUR = datetime.timedelta(hours=1)


@session.writer
def note(ctx, stack_id, **values):
    """Write what was read in the cloud a."""
    ctx.session.execute(
        sa.update(models.Member)
        .where(models.Member.stack_id == stack_id, models.Member.cloud == 'a')
        .values(values)
    )


@base.on_every_database(base.SchemaTestCase)
class Flavors:
    def setUp(self):
        super().setUp()
        self.ids = {}
        for name in ('missing', 'old', 'older', 'never', 'again', 'fresh'):
            self.ids[name] = base.create_stack(
                self.ctx, name=name, stack_name=name, weights=base.weights(a=1)
            ).id
            if name != 'missing':
                note(self.ctx, self.ids[name], heat_id=name)
        for name, hours in (('old', 2), ('older', 3), ('fresh', 0)):
            self.read(name, name, hours)
        self.read('again', 'another', 0)

    def read(self, name, heat_id, hours):
        note(
            self.ctx,
            self.ids[name],
            flavor_heat_id=heat_id,
            flavor_read_at=NOW - hours * HOUR,
        )

    def unread(self, limit=9):
        found = flavors.find_unread(self.ctx, 'a', NOW - HOUR, limit)
        return [row.stack_name for row in found]

    def test_those_that_were_never_read_come_first(self):
        expected = ['never', 'older', 'old', 'again']
        self.assertEqual(expected, self.unread())
        self.assertEqual(expected[:2], self.unread(2))
        self.assertEqual([], flavors.find_unread(self.ctx, 'b', NOW + HOUR, 9))

    def test_what_was_read_of_another_heat_stack_is_not_written(self):
        never, older, *_ = flavors.find_unread(self.ctx, 'a', NOW - HOUR, 9)
        note(self.ctx, self.ids['older'], heat_id='new')
        for row in (never, older):
            values = {
                'flavor': 'm1.small',
                'flavor_cores': 1,
                'flavor_ram': 2048,
                'flavor_read_at': NOW,
            }
            flavors.save(self.ctx, 'a', row, values)

        self.assertEqual(
            {(self.ids['never'], 'a'): room.Flavor(1, 2048)},
            flavors.get_all(self.ctx),
        )
        self.assertEqual(['older', 'old', 'again'], self.unread())
