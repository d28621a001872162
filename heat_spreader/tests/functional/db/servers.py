# SPDX-License-Identifier: Apache-2.0
"""Database servers of a test's own, to be killed and started again."""

import os
import pathlib
import shutil
import signal
import tempfile
import time

import fixtures
import psycopg2
import pymysql

from heat_spreader.tests import process

USER = 'spreader'
PASSWORD = 'S3cret-of-the-database'
DATABASE = 'heat_spreader'


class Server(fixtures.Fixture):
    """A server on a free port with an empty database: ``url``."""

    account = None
    driver = None

    @classmethod
    def missing(cls):
        """Return why this machine cannot run it; None if it can."""
        raise NotImplementedError

    def _setUp(self):
        # Not within the directory of the test, which only its user can read.
        directory = tempfile.TemporaryDirectory(
            dir=os.environ.get('TMPDIR', '/tmp')
        )
        self.addCleanup(directory.cleanup)
        self.directory = pathlib.Path(directory.name)
        self.port = self.useFixture(process.Port()).number
        self.log = self.directory / 'server.log'
        self.url = (
            f'{self.driver}://{USER}:{PASSWORD}@127.0.0.1:{self.port}'
            f'/{DATABASE}'
        )
        if self._as_account():
            # Servers do not run as root.
            shutil.chown(self.directory, self.account, self.account)
        self._make_process(*self._installation()).run()
        self._process = self._make_process(*self._command())
        self.start()

    def start(self):
        """Start the server and wait until it answers."""

        def answers():
            # What is left of a killed server may end the next one.
            self._process.launch()
            return self._answers()

        process.wait_until(answers, self._process.log_tail)

    def kill(self):
        """End the server at once, as a power cut would."""
        self._process.kill()

    def stop(self):
        """End the server politely."""
        self._process.stop()

    def suspend(self):
        """Let the server hang: it takes connections and answers nothing."""
        self.addCleanup(self.resume)
        pids = self._signal(signal.SIGSTOP)
        # Sent is not done; no thread must answer once more.
        process.wait_until(
            lambda: all(process.thread_states(pid) <= {'T'} for pid in pids),
            lambda: 'the server was not suspended',
        )

    def resume(self):
        """Let it go on where it was."""
        self._signal(signal.SIGCONT)

    def _signal(self, number):
        """Send a signal to all processes of the server; return their ids."""
        main = self._process.pid
        if main is None:
            return []
        # PostgreSQL has a process for each connection.
        found = pathlib.Path(f'/proc/{main}/task/{main}/children')
        pids = [main, *map(int, found.read_text().split())]
        for pid in pids:
            os.kill(pid, number)
        return pids

    def set_read_only(self, read_only):
        """Refuse changes, or take them again."""
        raise NotImplementedError

    def _answers(self):
        try:
            self._connect().close()
        except (psycopg2.Error, pymysql.Error):
            return False
        return True

    def _as_account(self):
        if os.geteuid():
            return {}
        account = self.account
        return {'user': account, 'group': account, 'extra_groups': []}

    def _make_process(self, *command):
        return self.useFixture(
            process.Process(
                command,
                self.log,
                cwd=self.directory,
                # MariaDB deletes what other servers have in a common one.
                env=process.environ(TMPDIR=str(self.directory)),
                **self._as_account(),
            )
        )


