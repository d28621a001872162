# SPDX-License-Identifier: Apache-2.0
"""Loopback ports and processes of the testbed."""

import contextlib

from heat_spreader.tests import process
from heat_spreader.tests.real.testbed import watchdog

ADDRESS = '127.0.0.1'


class _WatchedProcess(process.Process):
    """A process that the watchdog ends if this one cannot."""

    def __init__(self, own_watchdog, *arguments, **options):
        super().__init__(*arguments, **options)
        self._watchdog = own_watchdog

    def launch(self):
        super().launch()
        self._watchdog.watch(self.pid)

    def kill(self):
        group = self.pid
        super().kill()
        if group:
            self._watchdog.forget(group)


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
        """Return the number of a port that is reserved until the end."""
        return self._closing.enter_context(process.Port()).number

    def process(self, name, command, log, url=None, environ=None):
        """Describe a process that ends with this machine."""
        return self._closing.enter_context(
            _WatchedProcess(
                self._watchdog,
                *(command, log, name, url),
                env=process.environ(**(environ or {})),
            )
        )

    def run(self, name, command, log):
        """Run a command to its end; it must succeed."""
        self.process(name, command, log).run()
