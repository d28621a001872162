# SPDX-License-Identifier: Apache-2.0
"""The real programs run with the files that the DevStack plugin writes."""

import json
import os
import re
import shutil
import sys

import fixtures
import sqlalchemy as sa
from oslotest import base

from heat_spreader.tests import process
from heat_spreader.tests.functional.db import base as db_base
from heat_spreader.tests.functional.devstack import plugin
from heat_spreader.tests.functional.emulator import app
from heat_spreader.tests.functional.emulator import cloud

load_tests = db_base.load_tests

GENERATOR = plugin.DEVSTACK.parent / 'etc/heat_spreader/config-generator.conf'
# Headers that Apache adds where it terminates TLS.
TLS_PROXY = {
    'X-Forwarded-Host': 'cloud.example.com',
    'X-Forwarded-Proto': 'https',
}
# As Apache and uWSGI hand requests on: behind the prefix, without it.
ASK = """
import importlib, json, sys, webob
module, _, name = sys.argv[1].partition(':')
application = getattr(importlib.import_module(module), name)
for line in sys.stdin:
    path, headers = json.loads(line)
    request = webob.Request.blank(path, base_url='http://192.0.2.1/multicloud')
    request.headers.update(headers)
    answer = request.get_response(application)
    print(json.dumps([answer.status_int, answer.json]))
"""


class OutcomeTestCase(base.BaseTestCase):
    def setUp(self):
        super().setUp()
        self.plugin = self.useFixture(plugin.Plugin())

    def stack(self, phases=plugin.STACK, **variables):
        self.plugin.variables.update(variables)
        done = self.plugin.run(*phases)
        self.assertEqual(
            (0, ''), (done.returncode, self.plugin.refused), done.stdout
        )

    def environ(self):
        """Return the environment of systemd, without our variables."""
        return {'PATH': os.environ['PATH']}

    def command(self, service):
        """Return the command that systemd runs for a service."""
        (command,) = [
            call[2].split()
            for call in self.plugin.calls
            if call[:2] == ['run_process', service]
        ]
        return command


class TestOptions(OutcomeTestCase):
    def unknown(self):
        """The options that the validator of oslo.config does not know."""
        namespaces = [
            word
            for line in GENERATOR.read_text().splitlines()
            if line.startswith('namespace = ')
            for word in ('--namespace', line.split()[-1])
        ]
        done = process.run(
            process.SCRIPTS / 'oslo-config-validator',
            *namespaces,
            *('--input-file', self.plugin.conf),
        )
        return set(re.findall(r'([^:\s]+) is not part of', done.stderr))

    def test_every_written_option_exists(self):
        self.stack(HEAT_SPREADER_CLOUDS='athens,berlin::alt_demo')
        with open(self.plugin.conf, 'a', encoding='utf-8') as file:
            file.write('[engine]\nthread = 1\n')

        # It does not know the groups of the clouds, but finds the mistake.
        groups = {f'cloud_{name}/projects' for name in ('athens', 'berlin')}
        self.assertEqual({'engine/thread', *groups}, self.unknown())


class TestApi(OutcomeTestCase):
    def ask(self, *requests):
        """Send requests to the application that uWSGI serves."""
        uwsgi = self.plugin.ini(self.plugin.uwsgi)['uwsgi']
        name, _, value = uwsgi['env'].partition('=')
        done = process.run(
            *(sys.executable, '-c', ASK, uwsgi['module']),
            env={**self.environ(), name: value},
            input='\n'.join(map(json.dumps, requests)),
        )
        self.assertEqual(0, done.returncode, done.stderr)
        # The rest is the log.
        lines = done.stdout.splitlines()
        return [json.loads(line) for line in lines if line.startswith('[')]

    def test_api_is_served_behind_the_prefix(self):
        self.stack()
        health, root, proxied, clouds = self.ask(
            ['/healthcheck', {'Accept': 'application/json'}],
            ['/', {}],
            ['/v1', TLS_PROXY],
            ['/v1/clouds', {}],
        )

        self.assertEqual(200, health[0], health)
        (version,) = root[1]['versions']
        self.assertEqual(
            'http://192.0.2.1/multicloud/v1', version['links'][0]['href']
        )
        self.assertEqual(
            'https://cloud.example.com/multicloud/v1',
            proxied[1]['version']['links'][0]['href'],
        )
        self.assertEqual(401, clouds[0], clouds)


class DevStack(fixtures.Fixture):
    """A cloud that accepts the user that owns the stacks in DevStack."""

    def _setUp(self):
        self.useFixture(fixtures.MonkeyPatch(f'{app.__name__}.USER', 'demo'))
        self.cloud = cloud.EmulatedCloud('devstack')
        self.cloud.password = plugin.ADMIN_PASSWORD
        self.cloud.start()
        self.addCleanup(self.cloud.stop)


class TestEngine(OutcomeTestCase):
    def test_engine_logs_in_to_the_clouds_and_finds_them_up(self):
        emulated = self.useFixture(DevStack()).cloud
        self.stack(
            HEAT_SPREADER_CLOUDS='athens,berlin::alt_demo',
            KEYSTONE_SERVICE_URI=emulated.keystone.url,
        )
        engine = self.useFixture(
            process.Process(self.command('hs-engine'), env=self.environ())
        )
        engine.start()
        states = {}
        while len(states) < 2:
            found = engine.wait_for(r'The cloud (\w+) is (\w+)')
            states[found[1]] = found[2]

        self.assertEqual({'athens': 'UP', 'berlin': 'UP'}, states)
        self.assertEqual(0, engine.stop(), engine.text())
        self.assertNotIn(plugin.ADMIN_PASSWORD, engine.text())


class TestMariaDB(db_base.MariaDB, OutcomeTestCase):
    """DevStack's databases have three-byte characters.

    The database of this test is altered by the plugin's own statement.
    """

    def setUp(self):
        super().setUp()
        client = shutil.which('mysql') or shutil.which('mariadb')
        if client is None:
            self.skipTest('There is no client of MariaDB here.')
        url = sa.make_url(self.database_url())
        self.plugin.program(
            'mysql', f'exec "{client}" "${{@//heat_spreader/{url.database}}}"'
        )
        self.execute(url, f'ALTER DATABASE {url.database} CHARACTER SET utf8')
        url = url.update_query_dict({'charset': 'utf8'})
        self.stack(
            DATABASE_PASSWORD=url.password,
            DATABASE_URL=url.render_as_string(hide_password=False),
            DATABASE_USER=url.username,
            MYSQL_HOST=url.host,
        )

    def execute(self, url, statement):
        if isinstance(statement, str):
            statement = sa.text(statement)
        engine = sa.create_engine(url)
        self.addCleanup(engine.dispose)
        with engine.begin() as connection:
            result = connection.execute(statement)
            return result.scalar() if result.returns_rows else None

    def test_every_table_can_store_an_emoji(self):
        url = self.plugin.ini(self.plugin.conf)['database']['connection']

        self.assertEqual(
            'utf8mb4', self.execute(url, 'SELECT @@character_set_database')
        )
        self.assertEqual(
            0,
            self.execute(
                url,
                'SELECT COUNT(*) FROM information_schema.tables '
                'WHERE table_schema = DATABASE() '
                "AND table_collation NOT LIKE 'utf8mb4%'",
            ),
        )
