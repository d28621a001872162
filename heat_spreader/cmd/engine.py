# SPDX-License-Identifier: Apache-2.0
"""heat-spreader-engine: survey the clouds and reconcile the stacks."""

from oslo_service import backend

# Before anything else of oslo.service, which takes eventlet otherwise.
backend.init_backend(backend.BackendType.THREADING)

import sys

from oslo_service import service as oslo_service

from heat_spreader import service
from heat_spreader.engine import service as engine


def main():
    """Run the engine until it is told to stop."""
    conf = service.prepare(service.make_conf(), sys.argv[1:])
    launcher = oslo_service.launch(
        conf, engine.Engine(conf), workers=1, restart_method='mutate'
    )
    sys.exit(launcher.wait())
