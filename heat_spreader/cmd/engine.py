# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine: survey the clouds and reconcile the stacks."""

from oslo_service import backend

# Before anything else of oslo.service, which takes eventlet otherwise.
backend.init_backend(backend.BackendType.THREADING)

import sys

from oslo_config import cfg
from oslo_service import service as oslo_service

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.engine import service as engine


def main():
    """Run the engine until it is told to stop."""
    conf = service.make_conf()
    try:
        service.prepare(conf, sys.argv[1:])
        service.check_tables(conf)
        report.setup(conf)
        worker = engine.Engine(conf)
    except (cfg.Error, exception.HeatSpreaderException) as exc:
        # It is about what the operator gave: a line says it, no traceback.
        sys.exit(f'heat-spreader-engine: {exc}')
    launcher = oslo_service.launch(
        conf, worker, workers=1, restart_method='mutate'
    )
    sys.exit(launcher.wait())
