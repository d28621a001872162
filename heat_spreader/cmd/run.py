# SPDX-License-Identifier: Apache-2.0
"""heat-spreader run: API and engine, configured by heat-spreader.yaml.

The values of the file become the defaults of the options of oslo.config, so
that configuration files and the environment override them.
"""

import os
import socket

import alembic.util
import sqlalchemy as sa
from oslo_log import log as logging

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.api import auth
from heat_spreader.clouds import entry
from heat_spreader.cmd import supervisor
from heat_spreader.db import migration
from heat_spreader.db import session
from heat_spreader.engine import service as engine
from heat_spreader.standalone import commands
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


class Run(commands.Command):
    """Run the API and the engine until SIGTERM or SIGINT"""

    def get_parser(self, prog_name):
        parser = super().get_parser(prog_name)
        for option, what in (('file', 'file'), ('dir', 'directory')):
            parser.add_argument(
                f'--config-{option}',
                metavar='PATH',
                action='append',
                default=[],
                help=f'A configuration {what} of oslo.config, which overrides '
                'heat-spreader.yaml (repeat for several)',
            )
        return parser

    def take_action(self, parsed_args):
        settings = file.load(file.path(os.environ))
        file.check_server(settings)
        args = [f'--config-file={path}' for path in parsed_args.config_file]
        args += [f'--config-dir={path}' for path in parsed_args.config_dir]
        conf = configure(settings, args, os.environ)
        check_clouds(settings, conf)
        LOG.info('Read %s.', ', '.join([settings.path, *conf.config_file]))
        check_noauth_address(settings, conf)
        report.setup(conf)
        services = supervisor.Api(conf), engine.Engine(conf)
        check_address(conf.api.host, conf.api.port)
        prepare_database(conf)
        supervisor.supervise(conf, *services)


def configure(settings, args, environ):
    """Parse the configuration, and set up logging and the database.

    :raises ConfigurationInvalid: if an environment variable is invalid, or
        the log cannot be written
    :raises cfg.Error: if an option is invalid
    """
    conf = service.make_conf()
    for option, value in environment.log_options(environ).items():
        # oslo.config lets such a variable override every file.
        environ.setdefault(f'OS_DEFAULT__{option.upper()}', _literal(value))
    for group, options in _defaults(settings).items():
        for option, value in options.items():
            conf.set_default(option, value, group=group)
    try:
        service.prepare(conf, args, config_files=[])
    except exception.ConfigurationInvalid as exc:
        named = environ.get(environment.FILE)
        if not named or named not in str(exc):
            raise
        # The options are what became of the variable.
        problem = str(exc).removesuffix(exc.hint)
        raise exception.ConfigurationInvalid(
            problem, hint=f'The variable {environment.FILE} names it.'
        ) from None
    return conf


def _defaults(settings):
    """The values of the file, and the defaults of this command."""
    return {
        None: {'default_log_levels': environment.default_log_levels()},
        'api': {
            'auth_strategy': 'noauth',
            'host': settings.address,
            'port': settings.port,
        },
        'clouds': {'enabled': settings.clouds},
        'database': {'connection': _literal(_connection(settings))},
    }


def _connection(settings):
    """The URL of the database."""
    if settings.backend['type'] == 'database':
        return settings.backend['connection']
    return str(sa.URL.create('sqlite', database=settings.database))


def _literal(text):
    """The text as a value in which oslo.config substitutes no variables."""
    return text.replace('$', '$$')


def check_clouds(settings, conf):
    """Refuse a cloud without an entry in clouds.yaml.

    :raises ConfigurationInvalid: with the path and the key
    :raises CloudMisconfigured: if a clouds.yaml cannot be read
    """
    files = conf.clouds.config_files
    for index, name in enumerate(settings.clouds):
        if entry.path_of(name, files) is None:
            raise exception.ConfigurationInvalid(
                f"{settings.path}: clouds[{index}] is '{name}', which has no "
                f'entry in {entry.places(files)}. Entries: '
                f'{", ".join(sorted(entry.names(files))) or "none"}.'
            )


def check_noauth_address(settings, conf):
    """Refuse noauth on an address that other machines can reach.

    :raises ConfigurationInvalid: if the API would listen on one
    """
    try:
        auth.check_noauth_address(conf)
    except exception.ConfigurationInvalid as exc:
        raise exception.ConfigurationInvalid(
            f'{settings.path}: {exc} The host is server.address in this file; '
            'auth_strategy belongs in [api] of a --config-file.'
        ) from None


def check_address(host, port):
    """Refuse an address that the API cannot listen on.

    :raises ConfigurationInvalid: if it is in use, or not of this machine
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
            f'The API cannot listen on port {port} of {host}: {exc.strerror}.'
        ) from None


def prepare_database(conf):
    """Create or upgrade the tables.

    :raises ConfigurationInvalid: if the database cannot be used
    """
    try:
        url = sa.make_url(conf.database.connection)
    except sa.exc.ArgumentError:
        # The message of the exception may have the URL with its password.
        raise exception.ConfigurationInvalid(
            'The connection in [database] is not a URL of a database.'
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
    # The processes of the API and the engine make their own connections.
    session.get_engine().dispose()
