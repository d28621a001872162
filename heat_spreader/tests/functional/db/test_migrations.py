# SPDX-License-Identifier: Apache-2.0
"""The migrations make what the models say, and it keeps what it is given."""

import datetime
import decimal

import sqlalchemy as sa
from oslo_db.sqlalchemy import test_migrations

from heat_spreader import exception
from heat_spreader.db import migration
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests.functional.db import base

load_tests = base.load_tests

# Names that only a careless collation takes for the same; the two é are
# made of one character and of two.
NAMES = [
    'web',
    'Web',
    'w\u00e9b',
    'we\u0301b',
    'web\U0001f680',
    'web\U0001f40b',
]


@session.writer
def put(ctx, *rows):
    ctx.session.add_all(rows)


@session.reader
def read(ctx, model):
    return ctx.session.scalars(sa.select(model)).all()


@base.on_every_database(base.DatabaseTestCase)
class ModelsMatch(test_migrations.ModelsMigrationsSync):
    """test_models_sync: no difference between the models and the tables."""

    def setUp(self):
        super().setUp()
        # oslo.db cleans up with two connections at a time, and ours to
        # SQLite take the write lock.
        self.engine = sa.create_engine(session.get_engine().url)
        self.addCleanup(self.engine.dispose)

    def db_sync(self, engine):
        migration.sync(engine=engine)

    def get_engine(self):
        return self.engine

    def get_metadata(self):
        return models.Base.metadata

    def include_object(self, object_, name, type_, reflected, compare_to):
        return not (type_ == 'table' and name == 'alembic_version')


@base.on_every_database(base.DatabaseTestCase)
class Sync:
    def test_an_empty_database_has_no_version(self):
        self.assertIsNone(migration.version())

    def test_it_makes_every_table_of_the_models(self):
        migration.sync()

        tables = sa.inspect(session.get_engine()).get_table_names()
        self.assertEqual(
            {*models.Base.metadata.tables, 'alembic_version'}, set(tables)
        )
        self.assertEqual(migration.head(), migration.version())

    def test_a_second_time_it_changes_nothing(self):
        migration.sync()
        ctx = base.user()
        put(ctx, models.Cloud(name='kept'))

        migration.sync()

        self.assertEqual(
            ['kept'], [row.name for row in read(ctx, models.Cloud)]
        )
        self.assertEqual(migration.head(), migration.version())


@base.on_every_database(base.SchemaTestCase)
class RoundTrip:
    """What goes in comes out again, to the last digit and character."""

    def test_weights_are_exact(self):
        weights = base.weights(
            a='0', b='0.000001', c='0.1', d='0.333333', e='0.566566'
        )
        base.create_stack(self.ctx, weights=weights)

        self.assertEqual(
            weights,
            {row.cloud: row.weight for row in read(self.ctx, models.Member)},
        )

    def test_times_have_their_microseconds_and_zone(self):
        time = datetime.datetime(
            2026, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC
        )
        elsewhere = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
        put(
            self.ctx,
            models.Cloud(
                name='one', since=time, checked_at=time.astimezone(elsewhere)
            ),
        )

        [row] = read(self.ctx, models.Cloud)
        self.assertEqual((time, time), (row.since, row.checked_at))
        self.assertEqual(datetime.UTC, row.checked_at.tzinfo)

    def test_names_that_only_look_alike_are_different(self):
        for name in NAMES:
            base.create_stack(self.ctx, name=name)

        self.assertEqual(
            sorted(NAMES),
            sorted(row.name for row in read(self.ctx, models.Stack)),
        )
        for name in NAMES:
            found = stacks.get_all(self.ctx, name=name)
            self.assertEqual([name], [row.name for row in found])
            self.assertRaises(
                exception.StackExists, base.create_stack, self.ctx, name=name
            )

    def test_clouds_that_only_look_alike_are_different(self):
        weights = dict.fromkeys(NAMES, decimal.Decimal('0.1'))
        stack = base.create_stack(self.ctx, weights=weights)

        self.assertEqual(
            weights,
            {
                member.cloud: member.weight
                for member in stacks.get(self.ctx, stack.id).members
            },
        )

    def test_the_details_of_an_event_are_any_json(self):
        details = {'from': None, 'to': 3, 'why': '\U0001f40b', 'list': [1.5]}
        put(
            self.ctx,
            models.Event(kind='STACK_STATUS', message='', details=details),
        )

        [row] = read(self.ctx, models.Event)
        self.assertEqual(details, row.details)
