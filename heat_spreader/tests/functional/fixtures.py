# SPDX-License-Identifier: Apache-2.0
"""Fixtures of functional tests: configuration, database, tokens, API."""

import base64
import datetime
import json
import pathlib

import bcrypt
import fixtures
import webob
from keystoneauth1 import fixture as keystoneauth_fixture
from keystonemiddleware import fixture as keystone_fixture
from oslo_config import cfg
from oslo_config import fixture as config_fixture
from oslo_db import options as db_options
from oslo_middleware import cors
from oslo_middleware import http_proxy_to_wsgi

from heat_spreader import service
from heat_spreader import version
from heat_spreader.api import app
from heat_spreader.conf import clouds
from heat_spreader.conf import database_timeouts
from heat_spreader.conf import witnesses
from heat_spreader.db import migration
from heat_spreader.db import session
from heat_spreader.tests.functional import answers

PROJECT = 'project-one'
OTHER_PROJECT = 'project-two'
# Token: project and roles. Keystone adds the roles that a role implies.
PERSONAS = {
    'reader': (PROJECT, ['reader']),
    'member': (PROJECT, ['member', 'reader']),
    'admin': ('project-admin', ['admin', 'member', 'reader']),
    'other': (OTHER_PROJECT, ['member', 'reader']),
    'stranger': (PROJECT, ['auditor']),
    'service': ('project-service', ['service']),
}
LONG_AGO = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
# Cloud: the projects that may use it.
CLOUDS = {
    'east': ['*'],
    'north': [PROJECT],
    'vault': [],
    'west': ['*'],
}


def entry(user, password):
    """Return a line of a file of passwords, with the cheapest hash."""
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    return f'{user}:{hashed}\n'


def http_basic(path, user='ann', password='secret'):
    """Write a file of passwords; return the options of [api] that use it."""
    pathlib.Path(path).write_text(entry(user, password))
    pathlib.Path(path).chmod(0o600)
    return {
        'auth_strategy': 'http_basic',
        'http_basic_auth_user_file': str(path),
    }


def basic(user, password):
    """Return the header of a caller with a password."""
    pair = base64.b64encode(f'{user}:{password}'.encode()).decode()
    return {'Authorization': f'Basic {pair}'}


class Configuration(fixtures.Fixture):
    """``conf``, without files: groups of options, and clouds with projects.

    ``Configuration(api={'max_limit': 2}, projects={'east': ['*']})``
    """

    def __init__(self, projects=None, **groups):
        super().__init__()
        self.projects = CLOUDS if projects is None else projects
        self.groups = groups

    def _setUp(self):
        self.conf = service.make_conf()
        self._fixture = self.useFixture(config_fixture.Config(self.conf))
        # Middleware registers its options when it is made, which is too late
        # to set them.
        self.conf.register_opts(cors.OPTS, group='cors')
        self.conf.register_opts(
            http_proxy_to_wsgi.OPTS, group='oslo_middleware'
        )
        self.conf(
            [],
            project=version.PROJECT,
            default_config_files=[],
            default_config_dirs=[],
        )
        self.override('clouds', enabled=list(self.projects))
        clouds.register_cloud_opts(self.conf)
        for cloud, projects in self.projects.items():
            self.override(clouds.cloud_group(cloud), projects=projects)
        named = self.groups.get('health', {}).get('witnesses', [])
        self.override('health', witnesses=named)
        witnesses.register_witness_opts(self.conf)
        for group, options in self.groups.items():
            self.override(group, **options)

    def register(self, group, options):
        """Register options until the fixture is cleaned up."""
        self._fixture.register_opts(options, group=group)

    def override(self, group, **options):
        """Set options until the fixture is cleaned up."""
        self._fixture.config(group=group, **options)


class Connection(fixtures.Fixture):
    """A database URL behind heat_spreader.db, as it is, tables or none.

    :param timeouts: options of the group database_timeouts
    :param options: of the group database
    """

    def __init__(self, url, timeouts=None, **options):
        super().__init__()
        self.timeouts = timeouts or {}
        self.options = {'connection': url, **options}

    def _setUp(self):
        # A transaction context takes its configuration once, so there is a
        # new one, with what session.py attached to the first.
        root = session._CONTEXT
        self.addCleanup(root.patch_factory(root.make_new_manager()))
        conf = cfg.ConfigOpts()
        conf.register_opts(db_options.database_opts, group='database')
        conf([], default_config_files=[], default_config_dirs=[])
        for name, value in self.options.items():
            conf.set_override(name, value, 'database')
        database_timeouts.register_opts(conf)
        for name, value in self.timeouts.items():
            conf.set_override(name, value, database_timeouts.GROUP)
        session.configure(conf)
        self.addCleanup(session.get_engine().dispose)


class Database(fixtures.Fixture):
    """A database with every table behind heat_spreader.db: ``url``.

    It is an SQLite file where no other is given.
    """

    def __init__(self, url=None):
        super().__init__()
        self.url = url

    def _setUp(self):
        if self.url is None:
            directory = self.useFixture(fixtures.TempDir()).path
            self.url = f'sqlite:///{directory}/heat-spreader.sqlite'
        self.useFixture(Connection(self.url))
        migration.sync()


class Tokens(fixtures.Fixture):
    """Keystone tokens, each by the name of its persona.

    Those after the PERSONAS are in no project, or no longer valid.
    """

    def _setUp(self):
        self.keystone = self.useFixture(keystone_fixture.AuthTokenFixture())
        for persona, (project, roles) in PERSONAS.items():
            self.add(persona, roles, project)
        everything = ['admin', 'member', 'reader']
        self.add('unscoped', [])
        self.add('domain', everything).set_domain_scope('default', 'Default')
        self.add('system', everything).set_system_scope()
        self.add('expired', everything, PROJECT).expires = LONG_AGO

    def add(self, persona, roles, project=None):
        """Add a token, in a project unless that is None, and return it."""
        token = keystoneauth_fixture.V3Token(
            user_id=f'user-{persona}',
            user_name=persona,
            user_domain_id='default',
            user_domain_name='Default',
        )
        if project:
            token.set_project_scope(project, project, 'default', 'Default')
        for role in roles:
            token.add_role(name=role)
        self.keystone.add_token(token, persona)
        return token


class Api(fixtures.Fixture):
    """The WSGI ``application`` as it is served, over a database of its own.

    It takes what Configuration takes.
    """

    def __init__(self, **configuration):
        super().__init__()
        self._configuration = configuration

    def _setUp(self):
        self.configuration = self.useFixture(
            Configuration(**self._configuration)
        )
        self.conf = self.configuration.conf
        self.database = self.useFixture(Database())
        self.useFixture(Tokens())
        self.configuration.override(
            'keystone_authtoken',
            www_authenticate_uri='http://keystone.example.com/identity',
        )
        self.application = answers.Checked(app.make_app(self.conf))

    def request(self, method, path, body=None, token='member', headers=()):
        """Send a request in the process; a body that is not bytes is JSON."""
        request = webob.Request.blank(path, method=method)
        if token:
            request.headers['X-Auth-Token'] = token
        if body is not None:
            request.content_type = 'application/json'
            request.body = (
                body if isinstance(body, bytes) else json.dumps(body).encode()
            )
        request.headers.update(headers)
        return request.get_response(self.application)
