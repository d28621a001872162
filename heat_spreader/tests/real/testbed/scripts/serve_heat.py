# SPDX-License-Identifier: Apache-2.0
"""Serve Heat's API and engine; runs in the clouds' environment.

The arguments are the configuration file and the port. One process, since the
in-memory transport between API and engine ends at its border.
"""

# ruff: noqa: E402
import sys
import time

from oslo_service import backend

# Before any import that would choose eventlet.
backend.init_backend(backend.BackendType.THREADING)

import serving
from heat.common import config
from heat.common import context
from heat.common import messaging
from heat.engine import service
from heat.engine import template
from heat.objects import stack as stacks
from heat.rpc import api as rpc_api
from oslo_config import cfg
from oslo_log import log as logging


def configure(config_file):
    """Read the configuration in the order in which Heat's commands do."""
    logging.register_options(cfg.CONF)
    cfg.CONF(
        ['--config-file', config_file],
        project='heat',
        prog='heat-api',
        default_config_dirs=[],
    )
    logging.setup(cfg.CONF, 'heat')
    config.set_config_defaults()
    messaging.setup()
    config.startup_sanity_check()
    template._get_template_extension_manager()


def finish(seconds=10):
    """Wait for the stacks in progress: their messages end with us.

    A broker would keep them, and the next engine would continue there.
    """
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and stacks.Stack.count_all(
        context.get_admin_context(),
        filters={'status': 'IN_PROGRESS'},
        show_nested=True,
    ):
        time.sleep(0.1)


def main():
    """Serve until SIGTERM."""
    config_file, port = sys.argv[1:]
    configure(config_file)
    engine = service.EngineService(cfg.CONF.host, rpc_api.ENGINE_TOPIC)
    engine.start()
    try:
        serving.serve(config.load_paste_app(), int(port))
    finally:
        finish()
        engine.stop()


if __name__ == '__main__':
    main()
