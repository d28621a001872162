# SPDX-License-Identifier: Apache-2.0
"""What is made of the URL of a database."""

from oslotest import base
from sqlalchemy import exc

from heat_spreader.db import session


class TestUrl(base.BaseTestCase):
    def query(self, text):
        return dict(session._complete(text).query)

    def test_mysql_always_speaks_of_every_character(self):
        for text in (
            'mysql+pymysql://me:pw@db/x',
            'mysql+pymysql://me:pw@db/x?charset=utf8',
            'mariadb+pymysql://me:pw@db/x?charset=utf8mb4',
        ):
            url = session._complete(text)
            self.assertEqual('mysql+pymysql', url.drivername)
            self.assertEqual({'charset': 'utf8mb4'}, dict(url.query))

    def test_a_password_stays_as_it_is(self):
        url = session._complete('mysql+pymysql://me:p%40%2F%25$@db/x')

        self.assertEqual('p@/%$', url.password)

    def test_what_is_no_url_is_said_later(self):
        self.assertEqual('nonsense', session._complete('nonsense'))
        self.assertIsNone(session._complete(None))


class TestReason(base.BaseTestCase):
    def test_it_is_a_line_without_the_statement(self):
        error = exc.OperationalError('SELECT 1', {}, Exception('gone\naway'))

        self.assertEqual('gone', session.reason(error))
