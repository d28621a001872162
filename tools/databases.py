# SPDX-License-Identifier: Apache-2.0
"""Create the account openstack_citest for the database tests.

This works on the MariaDB and the PostgreSQL of this machine if their
administrators need no password. Otherwise the tests on that server are
skipped.
"""

import psycopg2
import pymysql

ACCOUNT = 'openstack_citest'
HOST = '127.0.0.1'
TIMEOUT = 5


def prepare_mariadb():
    """Create the account on MariaDB, for each name of this machine."""
    connection = pymysql.connect(
        host=HOST, user='root', connect_timeout=TIMEOUT
    )
    with connection, connection.cursor() as cursor:
        for host in ('localhost', HOST):
            cursor.execute(
                'CREATE USER IF NOT EXISTS %s@%s IDENTIFIED BY %s',
                (ACCOUNT, host, ACCOUNT),
            )
            cursor.execute('GRANT ALL ON *.* TO %s@%s', (ACCOUNT, host))


def prepare_postgresql():
    """Create the account on PostgreSQL, with the right to create databases."""
    connection = psycopg2.connect(
        host=HOST, user='postgres', dbname='postgres', connect_timeout=TIMEOUT
    )
    with connection, connection.cursor() as cursor:
        cursor.execute('SELECT 1 FROM pg_roles WHERE rolname = %s', (ACCOUNT,))
        if not cursor.fetchone():
            cursor.execute(
                f'CREATE ROLE {ACCOUNT} LOGIN CREATEDB PASSWORD %s', (ACCOUNT,)
            )
    connection.close()


def main():
    for name, prepare, error in (
        ('MariaDB', prepare_mariadb, pymysql.Error),
        ('PostgreSQL', prepare_postgresql, psycopg2.Error),
    ):
        try:
            prepare()
        except error as exc:
            reason = str(exc).strip().splitlines()[0]
            print(f'{name}: the account {ACCOUNT} was not created: {reason}')
        else:
            print(f'{name}: the account {ACCOUNT} exists')


if __name__ == '__main__':
    main()
