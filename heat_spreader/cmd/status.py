# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-status: checks before the programs start with new code."""

from heat_spreader import threads

# Before the other imports.
threads.choose()

import datetime
import os.path
import sys

from oslo_config import cfg
from oslo_log import log as logging
from oslo_upgradecheck import common_checks
from oslo_upgradecheck import upgradecheck

from heat_spreader import context
from heat_spreader import exception
from heat_spreader import secret_files
from heat_spreader import service
from heat_spreader import version
from heat_spreader.clouds import check
from heat_spreader.clouds import entry
from heat_spreader.cmd import config_files
from heat_spreader.conf import clouds
from heat_spreader.conf import witnesses
from heat_spreader.db import engines
from heat_spreader.db import migration
from heat_spreader.db import session

LOG = logging.getLogger(__name__)
# What only our configuration explains; the others are outages.
_OURS = (exception.CloudMisconfigured, exception.CloudUnauthorized)
_DONE = upgradecheck.Result(upgradecheck.Code.SUCCESS)


def _failure(details):
    return upgradecheck.Result(upgradecheck.Code.FAILURE, details)


def _warning(details):
    return upgradecheck.Result(upgradecheck.Code.WARNING, details)


class Checks(upgradecheck.UpgradeCommands):
    """The checks before the programs are started with this code."""

    def __init__(self, conf):
        super().__init__()
        self.conf = conf

    def check_options(self):
        """Every value is valid, and no option is unknown or deprecated."""
        clouds.register_cloud_opts(self.conf)
        witnesses.register_witness_opts(self.conf)
        try:
            # This reads all of them, as the programs do when they start.
            witnesses.check(self.conf)
            self.conf.log_opt_values(LOG, logging.DEBUG)
        except (
            ValueError,
            cfg.Error,
            exception.ConfigurationInvalid,
        ) as exc:
            return _failure(str(exc))
        found = [
            *config_files.unknown_or_deprecated(self.conf),
            *witnesses.remarks(self.conf),
        ]
        return _warning(' '.join(found)) if found else _DONE

    def check_files(self):
        """Not everyone can read the files with passwords."""
        found = secret_files.exposed(
            [
                *service.config_paths(self.conf),
                *entry.secret_paths(self.conf.clouds.config_files),
                self.conf.api.http_basic_auth_user_file,
            ]
        )
        return _warning(' '.join(found)) if found else _DONE

    def check_policy(self):
        """The policy file, if there is one, is not JSON."""
        return common_checks.check_policy_json(self, self.conf)

    def check_database(self):
        """The tables are at the revision that the code needs."""
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
        """Every enabled cloud can be used as it is configured."""
        options = self.conf.clouds
        if not options.enabled:
            return _warning('No cloud is enabled: set enabled in [clouds].')
        if not any(map(os.path.exists, entry.paths(options.config_files))):
            return _warning(
                'This host has no clouds.yaml. Only the engine needs it, not '
                'the API.'
            )
        errors = [
            report.error
            for report in check.check(options.enabled, options)
            if report.error
        ]
        details = ' '.join(map(str, errors))
        if any(isinstance(error, _OURS) for error in errors):
            return _failure(details)
        return _warning(details) if errors else _DONE

    def check_engines(self):
        """At least one engine is alive."""
        try:
            with context.for_engine() as ctx:
                running, now = engines.get_all(ctx)
        except session.ERRORS:
            return _warning('The database has no list of the engines.')
        timeout = datetime.timedelta(
            seconds=self.conf.engine.heartbeat_timeout
        )
        if any(now - row.heartbeat_at < timeout for row, *_ in running):
            return _DONE
        return _warning(
            'No engine is alive: the clouds are not surveyed and nothing is '
            'changed. That is expected during an upgrade; otherwise start '
            'heat-spreader-engine.'
        )

    _upgrade_checks = (
        ('Configuration', check_options),
        ('Files', check_files),
        ('Policy', check_policy),
        ('Database', check_database),
        ('Clouds', check_clouds),
        ('Engines', check_engines),
    )


def main(argv=None):
    """Run the checks and return the exit code."""
    conf = service.make_conf()
    # The checks report it themselves.
    logging.getLogger('keystoneauth').logger.setLevel('CRITICAL')
    try:
        return upgradecheck.main(
            conf,
            version.PROJECT,
            Checks(conf),
            argv=sys.argv[1:] if argv is None else argv,
        )
    except cfg.Error as exc:
        # Not one of the results: nothing could be checked.
        print(f'heat-spreader-status: {exc}', file=sys.stderr)
        return 255
    except KeyboardInterrupt:
        # As a shell reports a program that SIGINT has ended.
        return 130


if __name__ == '__main__':
    sys.exit(main())
