# SPDX-License-Identifier: Apache-2.0
"""Which errors of the drivers mean that the database cannot be used."""

import sqlite3
from unittest import mock

import sqlalchemy as sa
from oslo_db import exception as db_exc
from oslotest import base

from heat_spreader.db import failures


class TestClassify(base.BaseTestCase):
    def test_mysql_by_number_and_text(self):
        for number, text, kind in (
            (1205, 'Lock wait timeout exceeded', failures.Locked),
            (
                1290,
                'The MySQL server is running with the --super-read-only '
                'option so it cannot execute this statement',
                failures.WritesRefused,
            ),
            (1290, 'running with the --secure-file-priv option', None),
            (1836, 'Running in read-only mode', failures.WritesRefused),
            (1114, "The table 'stacks' is full", failures.DiskFull),
            (
                3,
                'Error writing file \'x\' (Errcode: 28 "No space left")',
                failures.DiskFull,
            ),
            (
                1180,
                'Got error 28 "No space left on device" during COMMIT',
                failures.DiskFull,
            ),
            (
                1180,
                'Got error 6 "No such device or address" during COMMIT',
                failures.NotReady,
            ),
            (
                1047,
                'WSREP has not yet prepared node for application use',
                failures.NotReady,
            ),
            (2013, 'Lost connection (timed out)', failures.NoAnswer),
            (2013, 'Lost connection', None),
            (1062, 'Duplicate entry', None),
        ):
            error = Exception(number, text)
            self.assertIs(kind, failures.classify('mysql', error), text)

    def test_postgresql_by_code(self):
        for code, kind in (
            ('25006', failures.WritesRefused),
            ('53100', failures.DiskFull),
            ('55P03', failures.Locked),
            ('57014', failures.NoAnswer),
            ('23505', None),
            (None, None),
        ):
            error = mock.Mock(spec=Exception, pgcode=code)
            self.assertIs(kind, failures.classify('postgresql', error), code)

    def test_sqlite_by_code(self):
        for code, kind in (
            (sqlite3.SQLITE_BUSY_SNAPSHOT, failures.Locked),
            (sqlite3.SQLITE_READONLY_DBMOVED, failures.WritesRefused),
            (sqlite3.SQLITE_FULL, failures.DiskFull),
            (sqlite3.SQLITE_CANTOPEN, failures.CannotConnect),
            (sqlite3.SQLITE_CONSTRAINT_UNIQUE, None),
        ):
            error = mock.Mock(spec=Exception, sqlite_errorcode=code)
            self.assertIs(kind, failures.classify('sqlite', error), code)

    def test_error_without_anything_is_none_of_these(self):
        for dialect in ('mysql', 'postgresql', 'sqlite', 'oracle'):
            self.assertIsNone(failures.classify(dialect, Exception()))


class TestDetail(base.BaseTestCase):
    def test_names_the_reason_and_no_host(self):
        cause = Exception("Can't connect to 'me'@'10.0.0.1'")
        for exc, text in (
            (failures.WritesRefused(cause), 'read-only'),
            (db_exc.DBConnectionError(cause), 'cannot be reached'),
            (sa.exc.TimeoutError(), 'in use'),
        ):
            detail = failures.detail(exc)
            self.assertIn(text, detail)
            self.assertIn('Try again later.', detail)
            self.assertNotIn('10.0.0.1', detail)