class MariaDBServer(Server):
    account = 'mysql'
    driver = 'mysql+pymysql'

    @classmethod
    def missing(cls):
        for program in ('mariadbd', 'mariadb-install-db'):
            if not shutil.which(program):
                return f'there is no {program} here'
        return None

    def _installation(self):
        (self.directory / 'init.sql').write_text(
            f'CREATE DATABASE IF NOT EXISTS {DATABASE};\n'
            f"CREATE USER IF NOT EXISTS '{USER}'@'%'"
            f" IDENTIFIED BY '{PASSWORD}';\n"
            f"GRANT ALL ON {DATABASE}.* TO '{USER}'@'%';\n"
        )
        return [
            'mariadb-install-db',
            '--no-defaults',
            f'--datadir={self.directory}/data',
            '--auth-root-authentication-method=normal',
            '--skip-test-db',
        ]

    def _command(self):
        return [
            'mariadbd',
            '--no-defaults',
            f'--datadir={self.directory}/data',
            f'--socket={self.directory}/socket',
            f'--pid-file={self.directory}/pid',
            f'--init-file={self.directory}/init.sql',
            '--bind-address=127.0.0.1',
            f'--port={self.port}',
            '--innodb-buffer-pool-size=16M',
            '--skip-name-resolve',
        ]

    def _connect(self):
        return pymysql.connect(
            host='127.0.0.1',
            port=self.port,
            user=USER,
            password=PASSWORD,
            database=DATABASE,
        )

    def set_read_only(self, read_only):
        # The account that an administrator of its own would have.
        with pymysql.connect(
            unix_socket=f'{self.directory}/socket', user='root'
        ) as connection:
            connection.cursor().execute(
                f'SET GLOBAL read_only = {int(read_only)}'
            )


class PostgreSQLServer(Server):
    account = 'postgres'
    driver = 'postgresql+psycopg2'

    @staticmethod
    def _programs():
        found = pathlib.Path('/usr/lib/postgresql').glob('*/bin')
        return max(found, key=lambda path: int(path.parent.name), default=None)

    @classmethod
    def missing(cls):
        if cls._programs() is None:
            return 'there is no PostgreSQL in /usr/lib/postgresql'
        return None

    def _installation(self):
        secret = self.directory / 'password'
        secret.write_text(PASSWORD)
        return [
            self._programs() / 'initdb',
            f'--pgdata={self.directory}/data',
            f'--username={USER}',
            f'--pwfile={secret}',
            '--auth=scram-sha-256',
            '--encoding=UTF8',
            '--no-sync',
        ]

    def _command(self):
        return [
            self._programs() / 'postgres',
            '-D',
            self.directory / 'data',
            '-k',
            self.directory,
            '-h',
            '127.0.0.1',
            '-p',
            str(self.port),
        ]

    def start(self):
        super().start()
        connection = self._connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                'SELECT 1 FROM pg_database WHERE datname = %s', (DATABASE,)
            )
            if not cursor.fetchone():
                cursor.execute(f'CREATE DATABASE {DATABASE}')
        connection.close()

    def set_read_only(self, read_only):
        # New transactions are as on a standby.
        connection = self._connect()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(
                'ALTER SYSTEM SET default_transaction_read_only = '
                f'{"on" if read_only else "off"}'
            )
            cursor.execute('SELECT pg_reload_conf()')
        connection.close()
        self._wait_until(read_only)

    def _wait_until(self, read_only):
        """Wait until new connections are read-only, or are not."""
        wanted = 'on' if read_only else 'off'
        while True:
            connection = self._connect()
            with connection.cursor() as cursor:
                cursor.execute('SHOW default_transaction_read_only')
                (value,) = cursor.fetchone()
            connection.close()
            if value == wanted:
                return
            time.sleep(0.01)

    def _connect(self):
        return psycopg2.connect(
            host='127.0.0.1',
            port=self.port,
            user=USER,
            password=PASSWORD,
            dbname='postgres',
        )


class PostgreSQLStandby(PostgreSQLServer):
    """A standby that follows a primary: it can only be read."""

    def __init__(self, primary):
        super().__init__()
        self.primary = primary

    def _installation(self):
        return [
            self._programs() / 'pg_basebackup',
            f'--pgdata={self.directory}/data',
            f'--dbname=postgresql://{USER}:{PASSWORD}@127.0.0.1'
            f':{self.primary.port}/postgres',
            '--write-recovery-conf',
            '--checkpoint=fast',
            '--no-sync',
        ]

    def promote(self):
        """Make it the primary, and wait until it is."""
        connection = self._connect()
        with connection.cursor() as cursor:
            cursor.execute('SELECT pg_promote()')
        connection.close()


class OnServer:
    """A mixin of tests with such a database: ``server``."""

    server_class = None

    def database_url(self):
        missing = self.server_class.missing()
        if missing:
            self.skipTest(missing)
        self.server = self.useFixture(self.server_class())
        return self.server.url
