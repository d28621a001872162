# SPDX-License-Identifier: Apache-2.0
"""heat-spreader run: API and engine, set up by heat-spreader.yaml.

What the file says becomes the defaults of oslo.config's options, so that the
configuration files and the environment win over it.
"""

import os
import socket

import alembic.util
import sqlalchemy as sa
from cliff import command
from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.api import auth
from heat_spreader.cmd import supervisor
from heat_spreader.db import migration
from heat_spreader.db import session
from heat_spreader.engine import service as engine
from heat_spreader.standalone import environment
from heat_spreader.standalone import file

LOG = logging.getLogger(__name__)
# ImportError: a driver is installed, but cannot be loaded.
_DATABASE_ERRORS = (
    *session.ERRORS,
    ImportError,
    OSError,
    alembic.util.CommandError,
)


class Run(command.Command):
    """Run the API and the engine until SIGTERM or SIGINT"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        for option, what in (('file', 'file'), ('dir', 'directory of files')):
            parser.add_argument(
                f'--config-{option}',
                metavar='PATH',
                action='append',
                default=[],
                help=f'A configuration {what} of oslo.config, which wins '
                'over heat-spreader.yaml (repeat for several)',
            )
        return parser

    def take_action(self, parsed_args):
        settings = file.load(file.path(os.environ))
        file.check_server(settings)
        args = [f'--config-file={path}' for path in parsed_args.config_file]
        args += [f'--config-dir={path}' for path in parsed_args.config_dir]
        conf = configure(settings, args, os.environ)
        file.check_clouds(settings, conf.clouds.config_files)
        LOG.info('Read %s.', ', '.join([settings.path, *conf.config_file]))
        check_noauth_address(settings, conf)
        report.setup(conf)
        halves = supervisor.Api(conf), engine.Engine(conf)
        check_address(conf.api.host, conf.api.port)
        prepare_database(conf)
        supervisor.supervise(conf, *halves)


def configure(settings, args, environ):
    """The configuration, parsed, with logging and the database set up.

    :raises ConfigurationInvalid: if a variable is not right
    :raises cfg.Error: if an option is not
    """
    conf = service.make_conf()
    for option, value in environment.log_options(environ).items():
        # So oslo.config knows it: a variable wins over every file.
        environ.setdefault(f'OS_DEFAULT__{option.upper()}', _literal(value))
    for group, options in _defaults(settings, environ).items():
        for option, value in options.items():
            conf.set_default(option, value, group=group)
    service.prepare(conf, args, config_files=[])
    return conf


def _defaults(settings, environ):
    """What the file says, and what differs here from the other programs."""
    return {
        None: {'default_log_levels': environment.default_log_levels()},
        'api': {
            'auth_strategy': 'noauth',
            'host': settings.address,
            'port': settings.port,
        },
        'clouds': {
            'enabled': settings.clouds,
            'config_files': file.clouds_yaml_files(settings, environ),
        },
        'database': {'connection': _literal(_connection(settings))},
    }


def _connection(settings):
    """The URL of the database."""
    if settings.backend['type'] == 'database':
        return settings.backend['connection']
    return str(sa.URL.create('sqlite', database=settings.database))


def _literal(text):
    """The text as a value in which oslo.config substitutes nothing."""
    return text.replace('$', '$$')


def check_noauth_address(settings, conf):
    """Refuse to let everybody in from everywhere.

    :raises ConfigurationInvalid: if noauth is set for such an address
    """
    try:
        auth.check_noauth_address(conf)
    except exception.ConfigurationInvalid as exc:
        raise exception.ConfigurationInvalid(
            f'{settings.path}: {exc} The host is server.address there; '
            'auth_strategy goes into [api] of a --config-file.'
        ) from None


def check_address(host, port):
    """Refuse an address that nothing can listen on.

    :raises ConfigurationInvalid: if it is taken or not of this machine
    """
    try:
        family, kind, *_, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM
        )[0]
        with socket.socket(family, kind) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except OSError as exc:
        raise exception.ConfigurationInvalid(
            f'Nothing can listen on port {port} of {host}: {exc.strerror}.'
        ) from None


def prepare_database(conf):
    """Make the tables, or bring them up to date.

    :raises ConfigurationInvalid: if the database cannot be used
    """
    try:
        url = sa.make_url(conf.database.connection)
    except sa.exc.ArgumentError:
        # Its own words may be the URL, with the password in it.
        raise exception.ConfigurationInvalid(
            'The connection of the database is not the URL of one.'
        ) from None
    try:
        _migrate(url)
    except _DATABASE_ERRORS as exc:
        raise exception.ConfigurationInvalid(
            f'The database {url.render_as_string()} cannot be used: '
            f'{session.reason(exc)}'
        ) from None


def _migrate(url):
    if url.drivername == 'sqlite' and url.database:
        folder = os.path.dirname(url.database)
        os.makedirs(folder, mode=0o700, exist_ok=True)
    before = migration.version()
    if migration.is_newer(before):
        raise exception.ConfigurationInvalid(migration.find_problem())
    migration.sync()
    if before != migration.head():
        LOG.info('The database is now at revision %s.', migration.head())
    # Each half makes connections of its own.
    session.get_engine().dispose()
