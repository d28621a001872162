# SPDX-License-Identifier: Apache-2.0
"""The real API on a loopback port, and the real openstack shell."""

import collections
import contextlib
import datetime
import io
import logging
import os
import pathlib
import threading
import warnings

import fixtures
from openstackclient import shell
from osc_lib import clientmanager
from oslo_config import cfg

from heat_spreader import context
from heat_spreader.api import webserver
from heat_spreader.conf import api
from heat_spreader.db import models
from heat_spreader.db import session
from heat_spreader.osc import plugin
from heat_spreader.tests.functional import fixtures as server

Result = collections.namedtuple('Result', 'status out err')


@session.writer
def add_engine(ctx, heartbeat_at):
    """Let there be an engine that wrote its last heartbeat at a time."""
    ctx.session.add(
        models.Engine(
            id='one',
            host='host',
            version='1',
            started_at=heartbeat_at,
            heartbeat_at=heartbeat_at,
        )
    )


class Served(fixtures.Fixture):
    """The API at ``url``; takes what the fixture Api takes."""

    def __init__(self, **configuration):
        super().__init__()
        self._configuration = configuration

    def _setUp(self):
        self.api = self.useFixture(server.Api(**self._configuration))
        # Without one, the commands say that nothing works. A test may take
        # longer than an engine may be silent.
        with context.for_engine() as ctx:
            add_engine(ctx, models.utcnow() + datetime.timedelta(days=1))
        self.url = self.useFixture(Http(self.api.application)).url


class Http(fixtures.Fixture):
    """A WSGI application at ``url``, in a thread of this process."""

    def __init__(self, application):
        super().__init__()
        self._application = application

    def _setUp(self):
        for name in ('heat_spreader.api', 'keystonemiddleware'):
            self._keep_to_itself(logging.getLogger(name))
        conf = cfg.ConfigOpts()
        api.register_opts(conf)
        conf([], default_config_files=[])
        conf.set_override('port', 0, api.GROUP)
        served = webserver.Server(self._application, conf.api, max_body=2**20)
        self.url = f'http://127.0.0.1:{served.effective_port}'
        thread = threading.Thread(target=served.serve, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        self.addCleanup(served.stop)

    def _keep_to_itself(self, logger):
        # In one process with the shell, it would log to the user's console.
        logger.propagate = False
        self.addCleanup(setattr, logger, 'propagate', True)
        silent = logging.NullHandler()
        logger.addHandler(silent)
        self.addCleanup(logger.removeHandler, silent)


class Shell(fixtures.Fixture):
    """The openstack command in this process, always with the same options.

    Neither a variable nor a clouds.yaml of the machine is read.
    """

    def __init__(self, *options):
        super().__init__()
        self.options = options

    def _setUp(self):
        for name in os.environ:
            if name.startswith('OS_'):
                self.useFixture(fixtures.EnvironmentVariable(name))
        home = self.useFixture(fixtures.TempHomeDir()).path
        config_file = pathlib.Path(home, 'clouds.yaml')
        config_file.write_text('clouds: {}\n')
        self.useFixture(
            fixtures.EnvironmentVariable(
                'OS_CLIENT_CONFIG_FILE', str(config_file)
            )
        )

    def run(self, *words):
        """Run a command; return its exit status and output."""
        # The shell keeps the client of the first command of a process.
        clientmanager.ClientManager.multicloud = clientmanager.ClientCache(
            plugin.make_client
        )
        # The shell takes the outputs when it is made.
        return capture(
            lambda arguments: shell.OpenStackShell().run(arguments),
            [*self.options, *words],
        )


def capture(main, words):
    """Run a program in this process; return its exit status and output."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _fresh_logging(),
        warnings.catch_warnings(),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            status = main(words)
        except SystemExit as exc:
            # The help ends without a status, which is 0.
            status = exc.code or 0
    return Result(status, out.getvalue(), err.getvalue())


@contextlib.contextmanager
def _fresh_logging():
    """Give the root logger no handlers, as in a process of its own."""
    root = logging.getLogger()
    handlers, level, root.handlers = root.handlers, root.level, []
    try:
        yield
    finally:
        root.handlers = handlers
        root.setLevel(level)
