# SPDX-License-Identifier: Apache-2.0
"""``heat_spreader.wsgi.api:application``, for uWSGI, mod_wsgi and gunicorn.

OS_HEAT_SPREADER_CONFIG_FILES names the configuration files, with ``:`` or
``;`` between them. Without it they are looked for where oslo.config does:
heat-spreader.conf in ~/.heat-spreader, ~, /etc/heat-spreader and /etc.
"""

import os
import re

from heat_spreader import report
from heat_spreader import service
from heat_spreader.api import app

CONFIG_FILES = 'OS_HEAT_SPREADER_CONFIG_FILES'


def config_files(environ):
    """The configuration files that the environment names, None for none."""
    named = re.split('[:;]', environ.get(CONFIG_FILES, ''))
    return [path.strip() for path in named if path.strip()] or None


def make_application():
    """Start up as any process does, without a command line."""
    conf = service.make_conf()
    # The command line is the web server's.
    service.prepare(conf, [], config_files(os.environ))
    report.setup(conf, on_signal=False)
    return app.make_app(conf)


# The lock is that of the import: threads that import this at once wait for one
# of them to make it.
application = make_application()
