# SPDX-License-Identifier: Apache-2.0
"""Start-up shared by every process: configuration, logging, database."""

from oslo_config import cfg
from oslo_db import options as db_options
from oslo_log import log as logging
from oslo_reports import opts as report_opts

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import version
from heat_spreader.conf import clouds
from heat_spreader.conf import opts
from heat_spreader.db import migration
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
DEFAULT_DATABASE = 'sqlite:////var/lib/heat-spreader/heat-spreader.sqlite'


def set_defaults():
    """Set what the options of oslo.db and oslo.log default to here."""
    cfg.set_defaults(
        db_options.database_opts,
        connection=DEFAULT_DATABASE,
        # Else oslo.db holds whoever comes first, and all that come after,
        # for minutes where the database is away.
        max_retries=0,
    )
    logging.set_defaults(
        logging_context_format_string=context.LOG_FORMAT,
        # A cloud that cannot be reached is said once, by the survey that finds
        # out, not by keystoneauth in each.
        default_log_levels=[
            *logging.get_default_log_levels(),
            'keystoneauth.identity=ERROR',
            # It logs each look at the revision of the tables.
            'alembic=WARNING',
        ],
    )


def make_conf():
    """A configuration with every option registered and nothing parsed.

    It is the global one: keystonemiddleware, oslo.middleware and
    oslo.service look for their options there.
    """
    conf = cfg.CONF
    logging.register_options(conf)
    set_defaults()
    conf.register_opts(db_options.database_opts, group='database')
    report_opts.set_defaults(conf)
    opts.register_opts(conf)
    return conf


def prepare(conf, args, config_files=None):
    """Parse the configuration, start logging and point at the database."""
    conf(
        args,
        project=version.PROJECT,
        version=version.installed(),
        default_config_files=config_files,
    )
    clouds.register_cloud_opts(conf)
    logging.setup(conf, version.PROJECT)
    # It reads every option: a value that is wrong ends the start, and not
    # whoever reads it first.
    conf.log_opt_values(LOG, logging.DEBUG)
    session.configure(conf)
    return conf


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
