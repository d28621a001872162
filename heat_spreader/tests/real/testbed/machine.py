# SPDX-License-Identifier: Apache-2.0
"""What everything in the testbed runs on: loopback ports and processes."""

import contextlib
import os
import socket

from heat_spreader.tests.real.testbed import process
from heat_spreader.tests.real.testbed import watchdog

ADDRESS = '127.0.0.1'


class Machine:
    """Reserves ports and starts processes; closing it ends them all."""

    def __init__(self):
        self._closing = contextlib.ExitStack()
        self._watchdog = watchdog.Watchdog()
        self._closing.callback(self._watchdog.close)

    def __enter__(self):
        return self

    def __exit__(self, *exc_info):
        self.close()

    def close(self):
        """End every process that is left and give the ports back."""
        self._closing.close()

    def reserve_port(self):
        """Find a free port that stays ours while nobody listens on it.

        The bound socket never listens, so a connection is refused; but a
        server that sets SO_REUSEADDR may bind the port as well, again and
        again, and the kernel gives it to nobody else in between.
        """
        place = self._closing.enter_context(socket.socket())
        place.bind((ADDRESS, 0))
        # After the bind: set before it, the port could be one that another
        # testbed reserved in the same way.
        place.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        return place.getsockname()[1]

    def process(self, name, command, log, url=None, environ=None):
        """Describe a process that ends with this machine."""
        described = process.Process(
            name,
            command,
            log,
            self._watchdog,
            url=url,
            environ=_environ(environ or {}),
        )
        self._closing.callback(described.kill)
        return described

    def run(self, name, command, log, environ=None):
        """Run a command to its end."""
        self.process(name, command, log, environ=environ).run()


def _environ(additions):
    # An openrc in the shell, or OS_GROUP__OPTION, would change the services.
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith('OS_')
    }
    return kept | additions
