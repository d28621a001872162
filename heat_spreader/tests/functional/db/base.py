# SPDX-License-Identifier: Apache-2.0
"""A test with an empty database of its own: SQLite, MariaDB, PostgreSQL.

A class of tests is written once, for no database in particular, and
``on_every_database`` makes three of it. Where there is no such server, or no
account openstack_citest on it, the tests skip. A module of such tests has
``load_tests = base.load_tests``, so that a database serves many of them.
"""

import decimal
import pathlib
import sys

import fixtures
import sqlalchemy as sa
from oslo_db.sqlalchemy import test_fixtures
from oslotest import base

from heat_spreader import context
from heat_spreader.db import migration
from heat_spreader.db import models
from heat_spreader.db import stacks
from heat_spreader.tests.functional import fixtures as our_fixtures

load_tests = test_fixtures.optimize_module_test_loader()


def user(project_id='p1'):
    """The context of a user: one for each thread, as for each request."""
    return context.RequestContext(
        project_id=project_id, user_id='u1', overwrite=False
    )


def weights(**texts):
    """Weights as the API hands them on: exact decimals by cloud."""
    return {cloud: decimal.Decimal(text) for cloud, text in texts.items()}


def create_stack(ctx, **values):
    """Create a stack with the given values and defaults for the rest."""
    name = values.get('name', 'web')
    wanted = {
        'name': name,
        'stack_name': name,
        'count_parameter': 'size',
        'count': 10,
        'failover': 'even',
        **values,
    }
    return stacks.create(ctx, wanted)


class DatabaseTestCase(base.BaseTestCase):
    """Point heat_spreader.db at the database of the class.

    ``timeouts``: options of the [database_timeouts] group.
    """

    timeouts = {}

    def setUp(self):
        super().setUp()
        self.useFixture(
            our_fixtures.Connection(self.database_url(), self.timeouts)
        )

    def database_url(self):
        """The URL of the database, its password included."""
        raise NotImplementedError


class SchemaTestCase(DatabaseTestCase):
    """Make the tables, as heat-spreader-manage db sync does."""

    def setUp(self):
        super().setUp()
        migration.sync()
        self.ctx = user()


class SQLite:
    """A file, as in production; one in memory has one connection only."""

    def database_url(self):
        directory = self.useFixture(fixtures.TempDir()).path
        path = pathlib.Path(directory, 'heat-spreader.sqlite')
        # Empty, as the database of a server: only db sync makes the file.
        path.touch()
        return f'sqlite:///{path}'


class _Tables(
    test_fixtures.GeneratesSchemaFromMigrations,
    test_fixtures.DeletesFromSchema,
):
    """Makes the tables once for many tests, and empties them after each."""

    def generate_schema_migrations(self, engine):
        migration.sync(engine=engine)

    def delete_from_schema(self, engine):
        with engine.begin() as connection:
            for table in reversed(models.Base.metadata.sorted_tables):
                connection.execute(table.delete())


class _MariaDBTables(_Tables, test_fixtures.MySQLOpportunisticFixture):
    pass


class _PostgreSQLTables(_Tables, test_fixtures.PostgresqlOpportunisticFixture):
    pass


class _Server(test_fixtures.OpportunisticDBTestMixin):
    def generate_fixtures(self):
        with_tables = isinstance(self, SchemaTestCase)
        return (self.TABLES if with_tables else self.EMPTY)(test=self)

    def database_url(self):
        url = self._get_default_provisioned_db().engine.url
        return sa.make_url(url).render_as_string(hide_password=False)


class MariaDB(_Server):
    EMPTY = test_fixtures.MySQLOpportunisticFixture
    TABLES = _MariaDBTables


class PostgreSQL(_Server):
    EMPTY = test_fixtures.PostgresqlOpportunisticFixture
    TABLES = _PostgreSQLTables


SERVERS = (MariaDB, PostgreSQL)


def on_every_database(case, kinds=(SQLite, *SERVERS)):
    """Make a decorator: the class, with this base, on each database."""

    def decorate(behaviour):
        module = behaviour.__module__
        for kind in kinds:
            name = f'Test{behaviour.__name__}On{kind.__name__}'
            test = type(name, (kind, behaviour, case), {'__module__': module})
            setattr(sys.modules[module], name, test)
        return behaviour

    return decorate
