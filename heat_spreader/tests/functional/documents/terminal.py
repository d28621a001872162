# SPDX-License-Identifier: Apache-2.0
"""A terminal whose commands run in this process, on emulated clouds."""

import datetime
import importlib.metadata
import os
import pathlib
import runpy
import shlex
import urllib.parse

import fixtures
import yaml
from heatclient.osc import plugin as heat_plugin
from osc_lib import clientmanager

from heat_spreader import context
from heat_spreader.api import app
from heat_spreader.cmd import standalone
from heat_spreader.db import models
from heat_spreader.tests.functional.documents import pages
from heat_spreader.tests.functional.emulator import cloud as emulator
from heat_spreader.tests.functional.engine import base
from heat_spreader.tests.functional.osc import fixtures as osc_fixtures
from heat_spreader.tests.unit.sdk import fixtures as sdk_fixtures

NAMES = base.NAMES


class Terminal(osc_fixtures.Shell):
    """80 columns, and a home with a clouds.yaml and the template.

    ``home`` is the working directory, too.
    """

    def _setUp(self):
        super()._setUp()
        self._set('COLUMNS', str(pages.WIDTH))
        # On a terminal the log of the service is elsewhere.
        self.useFixture(fixtures.FakeLogger('heat_spreader'))
        self._set('HEAT_SPREADER_CONFIG_FILE', None)
        self.home = pathlib.Path(os.environ['HOME'])
        self.folder = self.home / '.config' / 'openstack'
        self.folder.mkdir(parents=True)
        os.unlink(os.environ['OS_CLIENT_CONFIG_FILE'])
        self.clouds_yaml = self.folder / 'clouds.yaml'
        # openstacksdk looked for the home when it was imported.
        self._set('OS_CLIENT_CONFIG_FILE', str(self.clouds_yaml))
        template = pages.DOCUMENTS / 'user' / 'workers.yaml'
        (self.home / template.name).write_text(template.read_text())
        self.addCleanup(os.chdir, os.getcwd())
        os.chdir(self.home)

    def _set(self, name, value):
        self.useFixture(fixtures.EnvironmentVariable(name, value))

    def write_yaml(self, content, url):
        """Write heat-spreader.yaml, with the address of the server."""
        parts = urllib.parse.urlsplit(url)
        server = {'address': parts.hostname, 'port': parts.port}
        content = yaml.safe_load(content) | {'server': server}
        path = self.folder / 'heat-spreader.yaml'
        path.write_text(yaml.safe_dump(content))

    def type(self, line):
        """Type a command; return what it shows. It must succeed."""
        program, *words = shlex.split(line, comments=True)
        run = {
            'export': self._export,
            'heat-spreader': self._standalone,
            'openstack': self._openstack,
            'pip': self._pip,
            'python': self._python,
        }[program]
        status, out, err = run(*words)
        # Progress is shown before the result.
        shown = '\n'.join(map(pages.fold, f'{err}{out}'.splitlines()))
        if status:
            raise pages.Failed(line, shown)
        return shown

    def _openstack(self, *words):
        # As the client of our own plugin, this one is kept in a process.
        clientmanager.ClientManager.orchestration = clientmanager.ClientCache(
            heat_plugin.make_client
        )
        return self.run(*words)

    def _standalone(self, *words):
        return osc_fixtures.capture(standalone.main, list(words))

    def _export(self, assignment):
        name, _, value = assignment.partition('=')
        self._set(name, value)
        return osc_fixtures.Result(0, '', '')

    def _python(self, name):
        """Run a program of the user guide."""
        path = pages.DOCUMENTS / 'user' / name
        return osc_fixtures.capture(
            lambda _: runpy.run_path(str(path)) and 0, []
        )

    def _pip(self, command, *packages):
        """Install nothing: what is named must be installed already."""
        for package in packages:
            if package != '.':
                importlib.metadata.distribution(package)
        return osc_fixtures.Result(0, '', '')


class Clock(sdk_fixtures.Clock):
    """Also the time of the lines that --wait prints."""

    def _setUp(self):
        super()._setUp()
        self.useFixture(
            fixtures.MonkeyPatch('heat_spreader.osc.command.time', self)
        )

    def monotonic(self):
        return self.now


class TerminalTestCase(base.EngineTestCase):
    """A user with three clouds and a Heat Spreader that is ``home``.

    The engine takes a step whenever a command goes to sleep.
    """

    counts = (0, 0, 0)
    # Nothing here is about a cloud that does not answer.
    timeout = 30.0

    def setUp(self):
        super().setUp()
        with context.for_engine() as ctx:
            # A test may take longer than an engine may be silent.
            later = models.utcnow() + datetime.timedelta(days=1)
            osc_fixtures.add_engine(ctx, later)
        self.url = self.useFixture(
            osc_fixtures.Http(app.make_app(self.configuration.conf))
        ).url
        self.terminal = self.useFixture(Terminal())
        entries = {
            name: each.clouds_yaml_entry()
            for name, each in self.clouds.items()
        }
        entries['home'] = {'auth_type': 'none', 'auth': {'endpoint': self.url}}
        emulator.write_entries(self.terminal.clouds_yaml, entries)
        self.useFixture(Clock(self.step))
        self.engine.survey()

    def more_options(self):
        return {'api': {'auth_strategy': 'noauth'}}

    def type(self, line):
        """Type a command; return what it shows."""
        return self.terminal.type(line)

    def step(self):
        """What happens in a survey interval."""
        self.finish()
        self.engine.turn()

    def everything(self):
        """Let the engine do all that it wants to do."""
        for _ in range(4):
            self.step()

    def workers(self):
        """The counts of the stack of the guides in athens, berlin, cairo."""
        return tuple(
            each.stack('workers').count for each in self.clouds.values()
        )
