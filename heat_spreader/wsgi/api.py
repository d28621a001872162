# SPDX-License-Identifier: Apache-2.0
"""``heat_spreader.wsgi.api:application``, for uWSGI, mod_wsgi and gunicorn.

OS_HEAT_SPREADER_CONFIG_FILES names the configuration files, separated by
``:`` or ``;``. Without it oslo.config searches heat-spreader.conf in
~/.heat-spreader, ~, /etc/heat-spreader and /etc.
"""

import os
import re

from oslo_config import cfg

from heat_spreader import exception
from heat_spreader import report
from heat_spreader import service
from heat_spreader.api import app
from heat_spreader.api import metrics

CONFIG_FILES = 'OS_HEAT_SPREADER_CONFIG_FILES'


def config_files(environ):
    """The configuration files that the environment names, None without."""
    named = re.split('[:;]', environ.get(CONFIG_FILES, ''))
    return [path.strip() for path in named if path.strip()] or None


def make_application():
    """Start like the other processes, without a command line."""
    conf = service.make_conf()
    # The command line is that of the web server.
    try:
        service.prepare(conf, [], config_files(os.environ))
    except cfg.ConfigFilesNotFoundError as exc:
        raise exception.ConfigurationInvalid(
            f'{CONFIG_FILES} names files that cannot be used: {exc}'
        ) from None
    service.check_tables(conf)
    report.setup(conf, on_signal=False)
    application = app.make_app(conf)
    if not conf.metrics.enabled:
        return application
    exposition = metrics.make_exposition(conf)

    def call(environ, start_response):
        # Not before the first request: most web servers fork after they have
        # loaded this module, and a fork has no threads.
        exposition.start()
        return application(environ, start_response)

    return call


# The lock of the import makes threads that import this at the same time wait
# for one application.
application = make_application()
