# SPDX-License-Identifier: Apache-2.0
"""Serve Keystone's WSGI application; runs in the clouds' environment.

The port is the argument, the configuration is named by
OS_KEYSTONE_CONFIG_DIR and OS_KEYSTONE_CONFIG_FILES.
"""

# ruff: noqa: E402
import sys

import serving

# Off the command line before the import: Keystone reads what is left there.
PORT = int(sys.argv.pop())

from keystone.wsgi import api

if __name__ == '__main__':
    serving.serve(api.application, PORT)
