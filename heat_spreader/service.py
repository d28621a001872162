# SPDX-License-Identifier: Apache-2.0
"""Start-up shared by every process: configuration, logging, database."""

import pathlib

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log as logging
from oslo_reports import opts as report_opts

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import json_log
from heat_spreader import secret_files
from heat_spreader import version
from heat_spreader.conf import clouds
from heat_spreader.conf import opts
from heat_spreader.conf import witnesses
from heat_spreader.db import migration
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
LOG_LEVELS = [
    *logging.get_default_log_levels(),
    # The survey reports an unreachable cloud once; keystoneauth would do so in
    # every survey.
    'keystoneauth.identity=ERROR',
    # It logs each look at the revision of the tables.
    'alembic=WARNING',
    # It logs a traceback for a connection that is lost just before it goes
    # back to the pool; db/outages.py logs the outage.
    'sqlalchemy.pool=CRITICAL',
]
# Threads of an engine besides those of stacks and of surveys: the heartbeat,
# the search for what is due, the metrics, and the deletion of old events.
_TIMERS = 4
DEFAULT_DATABASE = 'sqlite:////var/lib/heat-spreader/heat-spreader.sqlite'


def set_defaults():
    """Set our defaults of the options of oslo.db and oslo.log."""
    cfg.set_defaults(
        db_options.database_opts,
        connection=DEFAULT_DATABASE,
        # Otherwise oslo.db blocks every caller for minutes while the database
        # is unavailable.
        max_retries=0,
    )
    logging.set_defaults(
        logging_context_format_string=context.LOG_FORMAT,
        default_log_levels=LOG_LEVELS,
    )


def make_conf():
    """Register every option; nothing is parsed yet.

    The configuration is the global one, in which keystonemiddleware,
    oslo.middleware and oslo.service look for their options.
    """
    conf = cfg.CONF
    logging.register_options(conf)
    set_defaults()
    conf.register_opts(db_options.database_opts, group='database')
    report_opts.set_defaults(conf)
    opts.register_opts(conf)
    return conf


def prepare(conf, args, config_files=None):
    """Parse the configuration, and set up logging and the database."""
    secret_files.protect_new_ones()
    conf(
        args,
        project=version.PROJECT,
        version=version.installed(),
        default_config_files=config_files,
    )
    clouds.register_cloud_opts(conf)
    witnesses.register_witness_opts(conf)
    witnesses.check(conf)
    _set_up_log(conf)
    # This reads every option, so that an invalid value stops the start and
    # not the first request that needs it.
    conf.set_default('max_pool_size', count_connections(conf), 'database')
    conf.log_opt_values(LOG, logging.DEBUG)
    session.configure(conf)
    return conf


def _set_up_log(conf):
    """Begin to log as the options say.

    :raises ConfigurationInvalid: if the file cannot be written
    """
    try:
        logging.setup(conf, version.PROJECT, version.installed())
    except OSError as exc:
        raise exception.ConfigurationInvalid(
            f'The log file {exc.filename} cannot be written: {exc.strerror}.',
            hint='Correct log_file or log_dir in [DEFAULT].',
        ) from None
    json_log.install()


def config_paths(conf):
    """The paths of the configuration files that were read."""
    folders = [pathlib.Path(folder) for folder in conf.config_dir or ()]
    return [
        *conf.config_file,
        *(
            path
            for folder in folders
            for path in sorted(folder.glob('*.conf'))
        ),
    ]


def count_connections(conf):
    """How many threads of one process may use the database at once.

    Each uses one connection at a time. A pool opens them as they are needed,
    so the size for an engine is no waste in the API.
    """
    surveys = len(conf.clouds.enabled)
    return max(conf.api.threads, conf.engine.threads + surveys + _TIMERS)


def check_tables(conf):
    """Refuse to start with the tables of another version.

    A program may start before its database. The tables are then checked
    before they are used for the first time, and not used if they are wrong.

    :raises ConfigurationInvalid: if they are, or the URL is not valid
    """
    try:
        problem = migration.find_problem()
        # The processes that are started later make their own connections.
        session.get_engine().dispose()
    except session.UNAVAILABLE:
        session.check_first(migration.find_problem)
        return
    except session.ERRORS as exc:
        problem = f'It cannot be used: {session.reason(exc)}'
    if problem:
        raise exception.ConfigurationInvalid(
            f'The database {session.describe(conf)}: {problem}'
        )


def reload(conf):
    """Read the configuration files again, for the options that may change.

    oslo.config logs what cannot be changed without a restart.
    """
    try:
        conf.mutate_config_files()
    except (cfg.Error, ValueError) as exc:
        LOG.error('The configuration stays as it is: %s', exc)
    else:
        LOG.info('The configuration has been read again.')
