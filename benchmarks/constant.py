# SPDX-License-Identifier: Apache-2.0
"""The floor of the API: its web server with an application that does nothing.

python -m benchmarks.constant PORT
"""

import sys

from oslo_config import cfg

from heat_spreader.api import webserver
from heat_spreader.conf import api

_BODY = b'{}'


def _application(environ, start_response):
    start_response(
        '200 OK',
        [
            ('Content-Type', 'application/json'),
            ('Content-Length', str(len(_BODY))),
        ],
    )
    return [_BODY]


def main(port):
    """Serve with the options that the API has by default."""
    conf = cfg.ConfigOpts()
    api.register_opts(conf)
    conf([], default_config_files=[])
    conf.set_override('port', port, api.GROUP)
    webserver.Server(_application, conf.api, max_body=0).serve()


if __name__ == '__main__':
    main(int(sys.argv[1]))
