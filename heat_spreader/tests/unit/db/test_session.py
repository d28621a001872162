# SPDX-License-Identifier: Apache-2.0
"""The URL of a database, as it is used."""

from oslotest import base
from sqlalchemy import exc

from heat_spreader.db import session


class TestUrl(base.BaseTestCase):
    def query(self, text):
        return dict(session._complete(text).query)

    def test_mysql_connections_use_utf8mb4(self):
        for text in (
            'mysql+pymysql://me:pw@db/x',
            'mysql+pymysql://me:pw@db/x?charset=utf8',
            'mariadb+pymysql://me:pw@db/x?charset=utf8mb4',
        ):
            url = session._complete(text)
            self.assertEqual('mysql+pymysql', url.drivername)
            self.assertEqual({'charset': 'utf8mb4'}, dict(url.query))

    def test_a_password_is_unchanged(self):
        url = session._complete('mysql+pymysql://me:p%40%2F%25$@db/x')

        self.assertEqual('p@/%$', url.password)

    def test_an_invalid_url_is_reported_later(self):
        self.assertEqual('nonsense', session._complete('nonsense'))
        self.assertIsNone(session._complete(None))


class TestReason(base.BaseTestCase):
    def test_reason_is_one_line_without_the_statement(self):
        error = exc.OperationalError('SELECT 1', {}, Exception('gone\naway'))

        self.assertEqual('gone', session.reason(error))
