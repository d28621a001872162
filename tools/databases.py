# SPDX-License-Identifier: Apache-2.0
"""Make the account openstack_citest that the database tests look for.

On the MariaDB and the PostgreSQL of this machine, where their administrators
are let in without a password; else the tests on that server skip.
"""

import psycopg2
import pymysql

ACCOUNT = 'openstack_citest'
HOST = '127.0.0.1'
TIMEOUT = 5


def prepare_mariadb():
    """Make the account on MariaDB, for each name this machine has there."""
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
    """Make the account on PostgreSQL, which may then make databases."""
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
            print(f'{name}: no account {ACCOUNT} made here: {reason}')
        else:
            print(f'{name}: the account {ACCOUNT} is there')


if __name__ == '__main__':
    main()
