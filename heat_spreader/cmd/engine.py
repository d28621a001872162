# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine: survey the clouds and reconcile the stacks."""

from heat_spreader import threads

# Before the other imports.
threads.choose()

import sys

from oslo_config import cfg
from oslo_service import service as oslo_service

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.engine import service as engine


def main():
    """Run the engine until SIGTERM or SIGINT."""
    conf = service.make_conf()
    try:
        service.prepare(conf, sys.argv[1:])
        service.check_tables(conf)
        report.setup(conf)
        worker = engine.Engine(conf)
    except (cfg.Error, exception.HeatSpreaderException) as exc:
        # A mistake of the operator is reported in one line.
        sys.exit(f'heat-spreader-engine: {exc}')
    launcher = oslo_service.launch(
        conf,
        worker,
        workers=conf.engine.workers,
        restart_method='mutate',
    )
    sys.exit(launcher.wait())
