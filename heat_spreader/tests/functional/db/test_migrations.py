# SPDX-License-Identifier: Apache-2.0
"""The migrations create the tables of the models, which keep every value."""

import datetime
import decimal
import json
import os
import sys

import sqlalchemy as sa
from oslo_db import exception as db_exc
from oslo_db.sqlalchemy import test_migrations

from heat_spreader import exception
from heat_spreader.db import migration
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.db import stacks
from heat_spreader.tests import process
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


ALREADY_THERE = (db_exc.DBError, sa.exc.OperationalError)


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

    def test_sync_creates_every_table_of_the_models(self):
        migration.sync()

        tables = sa.inspect(session.get_engine()).get_table_names()
        self.assertEqual(
            {*models.Base.metadata.tables, 'alembic_version'}, set(tables)
        )
        self.assertEqual(migration.head(), migration.version())

    def test_second_sync_changes_nothing(self):
        migration.sync()
        ctx = base.user()
        put(ctx, models.Cloud(name='kept'))

        migration.sync()

        self.assertEqual(
            ['kept'], [row.name for row in read(ctx, models.Cloud)]
        )
        self.assertEqual(migration.head(), migration.version())


@base.on_every_database(base.DatabaseTestCase)
class Upgrade:
    """From every revision there is or will be, with rows in every table."""

    def test_upgrade_keeps_the_content_of_the_tables(self):
        put_in = {}
        for number, revision in enumerate(migration.revisions(), start=1):
            migration.sync(revision)

            self.assertEqual(revision, migration.version())
            self.check(put_in)
            self.put_in_every_table(number, put_in)
        self.check(put_in)
        self.assertEqual(migration.head(), migration.version())
        for mapper in models.Base.registry.mappers:
            rows = read(base.user(), mapper.class_)
            self.assertEqual(number, len(rows), mapper)

    def tables(self):
        metadata = sa.MetaData()
        metadata.reflect(session.get_engine())
        return {
            table.name: table
            for table in metadata.sorted_tables
            if table.name != 'alembic_version'
        }

    def put_in_every_table(self, number, put_in):
        tables = self.tables()
        with session.get_engine().begin() as connection:
            for name, table in tables.items():
                row = {
                    column.name: _some_value(column, number)
                    for column in table.columns
                }
                connection.execute(table.insert().values(row))
                put_in[name, number] = row

    def check(self, put_in):
        """Find each row, with the values of the columns that there are."""
        tables = self.tables()
        with session.get_engine().connect() as connection:
            for (name, number), row in put_in.items():
                table = tables[name]
                key = [
                    column == row[column.name]
                    for column in table.primary_key.columns
                ]
                found = connection.execute(sa.select(table).where(*key)).one()
                kept = {
                    column: value
                    for column, value in row.items()
                    if column in table.columns
                }
                self.assertEqual(
                    kept,
                    {column: found._mapping[column] for column in kept},
                    f'{name}, put in at step {number}',
                )


def _some_value(column, number):
    """A value that differs from step to step, and leads along the keys."""
    kind = column.type.python_type
    for key in column.foreign_keys:
        column = key.column
    if kind is str:
        # The details of an event are JSON.
        room = (column.type.length or 64) - len('""')
        return json.dumps(f'{number} {column.name}'[:room])
    if kind is datetime.datetime:
        return datetime.datetime(2026, 1, number)
    return kind(number)


@base.on_every_database(base.DatabaseTestCase)
class CutShort:
    """A migration that ends anywhere is made by the next run."""

    def setUp(self):
        super().setUp()
        self.engine = session.get_engine()

    def cut_short(self, number):
        """Sync, but not the statement of that number; whether it was met."""
        met = []

        def listen(connection, cursor, statement, *args):
            if statement.lstrip().startswith(('CREATE', 'INSERT')):
                met.append(statement)
                if len(met) == number:
                    raise RuntimeError('cut short')

        sa.event.listen(self.engine, 'before_cursor_execute', listen)
        try:
            migration.sync(engine=self.engine)
        except (RuntimeError, db_exc.DBError) as exc:
            self.assertIn('cut short', str(exc))
            return True
        finally:
            sa.event.remove(self.engine, 'before_cursor_execute', listen)
        return False

    def shape(self):
        """Every table with its columns and indexes."""
        inspector = sa.inspect(self.engine)
        return {
            table: (
                [column['name'] for column in inspector.get_columns(table)],
                sorted(i['name'] for i in inspector.get_indexes(table)),
            )
            for table in inspector.get_table_names()
        }

    def drop_all(self):
        metadata = sa.MetaData()
        metadata.reflect(self.engine)
        metadata.drop_all(self.engine)

    def test_sync_completes_an_interrupted_migration(self):
        migration.sync(engine=self.engine)
        whole = self.shape()
        number = 1
        self.drop_all()
        while self.cut_short(number):
            migration.sync(engine=self.engine)

            self.assertEqual(whole, self.shape(), number)
            self.assertEqual(migration.head(), migration.version())
            self.drop_all()
            number += 1
        self.assertLess(len(models.Base.metadata.tables), number)

    def test_a_table_of_another_program_is_left_unchanged(self):
        other = sa.Table('events', sa.MetaData(), sa.Column('x', sa.Integer))
        other.create(self.engine)

        self.assertRaises(ALREADY_THERE, migration.sync, engine=self.engine)

        columns = sa.inspect(self.engine).get_columns('events')
        self.assertEqual(['x'], [column['name'] for column in columns])
        self.assertIsNone(migration.version())


@base.on_every_database(base.DatabaseTestCase)
class AtOnce:
    def test_several_hosts_may_sync_an_empty_database(self):
        script = (
            'import sys; from heat_spreader.cmd import manage; '
            'sys.exit(manage.main())'
        )
        url = session.get_engine().url
        connection = url.render_as_string(hide_password=False)
        syncs = [
            self.useFixture(
                process.Process(
                    # Not the configuration of this machine.
                    [
                        *(sys.executable, '-c', script),
                        *('--config-file', os.devnull, 'db', 'sync'),
                    ],
                    env=process.environ(OS_DATABASE__CONNECTION=connection),
                )
            )
            for _ in range(3)
        ]
        for sync in syncs:
            sync.launch()
        for sync in syncs:
            self.assertEqual(0, sync.wait(), sync.text())

        self.assertEqual(migration.head(), migration.version())


class TestLockOnMariaDB(base.MariaDB, base.DatabaseTestCase):
    def test_lock_is_kept_until_the_revision_is_committed(self):
        happened = []
        engine = session.get_engine()
        sa.event.listen(
            engine,
            'before_cursor_execute',
            lambda conn, cursor, statement, *rest: happened.append(statement),
        )
        sa.event.listen(
            engine, 'commit', lambda conn: happened.append('COMMIT')
        )
        migration.sync(engine=engine)

        revised = happened.index(
            next(each for each in happened if 'INSERT INTO' in each)
        )
        (release,) = (each for each in happened if 'release_lock' in each)
        self.assertIn('alembic_version', happened[revised])
        self.assertIn('COMMIT', happened[revised : happened.index(release)])


@base.on_every_database(base.SchemaTestCase)
class RoundTrip:
    """Values are read exactly as they were written."""

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

    def test_details_of_an_event_may_be_any_json(self):
        details = {'from': None, 'to': 3, 'why': '\U0001f40b', 'list': [1.5]}
        put(
            self.ctx,
            models.Event(kind='STACK_STATUS', message='', details=details),
        )

        [row] = read(self.ctx, models.Event)
        self.assertEqual(details, row.details)
