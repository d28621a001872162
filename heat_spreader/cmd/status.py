# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-status: whether all is ready for the code that is here."""

from oslo_service import backend

# Before the options of oslo.service are listed: it takes eventlet otherwise.
backend.init_backend(backend.BackendType.THREADING)

import os.path
import sys

from oslo_config import cfg
from oslo_log import log as logging
from oslo_upgradecheck import common_checks
from oslo_upgradecheck import upgradecheck

from heat_spreader import service
from heat_spreader import version
from heat_spreader.clouds import connection
from heat_spreader.cmd import config_files
from heat_spreader.conf import clouds
from heat_spreader.db import migration
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
_DONE = upgradecheck.Result(upgradecheck.Code.SUCCESS)


def _failure(details):
    return upgradecheck.Result(upgradecheck.Code.FAILURE, details)


def _warning(details):
    return upgradecheck.Result(upgradecheck.Code.WARNING, details)


class Checks(upgradecheck.UpgradeCommands):
    """What must be so before the programs are started with this code."""

    def __init__(self, conf):
        super().__init__()
        self.conf = conf

    def check_options(self):
        """Every value is right, and every option is one that is read."""
        clouds.register_cloud_opts(self.conf)
        try:
            # It reads them all, as the programs do when they start.
            self.conf.log_opt_values(LOG, logging.DEBUG)
        except (ValueError, cfg.Error) as exc:
            return _failure(str(exc))
        doubtful = config_files.doubtful(self.conf)
        return _warning(' '.join(doubtful)) if doubtful else _DONE

    def check_policy(self):
        """The policy file, if there is one, is YAML."""
        return common_checks.check_policy_json(self, self.conf)

    def check_database(self):
        """The tables are at the revision that the code is for."""
        try:
            session.configure(self.conf)
            problem = migration.find_problem()
        except session.ERRORS as exc:
            return _failure(
                f'The database {session.describe(self.conf)} cannot be used: '
                f'{session.reason(exc)}'
            )
        return _failure(problem) if problem else _DONE

    def check_clouds(self):
        """Every enabled cloud has an entry that can be used."""
        options = self.conf.clouds
        if not options.enabled:
            return _warning('No cloud is enabled: see enabled in [clouds].')
        if not any(map(os.path.exists, options.config_files)):
            return _warning(
                f'There is no {" nor ".join(options.config_files)} here. That '
                'is right where only the API runs; the engine needs it.'
            )
        invalid = connection.invalid_entries(options)
        return _failure(' '.join(invalid)) if invalid else _DONE

    _upgrade_checks = (
        ('Configuration', check_options),
        ('Policy', check_policy),
        ('Database', check_database),
        ('Clouds', check_clouds),
    )


def main(argv=None):
    """Run the checks and return the exit code."""
    conf = service.make_conf()
    try:
        return upgradecheck.main(
            conf,
            version.PROJECT,
            Checks(conf),
            argv=sys.argv[1:] if argv is None else argv,
        )
    except cfg.Error as exc:
        # Not one of the results: nothing could be looked at.
        print(f'heat-spreader-status: {exc}', file=sys.stderr)
        return 255


if __name__ == '__main__':
    sys.exit(main())
